//! Which CDEvents each kind of event becomes: the table of `docs/sources/cdevents-out.md`.

use api::cdevents::{Known, cdevents};
use domain::identifiers::Identifier as _;
use domain::ledger::received::Received;
use domain::ledger::recording::record;
use domain::{Label, Record, Timestamp, event};
use serde_json::{Value, json};

/// The record of an event that is the first of its deployment.
fn recorded(said: &Value) -> Record {
    let mut event = json!({
        "deploymentId": "d-1", "service": "cart", "environment": "staging", "version": "2.0",
        "occurredAt": "2026-03-01T12:00:00Z",
    });
    event.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    let now = Timestamp::parse("2026-03-01T12:01:00Z").unwrap();
    let received = Received::new(&event::read(event, now).unwrap(), now, "test").unwrap();
    record(None, received, now).unwrap().0
}

/// Its CDEvents, as `[type without its frame, subject's id, content]`.
fn documents(said: &Value, artifact: Option<&str>) -> Vec<Value> {
    let artifact = artifact.map(|text| Label::parse(text).unwrap());
    let known = Known { uri: Some("https://api.example.com/v1/deployments/d-1"), artifact: artifact.as_ref() };
    let short = |document| {
        let document = serde_json::to_value(document).unwrap();
        let kind = document["context"]["type"].as_str().unwrap();
        let kind = kind.strip_prefix("dev.cdevents.").unwrap().strip_suffix(".0.3.0").unwrap();
        json!([kind, document["subject"]["id"], document["subject"]["content"]])
    };
    cdevents(&recorded(said), known).into_iter().map(short).collect()
}

fn types(said: &Value) -> Vec<String> {
    documents(said, None).iter().map(|document| document[0].as_str().unwrap().to_owned()).collect()
}

/// A status, and the types that an event with it becomes.
type Row = (&'static str, &'static [&'static str]);

#[test]
fn each_status_of_each_kind_has_its_types() {
    let table: [(&str, [Row; 7]); 3] = [
        (
            "deployment",
            [
                ("PENDING", &["pipelinerun.queued"]),
                ("IN_PROGRESS", &["pipelinerun.started"]),
                ("VALIDATING", &[]),
                ("COMPLETED", &["pipelinerun.finished", "service.deployed"]),
                ("CANCELLED", &["pipelinerun.finished"]),
                ("FAILED", &["pipelinerun.finished"]),
                ("ROLLED_BACK", &["pipelinerun.finished", "service.rolledback"]),
            ],
        ),
        (
            "removal",
            [
                ("PENDING", &["pipelinerun.queued"]),
                ("IN_PROGRESS", &["pipelinerun.started"]),
                ("VALIDATING", &[]),
                ("COMPLETED", &["pipelinerun.finished", "service.removed"]),
                ("CANCELLED", &["pipelinerun.finished"]),
                ("FAILED", &["pipelinerun.finished"]),
                ("ROLLED_BACK", &["pipelinerun.finished"]),
            ],
        ),
        (
            "stage",
            [
                ("PENDING", &[]),
                ("IN_PROGRESS", &["taskrun.started"]),
                ("VALIDATING", &[]),
                ("COMPLETED", &["taskrun.finished"]),
                ("CANCELLED", &["taskrun.finished"]),
                ("FAILED", &["taskrun.finished"]),
                ("ROLLED_BACK", &["taskrun.finished"]),
            ],
        ),
    ];
    for (kind, rows) in table {
        for (status, expected) in rows {
            let back = (status == "ROLLED_BACK").then_some("1.9");
            let said = json!({"type": kind, "status": status, "stage": "DEPLOYMENT", "rollbackTo": back});
            assert_eq!(types(&said), expected, "{kind} {status}");
        }
    }
}

#[test]
fn what_is_not_known_is_not_said_and_what_would_need_it_is_left_out() {
    let uri = "https://api.example.com/v1/deployments/d-1";
    let finished = json!(["pipelinerun.finished", "d-1", {"pipelineName": "cart", "uri": uri, "outcome": "success"}]);
    let nameless = json!(["pipelinerun.finished", "d-1", {"uri": uri, "outcome": "success"}]);
    for (said, expected) in [
        (json!({"environment": "unknown"}), vec![finished.clone()]),
        (json!({"version": null}), vec![finished.clone()]),
        (json!({"service": "unknown"}), vec![nameless]),
        (json!({"type": "removal", "environment": "unknown"}), vec![finished]),
        (json!({"status": "IN_PROGRESS", "service": "unknown"}), vec![]),
        (json!({"status": "PENDING", "service": "unknown"}), vec![json!(["pipelinerun.queued", "d-1", {"uri": uri}])]),
    ] {
        let mut event = json!({"status": "COMPLETED"});
        event.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        assert_eq!(documents(&event, None), expected, "{said}");
    }
    assert_eq!(types(&json!({"status": "ROLLED_BACK"})), ["pipelinerun.finished"], "back to what?");
    let unreachable = Known::default();
    assert!(cdevents(&recorded(&json!({"status": "IN_PROGRESS"})), unreachable).is_empty());
    let stage = json!({"type": "stage", "stage": "unknown", "status": "IN_PROGRESS"});
    assert_eq!(documents(&stage, None), [json!(["taskrun.started", "d-1#1#unknown", {"pipelineRun": {"id": "d-1"}}])]);
}

#[test]
fn the_artifact_is_the_package_url_that_is_known_or_names_service_and_version() {
    let artifact = |said: &Value, known: Option<&str>| documents(said, known)[1][2]["artifactId"].clone();
    let completed = json!({"status": "COMPLETED"});
    assert_eq!(artifact(&completed, None), "pkg:generic/cart@2.0");
    assert_eq!(artifact(&completed, Some("cart-2.0.jar")), "pkg:generic/cart@2.0");
    assert_eq!(artifact(&completed, Some("pkg:oci/cart@sha256%3Aab")), "pkg:oci/cart@sha256%3Aab");
    let own = json!({"status": "COMPLETED", "artifact": "pkg:oci/cart@2"});
    assert_eq!(artifact(&own, Some("pkg:oci/cart@1")), "pkg:oci/cart@2");
    let undone = json!({"status": "ROLLED_BACK", "artifact": "pkg:oci/cart@2", "rollbackTo": "release/1.9"});
    assert_eq!(artifact(&undone, Some("pkg:oci/cart@2")), "pkg:generic/cart@release%2F1.9");
}

#[test]
fn an_outcome_and_its_errors_are_those_reported() {
    for (said, outcome, errors) in [
        (json!({"status": "FAILED"}), "failure", Value::Null),
        (json!({"status": "FAILED", "error": {"message": "no room"}}), "failure", json!("no room")),
        (json!({"status": "FAILED", "error": {"code": "E7"}}), "failure", json!("E7")),
        (json!({"status": "CANCELLED", "error": {"code": "E7", "message": "no room"}}), "cancel", json!("E7: no room")),
        (json!({"status": "ROLLED_BACK"}), "failure", Value::Null),
    ] {
        for kind in [json!("deployment"), json!("stage")] {
            let mut event = json!({"type": kind, "stage": "DEPLOYMENT"});
            event.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            let content = &documents(&event, None)[0][2];
            assert_eq!((&content["outcome"], &content["errors"]), (&json!(outcome), &errors), "{event}");
        }
    }
}
