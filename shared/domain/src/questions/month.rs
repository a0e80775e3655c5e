//! A month, up to one of its days.

use crate::Timestamp;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A month in UTC, from its first day up to the one that a time is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    last: Timestamp,
}

impl Month {
    /// The month of a time, up to its day.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        Self { last: time }
    }

    /// Its days (`yyyy-mm-dd`), the latest first.
    #[must_use]
    pub fn days(self) -> Vec<String> {
        let month = self.last.month();
        let back = (0..31).map(|days| self.last.plus_millis(-days * DAY_MILLIS));
        let mut days: Vec<String> = back.take_while(|day| day.month() == month).map(Timestamp::day).collect();
        // There is no day before the first that a time can have.
        days.dedup();
        days
    }

    /// How many days that are.
    #[must_use]
    pub fn counted(self) -> u32 {
        u32::try_from(self.days().len()).unwrap_or(31)
    }

    /// How many days the whole month has.
    #[must_use]
    pub fn length(self) -> u32 {
        let month = self.last.month();
        let ahead = (1..31).map(|days| self.last.plus_millis(days * DAY_MILLIS));
        let left = ahead.take_while(|day| day.month() == month).count();
        self.counted() + u32::try_from(left).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days_up_to_one_of_them() {
        for (time, counted, length, first) in [
            ("2026-03-01T00:00:00Z", 1, 31, "2026-03-01"),
            ("2026-03-31T23:59:59.999Z", 31, 31, "2026-03-01"),
            ("2026-02-28T12:00:00Z", 28, 28, "2026-02-01"),
            ("2028-02-10T12:00:00Z", 10, 29, "2028-02-01"),
            ("2026-11-30T08:00:00Z", 30, 30, "2026-11-01"),
            ("1970-01-02T00:00:00Z", 2, 31, "1970-01-01"),
        ] {
            let month = Month::of(Timestamp::parse(time).unwrap());
            let days = month.days();
            assert_eq!((month.counted(), month.length()), (counted, length), "{time}");
            assert_eq!((days.len(), days.last().map(String::as_str)), (counted as usize, Some(first)), "{time}");
        }
    }
}
