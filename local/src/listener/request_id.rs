//! The ids of requests.

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of a request: it stands in the log, and in a problem as its `instance`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The next one: unique in this process, and by what it begins with also among those before it.
    pub fn next() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| fastrand::u64(..));
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self(format!("{:016x}-{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    /// As a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
