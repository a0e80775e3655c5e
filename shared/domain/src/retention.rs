//! How long history is kept: for ever, unless its owner must delete.

use crate::Timestamp;

/// How long history is kept, in days after its recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// 0 keeps for ever.
    days: u32,
}

impl Retention {
    /// History is kept for ever.
    pub const FOREVER: Self = Self { days: 0 };
    /// The longest retention that has an end: a hundred years.
    pub const MOST_DAYS: u32 = 36_500;

    /// History is kept for so many days; 0 is for ever. None when that is more than
    /// [`Retention::MOST_DAYS`].
    #[must_use]
    pub fn of_days(days: u32) -> Option<Self> {
        (days <= Self::MOST_DAYS).then_some(Self { days })
    }

    /// How many days; 0 for ever.
    #[must_use]
    pub fn days(self) -> u32 {
        self.days
    }

    /// Whether it ever ends.
    #[must_use]
    pub fn ends(self) -> bool {
        self != Self::FOREVER
    }

    /// From when on what was recorded at this time may be removed, in whole seconds since 1970, which
    /// is what DynamoDB removes by. Rounded up: nothing goes before its time.
    #[must_use]
    pub fn expires_at_seconds(self, recorded_at: Timestamp) -> Option<i64> {
        const DAY_SECONDS: i64 = 24 * 60 * 60;
        self.ends().then(|| (recorded_at.millis() + 999) / 1000 + i64::from(self.days) * DAY_SECONDS)
    }

    /// Whether what was recorded at this time may be gone by now.
    #[must_use]
    pub fn is_over(self, recorded_at: Timestamp, now: Timestamp) -> bool {
        self.expires_at_seconds(recorded_at).is_some_and(|seconds| seconds * 1000 <= now.millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_over_before_its_last_second_and_nothing_ever_without_an_end() {
        let recorded_at = Timestamp::parse("2026-03-01T12:00:00.001Z").unwrap();
        let retention = Retention::of_days(30).unwrap();
        let end = Timestamp::parse("2026-03-31T12:00:01Z").unwrap();
        assert_eq!(retention.expires_at_seconds(recorded_at), Some(end.millis() / 1000));
        assert!(!retention.is_over(recorded_at, end.plus_millis(-1)));
        assert!(retention.is_over(recorded_at, end));
        assert!(!Retention::FOREVER.is_over(Timestamp::MIN, Timestamp::MAX));
        assert_eq!(Retention::FOREVER.expires_at_seconds(recorded_at), None);
    }

    #[test]
    fn days_are_bounded_and_none_are_for_ever() {
        assert_eq!(Retention::of_days(0), Some(Retention::FOREVER));
        assert!(Retention::of_days(Retention::MOST_DAYS).is_some_and(Retention::ends));
        assert_eq!(Retention::of_days(Retention::MOST_DAYS + 1), None);
    }
}
