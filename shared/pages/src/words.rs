//! Times and spans in words.

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _, Utc};
use domain::Timestamp;
use maud::{Markup, html};

use crate::asked::Asked;

/// A name within a sentence. One that may be written from right to left is kept from changing the order of the words
/// around it, by the isolates of Unicode (UAX 9).
pub(crate) fn name(name: &str) -> Cow<'_, str> {
    const FIRST_STRONG_ISOLATE: char = '\u{2068}';
    const POP_ISOLATE: char = '\u{2069}';
    if name.is_ascii() { name.into() } else { format!("{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}").into() }
}

/// A span in its largest unit, rounded down: `5 days`, `1 hour`, `38 minutes`.
pub(crate) fn span(seconds: f64) -> String {
    const UNITS: [(&str, f64); 4] = [("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0)];
    let (name, unit) = UNITS.into_iter().find(|(_, unit)| seconds >= *unit).unwrap_or(UNITS[3]);
    let count = (seconds / unit).floor().max(0.0);
    #[expect(clippy::float_cmp, reason = "a whole number")]
    let plural = if count == 1.0 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// A duration: `9 min 12 s`, `3 h 10 min`, `2 d 4 h`.
pub(crate) fn duration(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "what is longer than that is shown as that")]
    let whole = seconds.round() as i64;
    let parts = |major: i64, name: &str, minor: i64, unit: &str| {
        if minor == 0 { format!("{major} {name}") } else { format!("{major} {name} {minor} {unit}") }
    };
    match whole {
        ..60 => format!("{} s", whole.max(0)),
        60..3600 => parts(whole / 60, "min", whole % 60, "s"),
        3600..172_800 => parts(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => parts(whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    }
}

/// How long ago a time of the API was, with the time itself for machines and on hovering.
pub(crate) fn ago(time: &str, now: Timestamp) -> Markup {
    let Ok(at) = Timestamp::parse(time) else { return html! { (time) } };
    html! { time datetime=(time) title=(full(at)) data-ago { (span(now.seconds_since(at))) } }
}

/// A time of the API: `25 Nov 2026 14:32:05`.
pub(crate) fn moment(time: &str) -> Markup {
    let Ok(at) = Timestamp::parse(time) else { return html! { (time) } };
    html! { time datetime=(time) title=(full(at)) { (utc(at).format("%-d %b %Y %H:%M:%S")) } }
}

/// A time of ours, as [`moment`] has those of the API.
pub(crate) fn time(at: Timestamp) -> Markup {
    moment(&at.to_string())
}

/// A time of the last months: `25 Nov, 14:32`.
pub(crate) fn minute(at: Timestamp) -> Markup {
    html! { time datetime=(at) title=(full(at)) { (utc(at).format("%-d %b, %H:%M")) } }
}

/// The day of a time: `25 Nov`.
pub(crate) fn day(at: Timestamp) -> Markup {
    html! { time datetime=(at) title=(full(at)) { (utc(at).format("%-d %b")) } }
}

/// Which day of the week a time is on, from 0 for Monday, and when that day began.
pub(crate) fn weekday(at: Timestamp) -> (u32, Timestamp) {
    const DAY: i64 = 86_400_000;
    let began = Timestamp::from_millis(at.millis() - at.millis() % DAY);
    (utc(at).weekday().num_days_from_monday(), began)
}

/// `Mon 23 Nov`.
pub(crate) fn date(at: Timestamp) -> String {
    utc(at).format("%a %-d %b").to_string()
}

/// `Wed 25 Nov 2026, 14:32 UTC`.
pub(crate) fn full(at: Timestamp) -> String {
    utc(at).format("%a %-d %b %Y, %H:%M UTC").to_string()
}

/// As a field for a date and a time has it, in UTC: `2026-11-25T14:32`.
pub(crate) fn for_field(at: Timestamp) -> String {
    utc(at).format("%Y-%m-%dT%H:%M").to_string()
}

/// A share in percent; of nothing a dash.
pub(crate) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} %"))
}

/// That nobody is named on a page of what was known at a time: what is known of a deployment now may not have been.
pub(crate) fn by_whom(asked: &Asked) -> Markup {
    html! { @if asked.known_at().is_some() { p class="small" { "By whom is not told of what was known at a time." } } }
}

/// A count with its noun: `1 service`, `3 services`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        for (seconds, told) in [
            (0.0, "0 seconds"),
            (1.9, "1 second"),
            (59.9, "59 seconds"),
            (60.0, "1 minute"),
            (7199.0, "1 hour"),
            (86_400.0 * 41.5, "41 days"),
            (-5.0, "0 seconds"),
        ] {
            assert_eq!(span(seconds), told);
        }
        for (seconds, told) in [
            (0.4, "0 s"),
            (59.6, "1 min"),
            (552.0, "9 min 12 s"),
            (3600.0, "1 h"),
            (11_400.0, "3 h 10 min"),
            (187_200.0, "2 d 4 h"),
        ] {
            assert_eq!(duration(seconds), told);
        }
        let at = Timestamp::parse("2026-11-25T14:32:05Z").unwrap();
        let (weekday, began) = weekday(at);
        assert_eq!(
            (weekday, began.to_string().as_str(), date(at).as_str()),
            (2, "2026-11-25T00:00:00.000Z", "Wed 25 Nov")
        );
        assert_eq!([count(1, "service"), count(0, "service")], ["1 service", "0 services"]);
    }
}
