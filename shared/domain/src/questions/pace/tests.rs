use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::identifiers::Identifier as _;
use crate::ledger::received::Received;
use crate::ledger::recording::{State, record};
use crate::questions::expected::Of;

fn noon(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis((seconds * 1000.0).round() as i64)
}

fn deployment(events: &[(f64, Value)]) -> Summary {
    let mut state: Option<State> = None;
    for (seconds, more) in events {
        let mut event = json!({"deploymentId": "d", "service": "cart", "environment": "production"});
        event["occurredAt"] = json!(noon(*seconds));
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let now = noon(86_400.0);
        let received = Received::new(&crate::event::read(event, now).unwrap(), now, "test").unwrap();
        state = Some(record(state.as_ref(), received, now).unwrap().1);
    }
    state.unwrap().summary
}

fn usual(seconds: f64, p95: f64, spread: f64) -> Usual {
    Usual { seconds, p95, spread, from: 50 }
}

fn expected(whole: Usual, stages: &[(&str, Usual)]) -> Expected {
    let stages: BTreeMap<_, _> = stages.iter().map(|(name, usual)| (StageName::parse(name).unwrap(), *usual)).collect();
    Expected { whole, stages, of: Of::Place }
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn what_is_too_long_is_the_greatest_of_three() {
    for (usual, limit) in [
        // Six spreads, each worth 1.4826 of it.
        (usual(600.0, 700.0, 100.0), 600.0 + 6.0 * 1.4826 * 100.0),
        // Twice what nineteen of twenty take: services that have two paces have a small spread.
        (usual(600.0, 900.0, 10.0), 1800.0),
        // Five minutes: what takes seconds is not watched by the second.
        (usual(5.0, 9.0, 1.0), 300.0),
        (usual(0.0, 0.0, 0.0), 300.0),
        (usual(150.0, 150.0, 0.0), 300.0),
        (usual(150.5, 150.5, 0.0), 301.0),
    ] {
        assert!((slow_after(&usual) - limit).abs() < 1e-9, "{usual:?}: {}", slow_after(&usual));
    }
}

#[test]
fn it_is_slow_past_the_limit_and_has_stalled_once_it_is_silent_too() {
    use Pace::{OnTime, Slow, Stalled};
    // Slow after 1200 seconds; BUILD takes at most 400, usually.
    let build = ("BUILD", usual(300.0, 400.0, 20.0));
    let known = expected(usual(500.0, 600.0, 10.0), &[build]);
    let began = (0.0, json!({"status": "IN_PROGRESS"}));
    let stage = |at: f64, name: &str, status: &str| (at, json!({"type": "stage", "stage": name, "status": status}));
    for (name, events, at, pace) in [
        ("up to the limit, however silent", vec![began.clone()], 1200.0, OnTime),
        ("past it, and silent", vec![began.clone()], 1200.001, Stalled),
        (
            "silent for less than five minutes",
            vec![began.clone(), (1000.0, json!({"status": "VALIDATING"}))],
            1299.999,
            Slow,
        ),
        ("silent for five minutes", vec![began.clone(), (1000.0, json!({"status": "VALIDATING"}))], 1300.0, Stalled),
        (
            "silent for less than its stage takes",
            vec![began.clone(), stage(1000.0, "BUILD", "IN_PROGRESS")],
            1399.999,
            Slow,
        ),
        (
            "silent for as long as its stage takes",
            vec![began.clone(), stage(1000.0, "BUILD", "IN_PROGRESS")],
            1400.0,
            Stalled,
        ),
        ("in a stage that nobody knows", vec![began.clone(), stage(1000.0, "OTHER", "IN_PROGRESS")], 1300.0, Stalled),
        ("its stage has ended", vec![began.clone(), stage(1000.0, "BUILD", "COMPLETED")], 1300.0, Stalled),
        ("waiting is not work", vec![(-9000.0, json!({"status": "PENDING"})), began.clone()], 1200.0, OnTime),
        ("what waits never stalls", vec![(0.0, json!({"status": "PENDING"}))], 80_000.0, OnTime),
        (
            "a later attempt has a time of its own",
            vec![
                began.clone(),
                (900.0, json!({"status": "FAILED"})),
                (1000.0, json!({"status": "IN_PROGRESS", "attempt": 2})),
            ],
            2200.0,
            OnTime,
        ),
        (
            "and is too long after that",
            vec![
                began.clone(),
                (900.0, json!({"status": "FAILED"})),
                (1000.0, json!({"status": "IN_PROGRESS", "attempt": 2})),
            ],
            2200.001,
            Stalled,
        ),
    ] {
        let summary = deployment(&events);
        let progress = Progress::of(&summary, Some(&known), HOUR, noon(at)).unwrap();
        assert_eq!(progress.pace, pace, "{name}: {progress:?}");
        assert!(pace != Stalled || can_have_stalled(&summary, HOUR, noon(at)), "{name}: it would not be asked");
    }
}

#[test]
fn where_nothing_is_expected_a_fixed_time_of_silence_counts() {
    let began = (0.0, json!({"status": "IN_PROGRESS"}));
    for (events, at, pace) in [
        (vec![began.clone()], 3599.999, Pace::OnTime),
        (vec![began.clone()], 3600.0, Pace::Stalled),
        (vec![began.clone(), (3000.0, json!({"status": "VALIDATING"}))], 6599.999, Pace::OnTime),
        (vec![began.clone(), (3000.0, json!({"status": "VALIDATING"}))], 6600.0, Pace::Stalled),
        (vec![(0.0, json!({"status": "PENDING"}))], 80_000.0, Pace::OnTime),
    ] {
        let progress = Progress::of(&deployment(&events), None, HOUR, noon(at)).unwrap();
        assert_eq!((progress.pace, progress.slow_after), (pace, None), "{events:?}");
    }
}

#[test]
fn what_has_ended_has_no_pace() {
    let ended = deployment(&[(0.0, json!({"status": "IN_PROGRESS"})), (5.0, json!({"status": "COMPLETED"}))]);
    assert_eq!(Progress::of(&ended, None, HOUR, noon(9000.0)), None);
    assert!(!can_have_stalled(&ended, HOUR, noon(9000.0)));
}
