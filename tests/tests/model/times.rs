//! Times are whole milliseconds after noon of 2026-03-01, the noon of all tests; here they become text.

/// Noon in milliseconds since 1970.
const NOON: i64 = 1_772_366_400_000;

const DAY: i64 = 24 * 3600 * 1000;

/// RFC 3339 in UTC, with milliseconds, as answers have it.
pub(super) fn text(time: i64) -> String {
    let since_1970 = time + NOON;
    let (mut year, mut day, rest) = (1970, since_1970.div_euclid(DAY), since_1970.rem_euclid(DAY));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    format!("{year:04}-{:02}-{:02}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", month + 1, day + 1, rest % 1000)
}

/// The same without the fraction of the second: as a question it means the whole second.
pub(super) fn whole_second(time: i64) -> String {
    format!("{}Z", &text(time)[..19])
}

/// The first millisecond of the second that a time is in.
pub(super) fn second_of(time: i64) -> i64 {
    time.div_euclid(1000) * 1000
}

/// Milliseconds as seconds, as durations are answered.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2⁵³")]
pub(super) fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

#[test]
fn times_are_written_as_answers_have_them() {
    assert_eq!(text(0), "2026-03-01T12:00:00.000Z");
    assert_eq!(text(-12 * 3_600_000 - 1), "2026-02-28T23:59:59.999Z");
    assert_eq!(whole_second(31 * DAY + 61_001), "2026-04-01T12:01:01Z");
    assert_eq!((second_of(1999), second_of(-1)), (1000, -1000));
}
