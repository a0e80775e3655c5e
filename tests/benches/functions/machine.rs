//! On which machine a run took place, and how busy it was.

use std::fs::read_to_string;

use serde_json::{Value, json};

/// Processor, cores and kernel.
pub(crate) fn machine() -> Value {
    let processors = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    json!({
        "processor": model.trim_start_matches(['\t', ' ', ':']),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "kernel": read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
    })
}

/// How many threads wanted a core in the last minute, on average: above the number of cores, others
/// were at work.
pub(crate) fn load() -> f64 {
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}
