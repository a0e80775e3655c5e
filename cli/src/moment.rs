//! Points in time, as people write them (`2026-03-01T12:00:00Z`, `2026-03-01`, `2h`, `yesterday`,
//! `2.weeks.ago`) and as this program shows them (with the offset, and how long ago).

use std::time::Duration;

use chrono::{DateTime, Days, Local, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone};
use domain::Timestamp;

/// Examples of times, for messages.
pub(crate) const FORMS: &str = "2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago";

/// Parses the time of a flag, in the local time zone.
///
/// # Errors
/// As with [`parse`].
pub(crate) fn read(text: &str) -> Result<Timestamp, String> {
    parse(text, &Local::now())
}

/// Parses the time of a flag up to which something is asked: of a time without a fraction of a second the whole
/// second is meant, as the API does it.
///
/// # Errors
/// As with [`parse`].
pub(crate) fn read_up_to(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_up_to(text).or_else(|_| read(text))
}

/// Parses the time at which something happened that people speak of: of a time without a zone UTC is meant, and of a
/// time of day the last day on which it has passed.
///
/// # Errors
/// As with [`parse`], and for a time that has not come.
pub(crate) fn read_happened(text: &str) -> Result<Timestamp, String> {
    happened(text, &Local::now())
}

fn happened<Zone: TimeZone>(text: &str, now: &DateTime<Zone>) -> Result<Timestamp, String> {
    let utc = now.to_utc();
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    let last_passed = time.and_then(|time| {
        let today = utc.date_naive().and_time(time).and_utc();
        if today <= utc { Some(today) } else { today.checked_sub_days(Days::new(1)) }
    });
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%MZ"];
    let of_day =
        || forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc());
    let time = match last_passed.or_else(of_day) {
        Some(time) => {
            Timestamp::parse_up_to(&time.to_rfc3339_opts(SecondsFormat::Secs, true)).map_err(|wrong| wrong.to_string())
        }
        None => Timestamp::parse_up_to(text).or_else(|_| parse(text, now)),
    }?;
    // The whole second of the present is meant, too.
    if time.millis() > utc.timestamp_millis().saturating_add(1000) {
        return Err(format!("`{text}` has not come yet"));
    }
    Ok(time)
}

/// Parses a point in time. A date means its midnight in the time zone of `now`; a duration means that long
/// before `now`.
///
/// # Errors
/// A message with examples, when the text is not a time, or a time before 1970 or after 2286.
pub(crate) fn parse<Zone: TimeZone>(text: &str, now: &DateTime<Zone>) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is not a time; examples: {FORMS}");
    if let Ok(time) = Timestamp::parse(text) {
        return Ok(time);
    }
    let today = now.date_naive();
    let date = match text {
        "now" => return Ok(timestamp(now)),
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        date => NaiveDate::parse_from_str(date, "%Y-%m-%d").ok(),
    };
    if let Some(date) = date {
        // Where daylight saving time skips midnight, the day begins with its first existing time.
        let midnight = date.and_hms_opt(0, 0, 0).ok_or_else(wrong)?;
        let first = (0..=180).find_map(|minutes| {
            now.timezone().from_local_datetime(&(midnight + TimeDelta::minutes(minutes))).earliest()
        });
        return first.map(|time| timestamp(&time)).ok_or_else(wrong);
    }
    let ago = text.trim_end_matches("ago").replace(['.', ' '], "");
    let ago = humantime::parse_duration(&ago).map_err(|_| wrong())?;
    let time = TimeDelta::from_std(ago).ok().and_then(|ago| now.clone().checked_sub_signed(ago));
    time.filter(|time| time.timestamp_millis() >= 0).map(|time| timestamp(&time)).ok_or_else(wrong)
}

fn timestamp<Zone: TimeZone>(time: &DateTime<Zone>) -> Timestamp {
    Timestamp::from_millis(time.timestamp_millis())
}

