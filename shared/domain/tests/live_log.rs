//! What recording writes to the log of a place.

use std::collections::BTreeMap;

use domain::identifiers::Identifier as _;
use domain::ledger::commit::{LogChange, Superseded, commit};
use domain::ledger::received::Received;
use domain::live::as_of::{EntryWrite, Log, LogEntry};
use domain::live::log_key::LogKey;
use domain::live::replay::replay;
use domain::live::{Effect, Entry, Place};
use domain::{DeploymentId, Timestamp, Version, event};
use serde_json::{Value, json};

fn noon(millis: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(millis)
}

fn entry(version: &str) -> Entry {
    Entry {
        at: noon(0),
        ahead: false,
        deployment_id: DeploymentId::parse("d").unwrap(),
        effect: Effect::Completed,
        region: None,
        version: Version::parse(version).ok(),
        commit: None,
        rollback_to: None,
    }
}

#[test]
fn a_corrected_entry_was_known_from_when_the_change_or_else_the_log_says() {
    let (first, second) = (entry("1"), entry("2"));
    let key = LogKey::of(&first);
    let change = |known_from, added: &[Entry]| LogChange {
        added: added.iter().map(|entry| (entry.clone(), noon(9))).collect(),
        superseded: vec![Superseded { entry: first.clone(), known_from, known_until: noon(9), by_sequence: 2 }],
        ..LogChange::default()
    };
    let corrected = |known_from| {
        let stored = LogEntry { entry: first.clone(), known_from, known_until: Some(noon(9)), timing: None };
        EntryWrite::Put(key.clone().corrected(2), stored)
    };
    let holds = LogEntry { entry: second.clone(), known_from: noon(9), known_until: None, timing: None };
    let added = EntryWrite::Put(key.clone(), holds);
    let second = [second];
    for (change, logged, writes) in [
        // It was added by an earlier record of the same transaction: what the log has is another entry.
        (change(Some(noon(3)), &second), Some(noon(1)), vec![corrected(noon(3)), added.clone()]),
        (change(Some(noon(3)), &[]), None, vec![corrected(noon(3))]),
        // It was stored before.
        (change(None, &second), Some(noon(1)), vec![corrected(noon(1)), added.clone()]),
        (change(None, &[]), Some(noon(1)), vec![EntryWrite::Remove(key.clone()), corrected(noon(1))]),
        (change(None, &second), None, vec![corrected(noon(9)), added.clone()]),
    ] {
        assert_eq!(change.writes(|_| logged), writes, "{change:?} {logged:?}");
        let before = logged.map(|known_from| {
            (key.clone(), LogEntry { entry: first.clone(), known_from, known_until: None, timing: None })
        });
        let mut log = Log(before.into_iter().collect());
        let corrected_from = |log: &Log| log.0.get(&key.clone().corrected(2)).map(|stored| stored.known_from);
        log.apply(&change);
        let EntryWrite::Put(_, expected) = &writes[usize::from(matches!(writes[0], EntryWrite::Remove(_)))] else {
            panic!("{writes:?}")
        };
        assert_eq!(corrected_from(&log), Some(expected.known_from));
    }
}

#[test]
fn records_of_one_transaction_leave_the_log_that_they_leave_one_by_one() {
    let received = |more: Value| {
        let mut event = json!({"deploymentId": "d", "occurredAt": noon(0)});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Received::new(&event::read(event, noon(0)).unwrap(), noon(0), "test").unwrap()
    };
    let together = vec![
        received(json!({"status": "COMPLETED", "service": "cart", "version": "2"})),
        // Each describes it anew, as an earlier event does; the last also moves it.
        received(json!({"status": "IN_PROGRESS", "version": "1", "occurredAt": noon(-2)})),
        received(json!({"status": "FAILED", "attempt": 2, "occurredAt": noon(5)})),
        received(json!({"status": "PENDING", "environment": "production", "occurredAt": noon(-3)})),
    ];
    let commit = commit(None, together, noon(9)).unwrap().unwrap();
    let mut logs: BTreeMap<Place, Log> = BTreeMap::new();
    for (place, change) in &commit.live {
        logs.entry(place.clone()).or_default().apply(change);
    }
    let replayed = replay(&commit.records).unwrap();
    assert_eq!(replayed.logs, logs);
    let sizes: Vec<(&str, usize)> = logs.iter().map(|(place, log)| (place.environment.as_str(), log.0.len())).collect();
    assert_eq!(sizes, [("production", 2), ("unknown", 3)]);
}
