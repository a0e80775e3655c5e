//! How far an anchor reaches.

use crate::Timestamp;

/// How long after its end a day is closed: nothing that is recorded takes so long to be committed, since no
/// invocation of a function lasts longer.
pub const CLOSED_AFTER_MILLIS: i64 = 15 * 60 * 1000;

/// The first day on which an event can have been recorded.
pub const FIRST_DAY: &str = "2026-01-01T00:00:00Z";

/// How many days an anchor is of at most, where more than these were not anchored yet.
pub const MOST_DAYS: i64 = 31;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// How far an anchor reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// What was recorded later is left to the next anchor.
    pub until: Timestamp,
    /// Nothing can be recorded any more with a time up to this.
    pub closed_until: Timestamp,
}

impl Extent {
    /// To the end of the last day that is closed by now.
    #[must_use]
    pub fn of_closed_days(now: Timestamp) -> Self {
        let closed = now.millis() - CLOSED_AFTER_MILLIS;
        let end = Timestamp::from_millis(closed - closed.rem_euclid(DAY_MILLIS) - 1);
        Self { until: end, closed_until: end }
    }

    /// To this moment. What is recorded meanwhile, and not yet committed, is left to the next.
    #[must_use]
    pub fn up_to(now: Timestamp) -> Self {
        Self { until: now, closed_until: now.plus_millis(-CLOSED_AFTER_MILLIS) }
    }

    /// The part of it that one anchor takes where nothing after `from` is anchored: at most [`MOST_DAYS`] days, to the
    /// end of a day. Whoever makes anchors in parts is cut off in none of them.
    #[must_use]
    pub fn part(self, from: Timestamp) -> Self {
        let last = from.plus_millis(MOST_DAYS * DAY_MILLIS);
        let end = Timestamp::from_millis(last.millis() - last.millis().rem_euclid(DAY_MILLIS) - 1);
        if self.closed_until > end { Self { until: end, closed_until: end } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_closed_a_quarter_of_an_hour_after_its_end_and_not_before() {
        let closed = |now: &str| Extent::of_closed_days(Timestamp::parse(now).unwrap()).closed_until.to_string();
        assert_eq!(closed("2026-03-02T00:14:59.999Z"), "2026-02-28T23:59:59.999Z");
        assert_eq!(closed("2026-03-02T00:15:00Z"), "2026-03-01T23:59:59.999Z");
        assert_eq!(closed("2026-03-03T00:14:59.999Z"), "2026-03-01T23:59:59.999Z");
        let noon = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let Extent { until, closed_until } = Extent::up_to(noon);
        assert_eq!((until, closed_until.to_string()), (noon, "2026-03-01T11:45:00.000Z".to_owned()));
    }
    #[test]
    fn a_long_time_is_anchored_in_parts_that_end_with_a_day() {
        let time = |text: &str| Timestamp::parse(text).unwrap();
        let whole = Extent::up_to(time("2026-04-10T12:00:00Z"));
        for (from, until, closed) in [
            ("2026-01-01T00:00:00Z", "2026-01-31T23:59:59.999Z", "2026-01-31T23:59:59.999Z"),
            ("2026-01-31T23:59:59.999Z", "2026-03-02T23:59:59.999Z", "2026-03-02T23:59:59.999Z"),
            ("2026-03-11T00:00:00Z", "2026-04-10T12:00:00.000Z", "2026-04-10T11:45:00.000Z"),
            ("2026-04-10T11:00:00Z", "2026-04-10T12:00:00.000Z", "2026-04-10T11:45:00.000Z"),
        ] {
            let part = whole.part(time(from));
            assert_eq!(
                (part.until.to_string(), part.closed_until.to_string()),
                (until.into(), closed.into()),
                "{from}"
            );
        }
    }
}
