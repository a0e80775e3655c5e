//! A day, UTC: what figures are kept by once it is over.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identifiers::Invalid;

const HOUR_MILLIS: i64 = 60 * 60 * 1000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// A day from midnight to midnight, UTC. The earlier one is the lesser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i64);

impl Day {
    /// For how long what landed on a day can be watched such that its figures are kept: a day.
    pub const LONGEST_WATCH_MILLIS: i64 = DAY_MILLIS;
    /// How long after its end, and after what landed on it was watched, the figures of a day may be kept.
    const MAY_BE_KEPT_AFTER: i64 = Self::LONGEST_WATCH_MILLIS + HOUR_MILLIS;
    /// How much later they are: so whoever records something meanwhile, by a clock that is behind, is done with it.
    const MARGIN: i64 = HOUR_MILLIS;

    /// The day that a time is in.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        Self(time.millis().div_euclid(DAY_MILLIS))
    }

    /// Reads `yyyy-mm-dd`.
    ///
    /// # Errors
    /// [`Invalid`] when it is no day.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let time = Timestamp::parse(&format!("{text}T00:00:00Z"));
        time.ok()
            .filter(|time| time.day() == text)
            .map(Self::of)
            .ok_or_else(|| Invalid("must be yyyy-mm-dd".to_owned()))
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_millis(self.0 * DAY_MILLIS)
    }

    /// The first moment after it.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.next().start()
    }

    /// The next day.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0 - 1)
    }

    /// Each day from this one to another, both included.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Whether its figures may have been kept by now, so that what changes them is to be noted.
    #[must_use]
    pub fn may_be_kept(self, now: Timestamp) -> bool {
        self.end().plus_millis(Self::MAY_BE_KEPT_AFTER) <= now
    }

    /// The last day whose figures can be kept now.
    #[must_use]
    pub fn last_over_for_good(now: Timestamp) -> Self {
        Self::of(now.plus_millis(-Self::MAY_BE_KEPT_AFTER - Self::MARGIN)).before()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start().day())
    }
}

impl TryFrom<String> for Day {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn it_is_from_midnight_to_midnight_and_its_text_leads_back_to_it() {
        let leap = Day::of(time("2028-02-29T23:59:59.999Z"));
        assert_eq!((leap.start(), leap.end()), (time("2028-02-29T00:00:00Z"), time("2028-03-01T00:00:00Z")));
        assert_eq!((leap.to_string().as_str(), Day::parse("2028-02-29")), ("2028-02-29", Ok(leap)));
        assert_eq!((leap.next().before(), leap.next().to_string().as_str()), (leap, "2028-03-01"));
        for wrong in ["", "2026-02-29", "2026-2-01", "2026-02-01T00:00:00Z", "today"] {
            assert!(Day::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_changes_it_is_noted_an_hour_before_it_is_kept() {
        let day = Day::parse("2026-03-01").unwrap();
        for (now, may_be_kept, is_over) in [
            ("2026-03-03T00:59:59.999Z", false, false),
            ("2026-03-03T01:00:00Z", true, false),
            ("2026-03-03T01:59:59.999Z", true, false),
            ("2026-03-03T02:00:00Z", true, true),
        ] {
            let now = time(now);
            let is_last = Day::last_over_for_good(now) == day;
            assert_eq!((day.may_be_kept(now), is_last), (may_be_kept, is_over), "{now}");
        }
    }
}
