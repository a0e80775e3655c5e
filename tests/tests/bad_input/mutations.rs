//! Whatever a valid event is changed into, it is recorded or refused: no change makes an invocation
//! fail, answers a 5xx, or loses a queued event.

use futures_util::FutureExt as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::World;
use tests::world::{SECRET, at};

use super::events_in_history;

const CASES: usize = 200;

/// An event with every field.
fn full() -> Value {
    json!({
        "eventId": "e-1", "source": "ci", "type": "stage", "deploymentId": "d-1", "service": "cart",
        "environment": "production", "version": "1.2.3", "commit": "abc", "artifact": "cart.zip", "buildNumber": "7",
        "region": "eu-central-1", "status": "FAILED", "stage": "DEPLOYMENT", "attempt": 2,
        "occurredAt": "2026-03-01T11:00:00Z", "triggeredBy": {"kind": "MANUAL", "actor": "ada", "reason": "hotfix"},
        "metrics": {"durationSeconds": 5, "healthScore": 0, "errorCount": 1, "errorRate": 2, "instanceCount": 3,
                    "successRate": 4, "latencyP95Ms": 5, "trafficPercent": 6},
        "error": {"message": "it broke", "code": "E1"}, "rollbackTo": "1.2.2", "committedAt": "2026-03-01T10:00:00Z",
        "release": "r-1", "links": {"log": "https://ci.example/1"}, "notes": "why", "metadata": {"a": {"b": [1, null]}},
    })
}

/// The paths of all values of a document, the document itself aside.
fn paths(value: &Value, prefix: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return Vec::new() };
    let below = |(name, value): (&String, &Value)| {
        let path = format!("{prefix}/{}", name.replace('~', "~0").replace('/', "~1"));
        [vec![path.clone()], paths(value, &path)].concat()
    };
    object.iter().flat_map(below).collect()
}

/// What a value is replaced with; none removes it.
fn replacement() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        any::<bool>().prop_map(|value| Some(json!(value))),
        any::<i64>().prop_map(|value| Some(json!(value))),
        any::<f64>().prop_map(|value| Some(json!(value))),
        Just(Some(json!(""))),
        Just(Some(json!("x".repeat(10 * 1024)))),
        "\\PC{0,40}".prop_map(|text| Some(json!(text))),
        any::<String>().prop_map(|text| Some(json!(text))),
        Just(Some(json!([]))),
        Just(Some(json!([1, "a", {"b": null}]))),
        Just(Some(json!({}))),
        "[a-z]{1,9}".prop_map(|name| Some(json!({name: {"deep": [[[]]]}}))),
    ]
}

fn mutated(original: &Value, changes: Vec<(proptest::sample::Index, Option<Value>)>) -> Value {
    let mut document = original.clone();
    for (index, replacement) in changes {
        let paths = paths(&document, "");
        if paths.is_empty() {
            break;
        }
        let path = index.get(&paths);
        let (parent, name) = path.rsplit_once('/').expect("a path");
        let parent = document.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match replacement {
            Some(value) => drop(parent.insert(name.to_owned(), value)),
            None => drop(parent.remove(name)),
        }
    }
    document
}

/// [`CASES`] documents made from `original` by one to three changes each.
fn mutations(original: &Value) -> Vec<Value> {
    let mut runner = TestRunner::deterministic();
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), replacement()), 1..4);
    let case = |number: usize| {
        // An id of its own, or most cases would be conflicts with the first.
        let text = original.to_string().replace("\"e-1\"", &format!("\"e-{number}\""));
        mutated(&text.parse().expect("JSON"), changes.new_tree(&mut runner).expect("changes").current())
    };
    (0..CASES).map(case).collect()
}

#[tokio::test]
async fn a_changed_event_that_is_posted_is_recorded_or_refused() {
    let recorded = post_all("/v1/events", &full()).await;
    assert!(recorded > 5, "some changes leave an event right: {recorded}");
}

