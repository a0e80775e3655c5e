//! Every sample under `events/` is explained as what it becomes: what `events/expected.json` says of the
//! real handlers, this crate says alone.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use formats::{Door, Explanation, Outcome, Payload, Settings, SourceRules, explain};
use serde_json::{Map, Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The door of a sample, as the golden file names it, and what the tool sends in `X-GitHub-Event`.
fn door(name: &str) -> (Door, &str) {
    let (path, event) = name.split_once(", X-GitHub-Event: ").unwrap_or((name, ""));
    (Door::named(path.rsplit('/').next().unwrap()).unwrap(), event)
}

/// What an event becomes, as the golden file has it, without what only a history knows: the status of
/// the deployment, and how a rejection is answered.
fn outcome(explanation: &Explanation) -> Value {
    match explanation.outcome {
        Outcome::Recorded => json!({"recorded": explanation.event.as_ref().unwrap().deployment_id}),
        Outcome::Ignored => json!("ignored"),
        Outcome::Refused => json!({"errors": explanation.errors}),
    }
}

fn expected(outcome: &Value) -> Value {
    match outcome {
        Value::Array(all) => all.iter().map(expected).collect(),
        Value::Object(object) => {
            let mut object = object.clone();
            object.retain(|name, _| !["status", "rejected"].contains(&name.as_str()));
            Value::Object(object)
        }
        other => other.clone(),
    }
}

#[test]
fn every_sample_is_explained_as_what_it_becomes() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let golden = std::fs::read(folder().join("expected.json")).unwrap();
    let golden: Map<String, Value> = serde_json::from_slice(&golden).unwrap();
    for (sample, becomes) in &golden {
        let (door, event) = door(becomes["door"].as_str().unwrap());
        let body = std::fs::read(folder().join(sample)).unwrap();
        let headers = [("content-type", "application/json"), ("x-github-event", event)];
        let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
        let payload = Payload::posted(headers, &body);
        let found = match explain(Some(door), &payload, &Settings::default(), now) {
            Ok(explanations) if becomes["outcome"].is_array() => explanations.iter().map(outcome).collect(),
            Ok(explanations) => outcome(&explanations[0]),
            Err(rejection) => json!({"errors": rejection.into_errors()}),
        };
        assert_eq!(found, expected(&becomes["outcome"]), "{sample}");
    }
    assert!(golden.len() > 200, "{} samples", golden.len());
}

#[test]
fn of_a_kind_that_is_not_read_nothing_is_claimed_but_that() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let ignored = |door: &str, event: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("x-github-event", event)];
        let bytes = body.to_string();
        let payload = Payload::posted(headers.into_iter().filter(|(_, value)| !value.is_empty()), bytes.as_bytes());
        explain(Door::named(door), &payload, &Settings::default(), now).unwrap().remove(0).reason.unwrap()
    };
    let of_bus = |source: &str, kind: &str| {
        let envelope = json!({"source": source, "detail-type": kind, "time": now, "detail": {}});
        ignored("queue", "", &envelope)
    };
    for source in ["aws.codepipeline", "aws.codedeploy", "aws.cloudformation", "aws.codebuild", "aws.ecs"] {
        assert_eq!(of_bus(source, "Something New"), "\"Something New\" is not read", "{source}");
    }
    assert_eq!(of_bus("aws.s3", "Object Created"), "aws.s3 \"Object Created\" is not read");
    assert_eq!(ignored("github", "push", &json!({})), "\"push\" is not read");
    assert_eq!(ignored("gitlab", "", &json!({"object_kind": "pipeline"})), "\"pipeline\" is not read");
    assert_eq!(ignored("gitlab", "", &json!({"event_name": "user_add_to_team"})), "\"user_add_to_team\" is not read");
    let event = |name: &str| json!({"context": {"type": format!("dev.cdevents.{name}.0.1.0")}});
    assert_eq!(ignored("events", "", &event("artifact.published")), "artifact published is not read");
    assert_eq!(ignored("events", "", &json!({"event_type": "build_complete"})), "\"build_complete\" is not read");
}

#[test]
fn a_message_of_the_queue_is_dated_and_signed_by_its_envelope() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let message = json!({
        "source": "aws.ecs", "detail-type": "ECS Deployment State Change", "account": "111122223333",
        "time": "2026-03-01T11:00:00Z", "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/prod/cart"],
        "detail": {"eventName": "SERVICE_DEPLOYMENT_COMPLETED", "deploymentId": "ecs-svc/1"},
    });
    let element = formats::read::message(&Payload::bare(message.to_string().as_bytes()), now);
    let rules = Settings::of_rules(
        SourceRules::parse(r#"[{"source": "aws.ecs", "when": {"cluster": "{environment}"}}]"#).unwrap(),
    );
    let judgement =
        formats::judge(element, &rules, formats::Arrival { producer: "somebody", ..formats::Arrival::tried(now) });
    assert_eq!(judgement.origin.unwrap().fact("cluster"), Some("prod"));
    assert_eq!(judgement.verdict.environment.unwrap().rule, "rule 1");
    let formats::Decision::Record(received) = judgement.decision else { panic!("{:?}", judgement.decision) };
    assert_eq!(received.producer, "eventbridge:111122223333:aws.ecs");
    assert_eq!(received.occurred_at.to_string(), "2026-03-01T11:00:00.000Z");
    assert_eq!(received.event.named.environment.unwrap().as_str(), "prod");
}
