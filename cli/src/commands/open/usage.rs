//! When it was used last, so that it ends when nobody uses it any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::Timestamp;

use crate::api::now;

/// How often it is looked whether the time is over. A machine can sleep meanwhile.
const LOOK: Duration = Duration::from_mins(1);

/// The use of what is served.
pub(super) struct Usage {
    state: Mutex<State>,
}

struct State {
    under_way: usize,
    last: (Instant, Timestamp),
}

/// A request that is under way: while there is one, it is in use.
pub(super) struct UnderWay(Arc<Usage>);

impl Usage {
    /// It begins now.
    pub(super) fn begin() -> Self {
        Self { state: Mutex::new(State { under_way: 0, last: moment() }) }
    }

    /// Uses it until what is returned is dropped.
    pub(super) fn used(self: &Arc<Self>) -> UnderWay {
        self.state().under_way += 1;
        UnderWay(Arc::clone(self))
    }

    /// Ends when nobody has used it for so long.
    pub(super) async fn unused_for(&self, idle: Duration) {
        loop {
            let left = self.left(idle);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }

    fn left(&self, idle: Duration) -> Duration {
        let state = self.state();
        if state.under_way > 0 {
            return idle;
        }
        let (instant, time) = state.last;
        // One of them stands still while the machine sleeps; the other can be set.
        let by_time = now().seconds_since(time).max(0.0);
        let unused = instant.elapsed().max(Duration::try_from_secs_f64(by_time).unwrap_or_default());
        idle.saturating_sub(unused)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.last = moment();
    }
}

fn moment() -> (Instant, Timestamp) {
    (Instant::now(), now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_use_while_a_request_is_under_way_and_some_time_after() {
        let usage = Arc::new(Usage::begin());
        let idle = Duration::from_millis(20);
        let (first, second) = (usage.used(), usage.used());
        std::thread::sleep(idle);
        assert_eq!(usage.left(idle), idle);
        drop(first);
        std::thread::sleep(idle);
        assert_eq!(usage.left(idle), idle, "the second still goes on");
        drop(second);
        assert!(usage.left(Duration::from_hours(1)) > Duration::from_mins(59));
        std::thread::sleep(idle);
        assert!(usage.left(idle).is_zero());
    }
}
