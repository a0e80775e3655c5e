//! Logs: one JSON object a line.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// The crates that log at the level that was asked for.
const OURS: [&str; 14] = [
    "api",
    "aws",
    "domain",
    "dynamodb",
    "event_processor",
    "formats",
    "lambda",
    "local",
    "login",
    "publisher",
    "recorder",
    "secrets",
    "status_query",
    "store",
];

/// Starts logging at `level` (`error`, `warn`, `info`, `debug`) to standard output, where Lambda
/// collects it. The libraries below us speak up only in case of trouble: what they log at finer
/// levels holds requests, and those hold payloads.
pub fn start(level: &str) {
    start_to(level, std::io::stdout);
}

/// The same to standard error, for a program whose output is for a person.
pub fn start_to_stderr(level: &str) {
    start_to(level, std::io::stderr);
}

fn start_to<W>(level: &str, writer: W)
where
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    let filter = filter_fn(move |metadata| *metadata.level() <= most(metadata.target(), level));
    let filter = filter.with_max_level_hint(level.max(LevelFilter::WARN));
    let json = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        // It would say on standard error that it can't write, which panics where that is closed.
        .log_internal_errors(false)
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true);
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(json.with_filter(filter)).try_init();
}

/// The finest level that `target` logs at. It is compared by its crate and not by a prefix, as the
/// filters of `tracing-subscriber` do: `aws` would then be the SDK too.
fn most(target: &str, level: LevelFilter) -> LevelFilter {
    let logs_from = target.split("::").next().unwrap_or_default();
    match logs_from {
        ours if OURS.contains(&ours) => level,
        // The embedded database warns of each condition that fails, which is how writes are decided.
        "dynoxide" => level.min(LevelFilter::ERROR),
        _ => level.min(LevelFilter::WARN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_speaks_up_only_in_case_of_trouble() {
        let of = |target| most(target, LevelFilter::DEBUG);
        assert_eq!([of("aws"), of("aws::clients")], [LevelFilter::DEBUG; 2]);
        assert_eq!([of("aws_smithy_runtime::client"), of("aws_config"), of("lambda_runtime")], [LevelFilter::WARN; 3]);
        assert_eq!([most("aws", LevelFilter::ERROR), most("hyper", LevelFilter::ERROR)], [LevelFilter::ERROR; 2]);
    }
}
