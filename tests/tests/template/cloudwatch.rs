//! How CloudWatch decides the state of an alarm, as its user guide has it under "Evaluating an alarm"
//! and "Configuring how CloudWatch alarms treat missing data":
//!
//! * A data point is the alarm's statistic over the values of one period. A period without
//!   values is a missing data point. Here it begins at a whole multiple of its length; AWS moves it along
//!   with each evaluation. What is asserted has its values spread such that both see the same.
//! * More data points are looked at than the evaluation periods; how many more is not documented in
//!   full. As in the guide's tables there are two more here: what is asserted must not depend on it.
//! * Where there are as many real data points as evaluation periods, the most recent ones are
//!   evaluated, and what is missing in between does not matter. Where there are fewer, missing ones
//!   are filled in as `TreatMissingData` says, as few as possible.
//! * The state is ALARM when as many of these are beyond the threshold as `DatapointsToAlarm` says, by
//!   default all.
//!
//! It knows what our alarms use: one metric, `breaching` and `notBreaching`.

use serde_json::Value;

use super::parameters::text;

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Ok,
    Alarm,
}

/// A value that was published, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// When, in seconds since 1970.
    pub(crate) second: i64,
    pub(crate) value: f64,
    pub(crate) count: f64,
}

/// How many data points are looked at beyond the evaluation periods.
const FURTHER_DATA_POINTS: usize = 2;

/// An alarm's state at the second `now`, from the values of its metric.
pub(crate) fn state(alarm: &Value, samples: &[Sample], now: i64) -> State {
    let period = i64::try_from(whole(alarm, "Period")).unwrap();
    let current = now.div_euclid(period);
    let periods = whole(alarm, "EvaluationPeriods");
    let first = current - i64::try_from(periods + FURTHER_DATA_POINTS).unwrap();
    let points = (first..current).map(|number| {
        let within: Vec<&Sample> = samples.iter().filter(|one| one.second.div_euclid(period) == number).collect();
        statistic(alarm["Statistic"].as_str().unwrap(), &within)
    });
    let points: Vec<Option<bool>> = points.map(|point| point.map(|point| is_breaching(alarm, point))).collect();
    let to_alarm = if alarm.get("DatapointsToAlarm").is_some() { whole(alarm, "DatapointsToAlarm") } else { periods };
    decide(&points, periods, to_alarm, alarm["TreatMissingData"].as_str().unwrap())
}

/// `points` are in order of time: whether each is breaching, or none where it is missing.
fn decide(points: &[Option<bool>], periods: usize, to_alarm: usize, missing: &str) -> State {
    let filling = match missing {
        "breaching" => true,
        "notBreaching" => false,
        other => panic!("missing data as {other} is not known to this evaluation"),
    };
    let real: Vec<bool> = points.iter().flatten().copied().collect();
    let evaluated = real.iter().rev().copied().chain(std::iter::repeat(filling)).take(periods);
    if evaluated.filter(|breaching| *breaching).count() >= to_alarm { State::Alarm } else { State::Ok }
}

fn number(alarm: &Value, property: &str) -> f64 {
    text(&alarm[property]).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{property} of {alarm}"))
}

fn whole(alarm: &Value, property: &str) -> usize {
    text(&alarm[property]).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{property} of {alarm}"))
}

fn statistic(name: &str, samples: &[&Sample]) -> Option<f64> {
    let values = samples.iter().map(|sample| sample.value);
    let sum: f64 = samples.iter().map(|sample| sample.value * sample.count).sum();
    if samples.is_empty() {
        return None;
    }
    match name {
        "Sum" => Some(sum),
        "Average" => Some(sum / samples.iter().map(|sample| sample.count).sum::<f64>()),
        "Maximum" => values.reduce(f64::max),
        other => panic!("the statistic {other} is not known to this evaluation"),
    }
}

fn is_breaching(alarm: &Value, point: f64) -> bool {
    let threshold = number(alarm, "Threshold");
    match alarm["ComparisonOperator"].as_str() {
        Some("GreaterThanThreshold") => point > threshold,
        Some("GreaterThanOrEqualToThreshold") => point >= threshold,
        Some("LessThanThreshold") => point < threshold,
        other => panic!("the comparison {other:?} is not known to this evaluation"),
    }
}

/// The examples of the user guide, of three evaluation periods: data points with the latest on the
/// right (`0` within the threshold, `X` beyond it, `-` missing), and the state when missing ones are
/// breaching, and when they are not.
#[test]
fn the_examples_of_the_user_guide_come_out_as_it_says() {
    use State::{Alarm, Ok};
    for (to_alarm, points, breaching, not_breaching) in [
        (3, "0 - X - X", Ok, Ok),
        (3, "0 - - - -", Ok, Ok),
        (3, "- - - - -", Alarm, Ok),
        (3, "0 X X - X", Alarm, Alarm),
        (3, "- - X - -", Alarm, Ok),
        (2, "0 - X - X", Alarm, Alarm),
        (2, "0 0 X 0 X", Alarm, Alarm),
        (2, "0 - X - -", Alarm, Ok),
        (2, "- - - - 0", Alarm, Ok),
        (2, "- - - X -", Alarm, Ok),
    ] {
        let read: Vec<Option<bool>> = points.split(' ').map(|point| (point != "-").then_some(point == "X")).collect();
        let states = ["breaching", "notBreaching"].map(|missing| decide(&read, 3, to_alarm, missing));
        assert_eq!(states, [breaching, not_breaching], "{to_alarm} of 3: {points}");
    }
}

#[test]
fn a_data_point_is_the_statistic_over_a_period() {
    let sample = |second, value, count| Sample { second, value, count };
    let samples = [sample(60, 1.0, 3.0), sample(119, 5.0, 1.0), sample(120, 100.0, 1.0)];
    for (statistic, threshold, expected) in [
        ("Sum", 7.9, State::Alarm),
        ("Sum", 8.0, State::Ok),
        ("Average", 2.0, State::Ok),
        ("Maximum", 4.9, State::Alarm),
    ] {
        let alarm = serde_json::json!({
            "Statistic": statistic, "Period": 60, "EvaluationPeriods": "1", "Threshold": threshold.to_string(),
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
        });
        assert_eq!(state(&alarm, &samples, 120), expected, "{statistic} above {threshold}");
        assert_eq!(state(&alarm, &samples, 60), State::Ok, "before anything was published");
    }
}
