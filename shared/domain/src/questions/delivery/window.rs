//! The window of time that metrics are asked over: so many hours up to now.

use std::collections::BTreeSet;

use crate::identifiers::Invalid;
use crate::{Day, Timestamp};

const MINUTE_MILLIS: i64 = 60 * 1000;
const HOUR_MILLIS: i64 = 60 * MINUTE_MILLIS;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// How many hours a window is long: 1 to [`Hours::MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours(u32);

impl Hours {
    /// The most: 400 days, so that a window can hold any year, and some days before it.
    pub const MOST: u32 = 400 * 24;
    /// A day.
    pub const DAY: Self = Self(24);
    /// A week.
    pub const WEEK: Self = Self(7 * 24);
    /// Two weeks.
    pub const FORTNIGHT: Self = Self(14 * 24);
    /// The longest.
    pub const LONGEST: Self = Self(Self::MOST);
    /// What is meant when nothing is said.
    pub const DEFAULT: Self = Self::DAY;

    /// Reads a whole number.
    ///
    /// # Errors
    /// [`Invalid`] when it is none, or out of bounds.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let hours = text.parse().ok().filter(|hours| (1..=Self::MOST).contains(hours));
        hours.map(Self).ok_or_else(|| Invalid(format!("must be a whole number from 1 to {}", Self::MOST)))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// A half-open window of time: what happened at its end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    hours: Hours,
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    /// The last hours before `now`. It ends with the minute that `now` is in: so what happened up to
    /// and at `now` is in it, and a question that is repeated within the minute is the same question.
    #[must_use]
    pub fn up_to(now: Timestamp, hours: Hours) -> Self {
        let minutes = now.millis() / MINUTE_MILLIS + 1;
        Self::ending(Timestamp::from_millis(minutes * MINUTE_MILLIS), hours)
    }

    /// A whole day.
    #[must_use]
    pub fn of_day(day: Day) -> Self {
        Self::ending(day.end(), Hours::DAY)
    }

    fn ending(to: Timestamp, hours: Hours) -> Self {
        Self { hours, from: to.plus_millis(-i64::from(hours.0) * HOUR_MILLIS), to }
    }

    /// Where it begins.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// Where it ends.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// The window of the same length that ends where this one begins.
    #[must_use]
    pub fn before(&self) -> Self {
        Self::ending(self.from, self.hours)
    }

    /// What is left of it since a time that is in it. Its days and periods are those of the whole window.
    #[must_use]
    pub fn since(&self, from: Timestamp) -> Self {
        Self { from: from.clamp(self.from, self.to), ..*self }
    }

    /// Its hours.
    #[must_use]
    pub fn hours(&self) -> Hours {
        self.hours
    }

    /// How many days it is long, in parts too.
    #[must_use]
    pub fn days(&self) -> f64 {
        f64::from(self.hours.0) / 24.0
    }

    /// Whether this time is in it.
    #[must_use]
    pub fn contains(&self, time: Timestamp) -> bool {
        (self.from()..self.to).contains(&time)
    }

    /// The months (`yyyy-mm`) that it touches.
    #[must_use]
    pub fn months(&self) -> BTreeSet<String> {
        let days = std::iter::successors(Some(self.from()), |day| Some(day.plus_millis(DAY_MILLIS)));
        let days = days.take_while(|day| *day < self.to).chain([self.to.plus_millis(-1)]);
        days.map(Timestamp::month).collect()
    }

