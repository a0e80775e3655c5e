//! Nobody changes the state of a place that they may not report for, whatever they send and in whatever order.

use std::collections::BTreeMap;

use domain::identifiers::Identifier as _;
use domain::ledger::commit::commit;
use domain::ledger::recording::{NotRecorded, State};
use domain::live::Place;
use domain::settings::{Grant, Right, Scope};
use domain::{Environment, Received, Service, Timestamp, event};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

/// Who may report for what: each of one environment, of one service, and of one place.
const PRODUCERS: [(&str, &[&str], &[&str]); 4] = [
    ("token:staging", &["staging"], &[]),
    ("token:production", &["production"], &[]),
    ("token:cart", &[], &["cart"]),
    ("token:pay-in-staging", &["staging"], &["pay"]),
];

fn grant((_, environments, services): (&str, &[&str], &[&str])) -> Grant {
    Grant::Within(vec![Scope {
        environments: environments.iter().map(|name| Environment::parse(name).unwrap()).collect(),
        services: services.iter().map(|name| Service::parse(name).unwrap()).collect(),
    }])
}

fn received(producer: usize, said: &Value, tool: bool) -> Received {
    let read = event::read(said.clone(), at(10_000)).unwrap();
    let (who, ..) = PRODUCERS[producer];
    let received = Received::new(&read, at(0), who).unwrap();
    let received = if tool { received } else { received.agreeing() };
    Received { grant: Some(Box::new((Right::Report, grant(PRODUCERS[producer])))), ..received }
}

prop_compose! {
    /// An event of one of three deployments: of any kind, with or without names, of any attempt and time.
    fn said()(
        id in 0..3,
        kind in prop::sample::select(vec!["deployment", "deployment", "stage", "removal", "teardown", "note"]),
        status in prop::sample::select(vec!["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "ROLLED_BACK"]),
        service in prop::option::of(prop::sample::select(vec!["cart", "pay"])),
        environment in prop::option::of(prop::sample::select(vec!["staging", "production"])),
        provisional in any::<bool>(),
        version in prop::option::of(1..4_i32),
        attempt in 1..3,
        seconds in 0..100_i64,
    ) -> Value {
        let is_final = ["teardown", "note"].contains(&kind);
        let mut said = json!({
            "deploymentId": format!("d-{id}"), "type": kind, "status": if is_final { "COMPLETED" } else { status },
            "attempt": attempt, "occurredAt": at(seconds), "source": "x",
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                said[name] = value;
            }
        };
        set("service", service.map(Value::from));
        set("environment", environment.map(Value::from));
        set("version", version.map(|version: i32| json!(version.to_string())));
        set("provisional", (provisional && environment.is_some()).then(|| json!(["environment"])));
        set("stage", (kind == "stage").then(|| json!("TEST")));
        set("notes", (kind == "note").then(|| json!("seen")));
        set("rollbackTo", (status == "ROLLED_BACK" && kind == "deployment").then(|| json!("0")));
        said
    }
}

fn place(state: &State) -> Place {
    Place { environment: state.summary.environment(), service: state.summary.service() }
}

fn is_of(grant: &Grant, place: &Place) -> bool {
    let known = |name: &str| name != "unknown";
    let environment = Some(&place.environment).filter(|name| known(name.as_str()));
    let service = Some(&place.service).filter(|name| known(name.as_str()));
    grant.may_admit(environment, service)
}

proptest! {
    #![proptest_config(crate::cases(2000))]

    #[test]
    fn no_event_changes_the_state_of_a_place_that_its_producer_may_not_report_for(
        story in prop::collection::vec((0..PRODUCERS.len(), said(), any::<bool>()), 1..20),
    ) {
        let mut states: BTreeMap<String, State> = BTreeMap::new();
        let mut accepted = 0;
        for (producer, said, tool) in story {
            let id = said["deploymentId"].as_str().unwrap().to_owned();
            let before = states.get(&id).cloned();
            let grant = grant(PRODUCERS[producer]);
            match commit(before.as_ref(), vec![received(producer, &said, tool)], at(200)) {
                Ok(Some(commit)) => {
                    accepted += 1;
                    for place in commit.live.keys() {
                        prop_assert!(is_of(&grant, place), "{place:?} by {producer}: {said}");
                    }
                    if let Some(before) = &before {
                        prop_assert!(is_of(&grant, &place(before)), "{:?} by {producer}: {said}", place(before));
                    }
                    let after = place(&commit.state);
                    prop_assert!(
                        grant.admits(Some(&after.environment), Some(&after.service)),
                        "{after:?} by {producer}: {said}"
                    );
                    states.insert(id, commit.state);
                }
                Err((_, NotRecorded::Forbidden(_) | NotRecorded::OtherPlace(_))) => {}
                other => prop_assert!(false, "{other:?}: {said}"),
            }
        }
        prop_assert!(accepted <= 20);
    }
}

#[test]
fn who_may_not_report_for_production_neither_ends_nor_names_nor_moves_what_is_there() {
    let opened = |producer: usize, more: Value| {
        let mut said = json!({"deploymentId": "pay-1", "status": "IN_PROGRESS", "occurredAt": at(10)});
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said["source"] = json!(PRODUCERS[producer].0.replace(':', "-"));
        (producer, said)
    };
    let record = |state: Option<&State>, (producer, said): (usize, Value)| {
        commit(state, vec![received(producer, &said, true)], at(200)).map(|commit| commit.unwrap().state)
    };
    let production = json!({"service": "pay", "environment": "production"});
    let state = record(None, opened(1, production.clone())).unwrap();
    for (more, why) in [
        (json!({"status": "FAILED"}), "it ends, and names no environment"),
        (json!({"status": "FAILED", "environment": "staging", "occurredAt": at(20)}), "it names another"),
        (json!({"environment": "staging", "service": "pay", "occurredAt": at(1)}), "it moves it away"),
        (json!({"type": "stage", "stage": "TEST"}), "it adds a stage"),
        (json!({"attempt": 2}), "it begins another attempt"),
        (json!({"type": "note", "status": "COMPLETED", "notes": "x"}), "it adds a note"),
    ] {
        let refused = record(Some(&state), opened(0, more));
        assert!(matches!(refused, Err((0, NotRecorded::Forbidden(_)))), "{why}: {refused:?}");
    }
    assert!(record(Some(&state), opened(1, json!({"status": "COMPLETED"}))).is_ok(), "who may does");
    // What nobody has named a place of is of none that is given; and nothing is moved to where one has no right.
    assert!(record(None, opened(0, json!({}))).is_err());
    let staging = record(None, opened(0, json!({"service": "pay", "environment": "staging"}))).unwrap();
    assert!(record(Some(&staging), opened(0, json!({"environment": "production", "occurredAt": at(1)}))).is_err());
    assert!(record(Some(&staging), opened(1, json!({"environment": "production", "occurredAt": at(1)}))).is_err());
    let message = record(Some(&state), opened(0, json!({"status": "FAILED"}))).unwrap_err().1.to_string();
    for word in ["token:staging", "report", "pay", "production", "other places"] {
        assert!(message.contains(word), "{message}");
    }
}
