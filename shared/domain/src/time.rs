//! Points in time: whole milliseconds, UTC, from 1970 to 2286 so that a key of 13 digits sorts.

use std::fmt;

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::identifiers::Invalid;

/// A point in time in whole milliseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last millisecond that 13 digits can hold.
    pub const MAX: Self = Self(9_999_999_999_999);
    /// The start of 1970.
    pub const MIN: Self = Self(0);

    /// Milliseconds since 1970, kept within [`Timestamp::MIN`] and [`Timestamp::MAX`].
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Reads an RFC 3339 time; its offset is honoured, digits below a millisecond are dropped.
    ///
    /// # Errors
    /// [`Invalid`] when the text is no RFC 3339 time or lies outside 1970 to 2286.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid("must be an RFC 3339 time between 1970 and 2286, such as 2026-03-01T12:00:00Z".into());
        let millis = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?.timestamp_millis();
        if (Self::MIN.0..=Self::MAX.0).contains(&millis) { Ok(Self(millis)) } else { Err(wrong()) }
    }

    /// The JSON Schema of what [`parse`](Self::parse) reads, except for what a schema can't say: it takes the
    /// first day of 1970 with an offset that moves it into 1969, and neither the months of 2286 nor the
    /// forms that are read beyond RFC 3339 (a space instead of the `T`, a second 60 in any minute).
    #[must_use]
    pub fn schema() -> Value {
        json!({
            "type": "string",
            "format": "date-time",
            "pattern": "^(19[7-9][0-9]|2[01][0-9][0-9]|22[0-7][0-9]|228[0-5])-",
        })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// 13 digits: as a text it sorts as the time does.
    #[must_use]
    pub fn sort_key(self) -> String {
        format!("{:013}", self.0)
    }

    /// `yyyy-mm-dd`, UTC.
    #[must_use]
    pub fn day(self) -> String {
        self.date().format("%Y-%m-%d").to_string()
    }

    /// Each day (`yyyy-mm-dd`) from this point to that of another, both included.
    pub fn days_to(self, last: Self) -> impl Iterator<Item = String> {
        const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
        let next = |day: &Self| (*day < Self::MAX).then(|| day.plus_millis(DAY_MILLIS));
        std::iter::successors(Some(self), next).map(Self::day).take_while(move |day| *day <= last.day())
    }

    /// `yyyy-mm`, UTC.
    #[must_use]
    pub fn month(self) -> String {
        self.date().format("%Y-%m").to_string()
    }

    /// The month before (`yyyy-mm`), UTC; none before 1970.
    #[must_use]
    pub fn month_before(self) -> Option<String> {
        let before = self.date().date_naive().with_day(1)?.pred_opt()?;
        (before.year() >= 1970).then(|| before.format("%Y-%m").to_string())
    }

    /// `yyyy`, UTC.
    #[must_use]
    pub fn year(self) -> String {
        self.date().format("%Y").to_string()
    }

    /// Seconds from `earlier` to this, negative when this is the earlier one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "13 digits fit a double exactly")]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1000.0
    }

    /// This point moved by `millis`, within the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The minute that it is in: its beginning.
    #[must_use]
    pub fn minute(self) -> Self {
        Self::from_millis(self.millis().div_euclid(60_000) * 60_000)
    }

    /// The start of its second.
    #[must_use]
    pub fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// Reads an RFC 3339 time up to which something is asked: without a fraction of a second the whole
    /// second is meant, to its last millisecond.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_up_to(text: &str) -> Result<Self, Invalid> {
        let time = Self::parse(text)?;
        Ok(if text.contains('.') { time } else { time.plus_millis(999) })
    }

    fn date(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_millis(time.timestamp_millis())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Stores a time as its milliseconds: shorter than the text, in items that are written often.
pub(crate) mod as_millis {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.millis())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_millis)
    }

    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Serializer, Timestamp};

        #[expect(clippy::ref_option, reason = "serde's signature")]
        pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_millis))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_honoured_and_the_text_is_utc_with_milliseconds() {
        let time = Timestamp::parse("2021-04-28T21:50:00.123456+02:00").unwrap();
        assert_eq!(time.to_string(), "2021-04-28T19:50:00.123Z");
        assert_eq!(time.sort_key(), "1619639400123");
    }

    #[test]
    fn what_is_no_time_or_too_far_away_is_refused() {
        for bad in
            ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "1969-12-31T23:59:59Z", "2999-01-01T00:00:00Z"]
        {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_sort_as_times_do() {
        let early = Timestamp::parse("1999-01-01T00:00:00Z").unwrap();
        let late = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        assert!(early.sort_key() < late.sort_key());
    }
}