    /// Its periods, each from its begin to before its end, oldest first: hours where it is of at most
    /// 48 hours, else days of 24 hours. They are counted back from its end, so the oldest can be shorter.
    #[must_use]
    pub fn periods(&self) -> Vec<(Timestamp, Timestamp)> {
        let length = if self.hours.0 <= 48 { HOUR_MILLIS } else { DAY_MILLIS };
        let ends = std::iter::successors(Some(self.to), |end| Some(end.plus_millis(-length)));
        let ends = ends.take_while(|end| *end > self.from());
        let mut periods: Vec<_> = ends.map(|end| (end.plus_millis(-length).max(self.from()), end)).collect();
        periods.reverse();
        periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn window(now: &str, hours: u32) -> Window {
        Window::up_to(time(now), Hours(hours))
    }

    #[test]
    fn it_ends_with_the_minute_of_now_so_that_now_is_in_it_and_a_minute_has_one_window() {
        let whole = window("2026-03-01T12:00:00Z", 1);
        assert_eq!(whole, window("2026-03-01T12:00:59.999Z", 1));
        assert_ne!(whole, window("2026-03-01T12:01:00Z", 1));
        assert_eq!((whole.from(), whole.to()), (time("2026-03-01T11:01:00Z"), time("2026-03-01T12:01:00Z")));
        for (at, within) in [
            ("2026-03-01T11:00:59.999Z", false),
            ("2026-03-01T11:01:00Z", true),
            ("2026-03-01T12:00:59.999Z", true),
            ("2026-03-01T12:01:00Z", false),
        ] {
            assert_eq!(whole.contains(time(at)), within, "{at}");
        }
    }

    #[test]
    fn it_touches_the_months_of_its_first_and_last_moment_and_all_between() {
        for (now, hours, months) in [
            ("2026-03-01T12:00:00Z", 12, vec!["2026-03"]),
            ("2026-03-01T12:00:00Z", 13, vec!["2026-02", "2026-03"]),
            // The end is not in it: nothing in March can be.
            ("2026-02-28T23:59:00Z", 1, vec!["2026-02"]),
            ("2026-03-01T00:00:00Z", 1, vec!["2026-02", "2026-03"]),
            ("2026-03-01T12:00:00Z", 2160, vec!["2025-12", "2026-01", "2026-02", "2026-03"]),
            ("2026-07-01T12:00:00Z", 2208, vec!["2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]),
        ] {
            let found: Vec<String> = window(now, hours).months().into_iter().collect();
            assert_eq!(found, months, "{now} {hours}");
        }
    }

    #[test]
    fn its_periods_are_hours_up_to_two_days_and_days_beyond() {
        for (hours, count, first_hours) in
            [(1, 1, 1), (48, 48, 1), (49, 3, 1), (72, 3, 24), (2160, 90, 24), (2208, 92, 24)]
        {
            let window = window("2026-03-01T12:00:00Z", hours);
            let periods = window.periods();
            assert_eq!(periods.len(), count, "{hours}");
            assert_eq!(periods[0].1, periods[0].0.plus_millis(first_hours * HOUR_MILLIS), "{hours}");
            assert_eq!((periods[0].0, periods[count - 1].1), (window.from(), window.to()));
            assert!(periods.windows(2).all(|two| two[0].1 == two[1].0), "without a gap");
        }
    }

    #[test]
    fn at_the_bounds_of_time_it_is_short_and_still_ends() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let window = Window::up_to(now, Hours(Hours::MOST));
            assert!(window.from() < window.to());
            assert!((1..=14).contains(&window.months().len()));
            assert!((1..=400).contains(&window.periods().len()));
        }
    }

    #[test]
    fn the_longest_window_holds_any_year() {
        for (first, next) in [("2026-01-01", "2027-01-01"), ("2027-07-01", "2028-07-01"), ("2028-01-01", "2029-01-01")]
        {
            let [first, next] = [first, next].map(|day| time(&format!("{day}T00:00:00Z")));
            // The question comes in the last minute of the year.
            let window = Window::up_to(next.plus_millis(-1), Hours(Hours::MOST));
            assert!(window.contains(first) && window.contains(next.plus_millis(-1)), "{first}");
        }
    }

    #[test]
    fn hours_are_a_whole_number_within_bounds() {
        for good in ["1", "24", "9600"] {
            assert_eq!(Hours::parse(good).map(Hours::get).ok(), good.parse().ok());
        }
        for bad in ["", "0", "-1", "9601", "1.5", "1e1", "24h", "99999999999999999999", "٣"] {
            assert!(Hours::parse(bad).is_err(), "{bad}");
        }
    }
}
