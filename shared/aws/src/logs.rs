//! Logs: one JSON object a line on standard output, where Lambda collects them.

use tracing_subscriber::EnvFilter;

/// Starts logging at `level` (`error`, `warn`, `info`, `debug`). The libraries below us speak up
/// only in case of trouble: what they log at finer levels holds requests, and those hold payloads.
pub fn start(level: &str) {
    let filter = EnvFilter::new(format!("warn,aws={level},event_processor={level},status_query={level},local={level}"));
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}
