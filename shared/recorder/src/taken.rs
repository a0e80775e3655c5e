//! The time of recording. It is taken anew at each try: what was decided long ago, and got in the way of others since,
//! must not be committed into a day that is closed by now.

use std::time::{Duration, Instant};

use domain::Timestamp;

/// What the caller's clock said, and since when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    at: Timestamp,
    since: Instant,
}

impl Taken {
    /// It is this time now.
    pub(crate) fn now(at: Timestamp) -> Self {
        Self { at, since: Instant::now() }
    }

    /// The time by now. Whole seconds are enough, for a day is closed a quarter of an hour after its end; and so all that
    /// takes no time has the time at which it came in.
    pub(crate) fn anew(self) -> Timestamp {
        self.after(self.since.elapsed())
    }

    fn after(self, passed: Duration) -> Timestamp {
        self.at.plus_millis(i64::try_from(passed.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_again_later_is_recorded_later() {
        let noon = Timestamp::from_millis(1_772_366_400_000);
        let taken = Taken::now(noon);
        assert_eq!(taken.anew(), noon);
        for (millis, later) in [(0, 0), (999, 0), (1000, 1000), (61_500, 61_000)] {
            assert_eq!(taken.after(Duration::from_millis(millis)), noon.plus_millis(later), "{millis}");
        }
    }
}