#[tokio::test]
async fn a_changed_event_of_another_tool_that_is_posted_is_recorded_ignored_or_refused() {
    for (sample, path) in [
        ("argocd/succeeded-healthy.json", "/v1/webhooks/argocd"),
        ("argocd/chart-with-values.json", "/v1/webhooks/argocd"),
        ("cdevents/service-deployed.json", "/v1/events"),
        ("cdevents/taskrun-finished-failure.json", "/v1/events"),
        ("cloudevents/own-event.json", "/v1/events"),
        ("pipeline-log/deployment-start.json", "/v1/events"),
        ("pipeline-log/deployment-complete.json", "/v1/events"),
    ] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
        let original = std::fs::read_to_string(folder.join(sample)).unwrap().parse().unwrap();
        // Most of what can be changed is not read: then it is the same event again.
        assert!(post_all(path, &original).await > 1, "some changes of {sample} make another event");
    }
}

/// Posts documents one by one: each is recorded, ignored or refused. Answers how many are recorded.
async fn post_all(path: &str, original: &Value) -> usize {
    let world = World::new().await;
    let headers = [("content-type", "application/json"), ("x-webhook-token", SECRET)];
    let mut recorded = 0;
    for event in mutations(original) {
        let body = event.to_string();
        let posting = world.request("POST", path, &headers, body.as_bytes(), at(0));
        let answer =
            std::panic::AssertUnwindSafe(posting).catch_unwind().await.unwrap_or_else(|_| panic!("panicked on {body}"));
        let answer = answer.unwrap_or_else(|failed| panic!("{failed} on {body}"));
        match answer.status {
            201 => recorded += 1,
            // Two changes can lead to one event, or to one id with two contents.
            200 => assert!(matches!(answer.body["outcome"].as_str(), Some("duplicate" | "ignored")), "{answer:?}"),
            400 => assert_ne!(answer.body["errors"], json!([]), "{body}"),
            409 | 413 => {}
            other => panic!("{other} on {body}: {answer:?}"),
        }
    }
    assert_eq!(events_in_history(&world).await, recorded);
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
    recorded
}

/// Queues documents one by one: none comes again, and each is recorded or quarantined, or ignored
/// where it turned into news of something else.
async fn queue_all(original: &Value) {
    let world = World::new().await;
    let mut bodies: Vec<String> = mutations(original).iter().map(Value::to_string).collect();
    bodies.sort_unstable();
    bodies.dedup();
    for body in &bodies {
        let again =
            world.queue(std::slice::from_ref(body), at(0)).await.unwrap_or_else(|failed| panic!("{failed} on {body}"));
        assert_eq!(again, [0usize; 0], "{body}");
    }
    let (mut rejected, mut cursor) = (0, String::new());
    loop {
        let page = world.get(&format!("/v1/rejected?limit=100{cursor}")).await.body;
        rejected += page["items"].as_array().unwrap().len();
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let recorded = events_in_history(&world).await;
    assert!(recorded > 5 && rejected > 5, "{recorded} recorded, {rejected} rejected");
    assert!(recorded + rejected <= bodies.len());
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_changed_event_that_is_queued_is_recorded_or_quarantined() {
    let envelope = json!({
        "id": "1", "detail-type": "Deployment Event", "source": "ci", "account": "1", "time": "2026-03-01T11:59:30Z",
        "region": "eu-central-1", "detail": full(),
    });
    queue_all(&envelope).await;
}

#[tokio::test]
async fn a_changed_event_of_code_pipeline_is_recorded_or_quarantined() {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "CodePipeline Action Execution State Change", "source": "aws.codepipeline",
        "account": "1", "time": "2026-03-01T11:59:30Z", "region": "eu-central-1", "resources": [],
        "detail": {
            "pipeline": "cart", "execution-id": "01234567", "stage": "Deploy", "action": "Push", "state": "FAILED",
            "version": 1, "pipeline-execution-attempt": 1,
            "execution-trigger": {"trigger-type": "StartPipelineExecution", "trigger-detail": "arn:aws:sts::1:x"},
        },
        "additionalAttributes": {"failedActions": [{"action": "Push", "additionalInformation": "no"}]},
    });
    queue_all(&event).await;
}
