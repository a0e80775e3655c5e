//! How long landings took, as it stands in the log: by the summary alone, so that no order of arrival changes it.

use std::collections::BTreeMap;

use domain::ledger::commit::commit;
use domain::ledger::received::Received;
use domain::ledger::recording::State;
use domain::live::as_of::Log;
use domain::live::replay::replay;
use domain::live::{Effect, Place, Timing};
use domain::{Record, StageName, Timestamp, event};
use proptest::prelude::*;
use serde_json::{Value, json};

fn noon(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

#[expect(clippy::needless_pass_by_value, reason = "a literal at each call")]
fn received(seconds: i64, more: Value) -> Received {
    let mut event = json!({"deploymentId": "d", "service": "cart", "environment": "production", "version": "1"});
    event["occurredAt"] = json!(noon(seconds));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Received::new(&event::read(event, noon(86_400)).unwrap(), noon(86_400), "test").unwrap()
}

fn stage(seconds: i64, name: &str, status: &str) -> Received {
    received(seconds, json!({"type": "stage", "stage": name, "status": status}))
}

fn whole(seconds: i64, status: &str) -> Received {
    received(seconds, json!({"status": status}))
}

/// The logs that recording leaves, so many events in a transaction, and the records.
fn recorded(events: Vec<Received>, at_once: usize) -> (BTreeMap<Place, Log>, Vec<Record>) {
    let (mut state, mut records, mut logs): (Option<State>, Vec<Record>, BTreeMap<Place, Log>) = Default::default();
    let mut waiting = events.into_iter().peekable();
    while waiting.peek().is_some() {
        let some = waiting.by_ref().take(at_once).collect();
        let commit = commit(state.as_ref(), some, noon(86_400)).unwrap().unwrap();
        for (place, change) in &commit.live {
            logs.entry(place.clone()).or_default().apply(change);
        }
        for retimed in commit.retimed {
            let stored = logs.get_mut(&retimed.place).and_then(|log| log.0.get_mut(&retimed.key));
            stored.expect("what is timed anew stands there").timing = retimed.timing;
        }
        records.extend(commit.records);
        state = Some(commit.state);
    }
    (logs, records)
}

/// What stands beside the landings, each as `seconds since it began, duration, stages`.
fn timings(events: Vec<Received>) -> Vec<String> {
    let (logs, _) = recorded(events, 25);
    let landings = logs.values().flat_map(|log| &log.0).filter(|(key, stored)| {
        assert!(stored.timing.is_none() || key.effect == Effect::Completed && stored.known_until.is_none());
        stored.known_until.is_none() && key.effect != Effect::Failed
    });
    let text = |timing: &Timing| {
        let began = timing.began.map_or("?".to_owned(), |began| began.seconds_since(noon(0)).to_string());
        let seconds = timing.seconds().map_or("?".to_owned(), |seconds| seconds.to_string());
        let stages = timing.stages.iter().map(|(stage, millis)| format!(" {} {millis}", stage.as_str()));
        format!("{began} {seconds}{}", stages.collect::<String>())
    };
    landings.map(|(_, stored)| stored.timing.as_ref().map_or("unknown".to_owned(), text)).collect()
}

#[test]
fn a_landing_says_when_it_began_how_long_it_took_and_what_its_stages_took() {
    let reported = |seconds: f64| json!({"status": "COMPLETED", "metrics": {"durationSeconds": seconds}});
    for (name, events, expected) in [
        (
            "waiting is not part of it",
            vec![whole(0, "PENDING"), whole(60, "IN_PROGRESS"), whole(90, "COMPLETED")],
            vec!["60 30"],
        ),
        ("only its end is known", vec![whole(90, "COMPLETED")], vec!["unknown"]),
        ("its end says how long it took", vec![received(90, reported(12.5))], vec!["? 12.5"]),
        ("it took no time", vec![whole(90, "IN_PROGRESS"), whole(90, "COMPLETED")], vec!["90 0"]),
        (
            "clocks disagree, and its end says it",
            vec![whole(99, "IN_PROGRESS"), received(90, reported(7.0))],
            vec!["? 7"],
        ),
        (
            "stages that completed by then",
            vec![
                whole(0, "IN_PROGRESS"),
                stage(1, "BUILD", "IN_PROGRESS"),
                stage(21, "BUILD", "COMPLETED"),
                stage(21, "TEST", "IN_PROGRESS"),
                stage(30, "TEST", "FAILED"),
                whole(60, "COMPLETED"),
                stage(60, "CLEANUP", "IN_PROGRESS"),
                stage(90, "CLEANUP", "COMPLETED"),
            ],
            vec!["0 60 BUILD 20000"],
        ),
        (
            "inferred stages, the last of which ends with the landing",
            vec![
                received(0, json!({"status": "IN_PROGRESS", "stage": "BUILD"})),
                received(10, json!({"status": "IN_PROGRESS", "stage": "DEPLOYMENT"})),
                whole(40, "COMPLETED"),
                whole(70, "ROLLED_BACK"),
            ],
            vec!["0 40 BUILD 10000 DEPLOYMENT 30000", "unknown"],
        ),
        (
            "each attempt by itself",
            vec![
                whole(0, "IN_PROGRESS"),
                stage(0, "BUILD", "IN_PROGRESS"),
                stage(5, "BUILD", "COMPLETED"),
                whole(10, "COMPLETED"),
                received(100, json!({"status": "IN_PROGRESS", "attempt": 2})),
                received(130, json!({"status": "COMPLETED", "attempt": 2})),
            ],
            vec!["0 10 BUILD 5000", "100 30"],
        ),
        (
            "a removal takes nothing anywhere",
            vec![
                received(0, json!({"type": "removal", "status": "IN_PROGRESS"})),
                received(9, json!({"type": "removal", "status": "COMPLETED"})),
            ],
            vec!["unknown"],
        ),
    ] {
        assert_eq!(timings(events.clone()), expected, "{name}");
        let backwards: Vec<Received> = events.into_iter().rev().collect();
        assert_eq!(timings(backwards), expected, "{name}, told backwards");
    }
}

#[test]
fn the_longest_stages_are_kept_that_there_is_room_for() {
    let name = |n: usize| format!("{n:02}{}", "x".repeat(58));
    let mut events = vec![whole(0, "IN_PROGRESS")];
    for n in 0..20 {
        let ends = i64::try_from(n).unwrap() + 1;
        events.extend([stage(0, &name(n), "IN_PROGRESS"), stage(ends, &name(n), "COMPLETED")]);
    }
    events.extend([stage(0, "SHORT", "IN_PROGRESS"), stage(1, "SHORT", "COMPLETED"), whole(60, "COMPLETED")]);
    let (logs, _) = recorded(events, 5);
    let timing = logs.values().next().unwrap().0.values().next().unwrap().timing.clone().unwrap();
    let kept: Vec<&str> = timing.stages.keys().map(StageName::as_str).collect();
    let mut longest: Vec<String> = (15..20).map(name).collect();
    longest.push("SHORT".to_owned());
    assert_eq!(kept, longest);
    assert!(serde_json::to_string(&timing).unwrap().len() < 500);
}

proptest! {
    #![proptest_config(crate::cases(400))]

    /// Whatever comes in whichever order and however many at once, the log says what a replay says.
    #[test]
    fn no_order_of_arrival_changes_how_long_a_landing_took(
        (events, at_once) in (proptest::collection::vec((0i64..120, 0usize..9), 2..12), 1usize..6)
    ) {
        let made = |(seconds, kind): &(i64, usize)| match kind {
            0 => whole(*seconds, "IN_PROGRESS"),
            1 | 2 => whole(*seconds, "COMPLETED"),
            3 => stage(*seconds, "BUILD", "IN_PROGRESS"),
            4 => stage(*seconds, "BUILD", "COMPLETED"),
            5 => received(*seconds, json!({"status": "IN_PROGRESS", "stage": "DEPLOYMENT"})),
            6 => whole(*seconds, "ROLLED_BACK"),
            7 => received(*seconds, json!({"status": "COMPLETED", "attempt": 2})),
            _ => received(*seconds, json!({"type": "stage", "stage": "TEST", "status": "COMPLETED", "attempt": 2})),
        };
        let mut distinct: Vec<Received> = Vec::new();
        for event in events.iter().map(made) {
            if !distinct.iter().any(|other| other.key == event.key) {
                distinct.push(event);
            }
        }
        let (logs, records) = recorded(distinct.clone(), at_once);
        let replayed = replay(&records).unwrap();
        prop_assert_eq!(&replayed.logs, &logs);
        let holding = |logs: &BTreeMap<Place, Log>| -> Vec<Option<Timing>> {
            let stored = logs.values().flat_map(|log| log.0.values()).filter(|stored| stored.holds(None));
            stored.map(|stored| stored.timing.clone()).collect()
        };
        let backwards: Vec<Received> = distinct.into_iter().rev().collect();
        prop_assert_eq!(holding(&recorded(backwards, 1).0), holding(&logs));
    }
}