/// A time of the API in the local time zone, with the offset: `2026-03-01 13:00:00 +01:00`. A text that is
/// not a time is shown unchanged.
pub(crate) fn absolute(text: &str) -> String {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S %:z").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// How long ago a time of the API is: `4m ago`, `3d ago`; `in 2m` for a time in the future.
pub(crate) fn relative(text: &str, now: Timestamp) -> String {
    let Ok(time) = Timestamp::parse(text) else { return text.to_owned() };
    let seconds = now.seconds_since(time);
    match coarse(seconds.abs()) {
        _ if seconds.abs() < 1.0 => "now".to_owned(),
        span if seconds < 0.0 => format!("in {span}"),
        span => format!("{span} ago"),
    }
}

/// Both: `4m ago (2026-03-01 13:00:00 +01:00)`.
pub(crate) fn both(text: &str, now: Timestamp) -> String {
    format!("{} ({})", relative(text, now), absolute(text))
}

/// A duration in its largest unit, rounded: `59s`, `3h`, `8d`.
fn coarse(seconds: f64) -> String {
    const UNITS: [(&str, f64); 5] =
        [("y", 31_557_600.0), ("w", 1_209_600.0), ("d", 86_400.0), ("h", 3600.0), ("m", 60.0)];
    match UNITS.iter().find(|(_, unit)| seconds >= *unit) {
        // Weeks begin at two: 13 days are shown in days.
        Some(("w", _)) => format!("{}w", (seconds / 604_800.0).round()),
        Some((name, unit)) => format!("{}{name}", (seconds / unit).round()),
        None => format!("{}s", seconds.round()),
    }
}

/// A duration of the API: `3m 40s`; below ten seconds with one decimal.
pub(crate) fn duration(seconds: f64) -> String {
    // The server could send any number; `Duration` takes only finite ones that are not negative.
    let Ok(exact) = Duration::try_from_secs_f64(seconds) else { return format!("{seconds}s") };
    if seconds < 9.95 {
        return format!("{}s", (seconds * 10.0).round() / 10.0);
    }
    let whole = if seconds < 172_800.0 { exact.as_secs_f64().round() } else { (seconds / 60.0).round() * 60.0 };
    let text = humantime::format_duration(Duration::from_secs_f64(whole)).to_string();
    let mut parts: Vec<&str> = text.split(' ').collect();
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-03-15T12:00:00+02:00").unwrap()
    }

    fn read(text: &str) -> String {
        parse(text, &now()).map_or_else(|wrong| wrong, |time| time.to_string())
    }

    #[test]
    fn up_to_a_time_without_a_fraction_means_all_of_its_second() {
        let up_to = |text: &str| read_up_to(text).unwrap().to_string();
        assert_eq!(up_to("2026-03-01T12:00:00Z"), "2026-03-01T12:00:00.999Z");
        assert_eq!(up_to("2026-03-01T13:00:00+01:00"), "2026-03-01T12:00:00.999Z");
        assert_eq!(up_to("2026-03-01T12:00:00.000Z"), "2026-03-01T12:00:00.000Z");
        assert!(read_up_to("2h").is_ok() && read_up_to("soon").is_err());
    }

    #[test]
    fn when_something_happened_is_in_utc_and_of_a_time_of_day_the_last_that_has_passed() {
        let read = |text: &str| happened(text, &now()).map_or_else(|wrong| wrong, |time| time.to_string());
        assert_eq!(read("10:00"), "2026-03-15T10:00:00.999Z");
        assert_eq!(read("10:01"), "2026-03-14T10:01:00.999Z");
        assert_eq!(read("09:59:59"), "2026-03-15T09:59:59.999Z");
        assert_eq!(read("23:59"), "2026-03-14T23:59:00.999Z");
        assert_eq!(read("2026-03-01T10:42"), "2026-03-01T10:42:00.999Z");
        assert_eq!(read("2026-03-01T10:42Z"), "2026-03-01T10:42:00.999Z");
        assert_eq!(read("2026-03-01T10:42:07"), "2026-03-01T10:42:07.999Z");
        assert_eq!(read("2026-03-01T10:42:07+02:00"), "2026-03-01T08:42:07.999Z");
        assert_eq!(read("2h"), "2026-03-15T08:00:00.000Z");
        assert_eq!(read("2026-03-15T10:05"), "`2026-03-15T10:05` has not come yet");
        assert!(read("24:00").contains("is not a time") && read("10:60").contains("is not a time"));
    }

    #[test]
    fn a_time_can_be_written_in_many_ways() {
        assert_eq!(read("2026-03-01T12:00:00.5+01:00"), "2026-03-01T11:00:00.500Z");
        assert_eq!(read("2026-03-01"), "2026-02-28T22:00:00.000Z", "midnight here");
        assert_eq!(read("now"), "2026-03-15T10:00:00.000Z");
        assert_eq!(read("today"), "2026-03-14T22:00:00.000Z");
        assert_eq!(read("yesterday"), "2026-03-13T22:00:00.000Z");
        assert_eq!(read("2h"), "2026-03-15T08:00:00.000Z");
        assert_eq!(read("1h 30m"), "2026-03-15T08:30:00.000Z");
        assert_eq!(read("90min ago"), "2026-03-15T08:30:00.000Z");
        assert_eq!(read("2.weeks.ago"), "2026-03-01T10:00:00.000Z");
        assert_eq!(read("1.day.ago"), "2026-03-14T10:00:00.000Z");
    }

    #[test]
    fn the_error_for_a_wrong_time_has_examples() {
        for wrong in ["", "soon", "ago", "2026-13-01", "-2h", "2", "100000 years", "2.weeks.ahead"] {
            assert!(parse(wrong, &now()).unwrap_err().contains("2.weeks.ago"), "{wrong}");
        }
    }

    #[test]
    fn how_long_ago_is_shown_in_the_largest_unit() {
        let now = Timestamp::parse("2026-03-15T12:00:00Z").unwrap();
        let ago = |millis: i64| relative(&now.plus_millis(-millis).to_string(), now);
        assert_eq!(ago(999), "now");
        assert_eq!(ago(59_000), "59s ago");
        assert_eq!(ago(60_000), "1m ago");
        assert_eq!(ago(2 * 3_600_000), "2h ago");
        assert_eq!(ago(13 * 86_400_000), "13d ago");
        assert_eq!(ago(15 * 86_400_000), "2w ago");
        assert_eq!(ago(800 * 86_400_000), "2y ago");
        assert_eq!(ago(71 * 3_600_000), "3d ago");
        assert_eq!(ago(-80_000), "in 1m");
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let texts = [0.0, 1.26, 9.97, 59.6, 220.0, 3600.0, 5025.0, 200_000.0].map(duration);
        assert_eq!(texts, ["0s", "1.3s", "10s", "1m", "3m 40s", "1h", "1h 23m", "2days 7h"]);
        assert_eq!(duration(-1.0), "-1s");
        assert_eq!(duration(f64::NAN), "NaNs");
    }
}
