//! What a process has used, as the kernel of Linux counts it.

use std::collections::HashMap;
use std::fs::{read_dir, read_to_string};
use std::time::Duration;

use tokio::time::sleep;

/// A process that is idle between invocations falls asleep within a few of these.
const SHORT: Duration = Duration::from_millis(1);
const LOOKS: usize = 100;

/// The CPU time of a process: what the scheduler gave to each of its threads, with page faults and
/// network calls. Other work on the machine makes it dearer (caches), but is not counted.
pub(crate) struct Meter {
    process: u32,
    /// Nanoseconds by thread. A thread that ended keeps what it had.
    threads: HashMap<String, u64>,
    counted: u64,
}

impl Meter {
    pub(crate) fn of(process: u32) -> Self {
        Self { process, threads: HashMap::new(), counted: 0 }
    }

    /// Microseconds since the last time, once it is idle: two looks see the same.
    pub(crate) async fn lap(&mut self) -> f64 {
        let mut before = self.look();
        for _ in 0..LOOKS {
            sleep(SHORT).await;
            let now = self.look();
            if now == before {
                break;
            }
            before = now;
        }
        let spent = before - self.counted;
        self.counted = before;
        to_f64(spent) / 1000.0
    }

    fn look(&mut self) -> u64 {
        let threads = read_dir(format!("/proc/{}/task", self.process)).expect("a process on Linux");
        for thread in threads.flatten() {
            let counted = read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let Some(nanos) = counted.split(' ').next().and_then(|nanos| nanos.parse().ok()) else { continue };
            self.threads.insert(thread.file_name().to_string_lossy().into_owned(), nanos);
        }
        self.threads.values().sum()
    }
}

/// The most memory that a process had, in kilobytes.
pub(crate) fn peak_kilobytes(process: u32) -> f64 {
    let status = read_to_string(format!("/proc/{process}/status")).expect("a process on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel knows");
    line.trim_end_matches("kB").trim().parse().expect("a number")
}

/// Exact up to 2^53: enough for the nanoseconds of a hundred days.
#[expect(clippy::cast_precision_loss, reason = "figures are far below")]
pub(crate) fn to_f64(number: u64) -> f64 {
    number as f64
}
