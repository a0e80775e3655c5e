//! Since when figures of days that are over are others: what is recorded when it happens notes nothing, and what comes
//! late notes the first day of which it says anything.

use domain::ledger::changed::ChangedFigures;
use domain::ledger::commit::{Commit, commit};
use domain::ledger::recording::State;
use domain::{Day, Received, Timestamp};
use serde_json::{Value, json};

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn received(event: &Value, now: Timestamp) -> Received {
    Received::new(&domain::event::read(event.clone(), now).unwrap(), now, "test").unwrap()
}

/// What recording these events one after the other, each at its time, decides last.
fn last(events: &[(&str, Value)]) -> Commit {
    let (mut state, mut last): (Option<State>, Option<Commit>) = (None, None);
    for (now, event) in events {
        let now = time(now);
        let decided = commit(state.as_ref(), vec![received(event, now)], now).unwrap().unwrap();
        state = Some(decided.state.clone());
        last = Some(decided);
    }
    last.unwrap()
}

/// Of which environments, since when.
fn changed(events: &[(&str, Value)]) -> Vec<(Option<String>, String)> {
    let said = |ChangedFigures { environment, since }| (environment.map(String::from), since.to_string());
    last(events).changed.into_iter().map(said).collect()
}

fn deployment(status: &str, at: &str) -> Value {
    json!({
        "deploymentId": "d-1", "eventId": format!("{status}-{at}"), "status": status, "occurredAt": at,
        "service": "cart", "environment": "production", "version": "1",
    })
}

fn since(environment: &str, day: &str) -> Vec<(Option<String>, String)> {
    vec![(Some(environment.to_owned()), day.to_owned())]
}

#[test]
fn what_ends_when_it_is_told_changes_nothing_and_what_ended_on_a_day_that_is_over_that_day() {
    let ended = "2026-03-01T23:59:59.999Z";
    for (now, expected) in [
        (ended, vec![]),
        ("2026-03-03T00:59:59.999Z", vec![]),
        ("2026-03-03T01:00:00Z", since("production", "2026-03-01")),
        ("2026-09-01T12:00:00Z", since("production", "2026-03-01")),
    ] {
        assert_eq!(changed(&[(now, deployment("COMPLETED", ended))]), expected, "{now}");
    }
    // It has not ended.
    assert_eq!(changed(&[("2026-09-01T12:00:00Z", deployment("IN_PROGRESS", ended))]), []);
}

#[test]
fn what_was_over_and_is_no_more_changes_the_day_on_which_it_was() {
    let completed = ("2026-03-01T12:00:00Z", deployment("COMPLETED", "2026-03-01T12:00:00Z"));
    let today = "2026-05-05T12:00:00Z";
    for later in [
        deployment("ROLLED_BACK", today),
        json!({"deploymentId": "d-1", "eventId": "again", "status": "IN_PROGRESS", "attempt": 2, "occurredAt": today}),
        // It says how it went, and is none of its endings.
        json!({"deploymentId": "d-1", "eventId": "more", "status": "IN_PROGRESS", "metrics": {"healthScore": 3},
               "occurredAt": "2026-03-01T11:00:00Z"}),
    ] {
        assert_eq!(changed(&[completed.clone(), (today, later)]), since("production", "2026-03-01"));
    }
}

#[test]
fn an_incident_changes_the_days_on_which_it_began_and_ended() {
    let incident = |status: &str, at: &str| {
        json!({
            "type": "incident", "deploymentId": "incident:INC-1", "eventId": status, "status": status,
            "occurredAt": at, "service": "cart", "environment": "production",
        })
    };
    let began = ("2026-03-01T12:00:00Z", incident("IN_PROGRESS", "2026-03-01T12:00:00Z"));
    assert_eq!(changed(std::slice::from_ref(&began)), []);
    // When it was over counts with its begin.
    let ended = ("2026-03-09T12:00:00Z", incident("COMPLETED", "2026-03-09T12:00:00Z"));
    assert_eq!(changed(&[began, ended]), since("production", "2026-03-01"));
}

#[test]
fn an_observation_speaks_of_what_had_landed_a_day_before_it() {
    let observed = |more: Value| {
        let mut event = json!({
            "type": "observation", "eventId": "o", "occurredAt": "2026-03-05T12:00:00Z", "metrics": {"errorRate": 9},
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let of_place = observed(json!({"service": "cart", "environment": "production"}));
    assert_eq!(changed(&[("2026-03-05T12:00:00Z", of_place.clone())]), []);
    assert_eq!(changed(&[("2026-03-06T00:59:59Z", of_place.clone())]), [], "the day before it is not over for good");
    assert_eq!(changed(&[("2026-03-06T01:00:00Z", of_place)]), since("production", "2026-03-04"));
    // Where the deployment is that it names, nobody says.
    let of_one = observed(json!({"deploymentId": "d-1"}));
    assert_eq!(changed(&[("2026-03-08T12:00:00Z", of_one)]), [(None, "2026-03-04".to_owned())]);
}

#[test]
fn a_retirement_changes_its_environment_and_a_verdict_nothing() {
    let retired = json!({
        "type": "retirement", "eventId": "r", "occurredAt": "2026-03-01T12:00:00Z", "environment": "staging",
    });
    assert_eq!(changed(&[("2026-03-08T12:00:00Z", retired)]), since("staging", "2026-03-01"));
    let cleared = json!({
        "type": "verdict", "eventId": "v", "occurredAt": "2026-03-01T12:00:00Z", "service": "cart", "version": "1",
        "outcome": "CLEARED", "reason": "looked at it",
    });
    assert_eq!(changed(&[("2026-03-08T12:00:00Z", cleared)]), []);
}

#[test]
fn the_earliest_day_of_all_is_noted() {
    let late = [
        deployment("ROLLED_BACK", "2026-03-07T12:00:00Z"),
        deployment("COMPLETED", "2026-03-02T12:00:00Z"),
        deployment("IN_PROGRESS", "2026-03-01T12:00:00Z"),
    ];
    let now = time("2026-05-05T12:00:00Z");
    let decided = commit(None, late.iter().map(|event| received(event, now)).collect(), now).unwrap().unwrap();
    let day = Day::parse("2026-03-02").unwrap();
    assert_eq!(
        decided.changed,
        [ChangedFigures { environment: serde_json::from_value(json!("production")).ok(), since: day }]
    );
    assert!(decided.writes_at_most() > decided.records.len() + decided.changed.len());
}
