//! How long to wait before trying again what others got in the way of.

use std::time::Duration;

/// How long to wait before another try: random, so that writers who met do not meet again, and longer each
/// time up to half a second ("full jitter").
#[must_use]
pub fn pause(tries: u32) -> Duration {
    let most = 5u64.saturating_mul(1 << tries.min(7)).min(500);
    Duration::from_millis(fastrand::u64(0..=most))
}
