//! Values out of a payload, as the kind that a field of our event takes.

use chrono::{DateTime, Utc};
use domain::Timestamp;
use domain::event::is_https;
use serde_json::{Number, Value};

use crate::fields::bounded;

/// The kind of value that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text. Numbers and booleans are texts too.
    Text,
    /// Free text: cut where it is too long, as its sender can't know of our bound.
    Prose,
    /// A number, also where it is given as a text.
    Number,
    /// A time, as a text after ISO 8601 with its offset, or as seconds or milliseconds since 1970.
    Time,
    /// A link: left out where it isn't `https`.
    Link,
    /// Anything, as it is.
    Any,
}

impl Kind {
    /// The value that a text is for a field of this kind; none where it is left out.
    pub(super) fn of_text(self, text: String) -> Result<Option<Value>, &'static str> {
        Ok(match self {
            Self::Text | Self::Any => Some(text.into()),
            Self::Prose => Some(bounded(&text).into()),
            Self::Number => Some(number(&text).ok_or("must be a number")?.into()),
            Self::Time => {
                let wrong = "must be a time after ISO 8601 with an offset, or seconds or milliseconds since 1970";
                Some(time(&text).ok_or(wrong)?.to_string().into())
            }
            Self::Link => is_https(&text).then(|| text.into()),
        })
    }
}

/// The text of a value that is one, or can be: a number or a boolean.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a value says nothing: null, or an empty text.
pub(super) fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    text.parse::<i64>().ok().map(Number::from).or_else(|| text.parse().ok().and_then(Number::from_f64))
}

/// Below this a number of the time is of seconds, which are then before the year 5138; as milliseconds it is in 1973.
const MILLIS_FROM: f64 = 1e11;

fn time(text: &str) -> Option<Timestamp> {
    if let Some(number) = number(text).and_then(|number| number.as_f64()) {
        let millis = if number.abs() < MILLIS_FROM { number * 1000.0 } else { number };
        #[expect(clippy::cast_possible_truncation, reason = "within 13 digits")]
        return (0.0..1e13).contains(&millis).then(|| Timestamp::from_millis(millis as i64));
    }
    // ISO 8601 writes an offset without a colon too.
    let basic = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok();
    let basic = || basic().and_then(|time| Timestamp::parse(&time.with_timezone(&Utc).to_rfc3339()).ok());
    Timestamp::parse(text).ok().or_else(basic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_is_read_as_tools_write_it() {
        let noon = Some("2026-03-01T12:00:00.000Z".to_owned());
        for given in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T13:00:00.0000000+01:00",
            "2026-03-01T13:00:00.000+0100",
            "2026-03-01T13:00:00+0100",
            "1772366400",
            "1772366400.0",
            "1772366400000",
        ] {
            assert_eq!(time(given).map(|time| time.to_string()), noon, "{given}");
        }
        for bad in [
            "",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "-1",
            "1e300",
            "NaN",
            "17723664000000000",
            "1969-12-31T23:00:00+0000",
        ] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn seconds_and_milliseconds_are_the_same_time(seconds in 100_000_000_i64..9_999_999_999) {
            let millis = Some(Timestamp::from_millis(seconds * 1000));
            prop_assert_eq!([time(&seconds.to_string()), time(&(seconds * 1000).to_string())], [millis, millis]);
        }
    }
}
