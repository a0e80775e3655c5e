//! Whatever is recorded becomes valid CDEvents.

use std::sync::LazyLock;

use api::RecordedEvent;
use api::cdevents::{Known, cdevents};
use domain::event;
use domain::identifiers::Identifier;
use domain::ledger::received::Received;
use domain::ledger::recording::{State, record};
use domain::{DeploymentId, Environment, Event, Label, Record, Service, StageName, Status, Timestamp, Version};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tests::cdevents::Schemas;
use tests::world::at;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::read);

/// Texts of an identifier's own kind: few that meet often, and any that its rules allow.
fn names<T: Identifier>(usual: &'static [&'static str], any: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        select(usual).prop_map(str::to_owned),
        any.prop_filter("not one of these", |text| T::parse(text).is_ok())
    ]
}

/// An event of the deployment `id`, as one can be reported.
fn event_of(id: String) -> impl Strategy<Value = Event> {
    let printable = "[ -~]{1,40}|\\PC{1,40}";
    let described = (
        of(names::<Service>(&["cart", "unknown"], printable)),
        of(names::<Environment>(&["staging", "unknown", "my production"], printable)),
        of(names::<Version>(&["1.0", "release/1.0"], printable)),
        of(names::<Label>(&["pkg:oci/cart@sha256%3Aabc", "cart.jar", "pkg:", "pkg:a/b c"], printable)),
        of(names::<Version>(&["0.9"], printable)),
        of(names::<StageName>(&["DEPLOYMENT"], "\\PC{1,40}")),
    );
    let said = (
        select(&["deployment", "stage", "removal"][..]),
        select(&Status::ALL[..]),
        1u32..3,
        0i64..100,
        of("[!-~]{1,8}"),
        of((of(".{0,20}"), of("[a-z]{0,8}"))),
        of(any::<f64>().prop_filter("a number of JSON's", |number| number.abs() < 1e15)),
    );
    (described, said).prop_map(
        move |(
            (service, environment, version, artifact, back, stage),
            (kind, status, attempt, time, own, error, n),
        )| {
            let stage = stage.or_else(|| (kind == "stage").then(|| "unknown".to_owned()));
            let error = error.map(|(message, code)| json!({"message": message, "code": code}));
            let value = json!({
                "deploymentId": id, "type": kind, "status": status, "attempt": attempt, "occurredAt": at(time),
                "eventId": own, "service": service, "environment": environment, "version": version,
                "artifact": artifact, "rollbackTo": (status == Status::RolledBack).then_some(back), "stage": stage,
                "error": error, "metadata": n.map(|n| json!({"n": n})),
            });
            event::read(value.clone(), Timestamp::MAX).unwrap_or_else(|errors| panic!("{errors:?} in {value}"))
        },
    )
}

/// The history of a deployment to which these were reported, each once.
fn history(events: &[Event]) -> Vec<Record> {
    let (mut state, mut records): (Option<State>, Vec<Record>) = (None, Vec::new());
    for event in events {
        let received = Received::new(event, at(0), "test").unwrap();
        if records.iter().all(|record| record.received.key != received.key) {
            let (made, after) = record(state.as_ref(), received, at(100)).unwrap();
            records.push(made);
            state = Some(after);
        }
    }
    records
}

fn histories() -> impl Strategy<Value = Vec<Record>> {
    names::<DeploymentId>(&["d-1", "ecs-svc/1", "github:shop/cart:1"], "[A-Za-z0-9][A-Za-z0-9._:/@-]{0,40}")
        .prop_flat_map(|id| prop::collection::vec(event_of(id), 1..6))
        .prop_map(|events| history(&events))
}

proptest! {
    #[test]
    fn every_record_becomes_valid_documents_that_say_no_more_than_is_known(
        records in histories(), artifact in of(names::<Label>(&["pkg:oci/cart@1"], "[ -\"$-~]{1,40}")), is_reached in any::<bool>(),
    ) {
        let artifact = artifact.map(|text| Label::parse(&text).unwrap());
        let mut ids = std::collections::BTreeSet::new();
        for record in &records {
            let uri = format!("https://api.example.com/v1/deployments/{}", record.deployment_id());
            let known = Known { uri: is_reached.then_some(uri.as_str()), artifact: artifact.as_ref() };
            let documents = cdevents(record, known);
            prop_assert!(documents.len() <= 2);
            for document in documents {
                let document = serde_json::to_value(document).unwrap();
                let errors = SCHEMAS.errors(&document);
                prop_assert!(errors.is_empty(), "{:#?}\n{:#}", errors, document);
                prop_assert!(ids.insert(document["context"]["id"].to_string()), "an id stands for one document");
                prop_assert_eq!(&document["customData"], &serde_json::to_value(RecordedEvent::from(record)).unwrap());
                prop_assert_eq!(&document["context"]["timestamp"], &json!(record.received.occurred_at));
                let content = &document["subject"]["content"];
                for name in [&content["environment"]["id"], &content["pipelineName"]] {
                    prop_assert_ne!(name, &json!("unknown"));
                }
                if content["outcome"] == "success" {
                    prop_assert_eq!(record.received.event.status, Status::Completed);
                }
                prop_assert!(content["artifactId"] == Value::Null || content["artifactId"].as_str().unwrap().starts_with("pkg:"));
            }
        }
    }
}
