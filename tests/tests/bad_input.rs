//! Wrong input: whatever comes in, through whichever door, is refused with a problem that names what
//! is wrong, or put aside where its sender can see it. Never a panic, never a 5xx, and nothing of it
//! recorded.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "panicking is how a test fails, in what tests share too")]

mod argo_cd;
mod bodies;
mod cloud_events;
mod custom;
mod doors;
mod fields;
mod gitlab;
mod mutations;
mod queries;
mod queue;
mod secrets;
mod webhooks;

use serde_json::{Value, json};
use tests::{Answer, World};

/// An event that is as it should be, for cases to spoil.
fn valid() -> Value {
    json!({
        "deploymentId": "d-1", "service": "cart", "environment": "staging", "version": "1.2.3",
        "status": "IN_PROGRESS", "occurredAt": "2026-03-01T11:59:00Z",
    })
}

/// [`valid`] with other values for some fields.
fn with(more: &Value) -> Value {
    let mut event = valid();
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// An EventBridge event of our own kind.
fn enveloped(detail: &Value) -> String {
    json!({
        "version": "0", "id": "0d9d2a52-0000-4000-8000-000000000000", "detail-type": "Deployment Event",
        "source": "my.pipeline", "account": "123456789012", "time": "2026-03-01T11:59:30Z",
        "region": "eu-central-1", "resources": [], "detail": detail,
    })
    .to_string()
}

/// Asserts that an answer is a problem with this status that says `says`: of `field`, or in its
/// detail when `field` is empty.
#[track_caller]
fn expect_problem(answer: &Answer, status: u64, field: &str, says: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    expect_problem_body(&answer.body, status, field, says);
    assert!(answer.body["instance"].is_string(), "the request can be found in the log: {answer:?}");
}

/// The same of a problem alone.
#[track_caller]
fn expect_problem_body(problem: &Value, status: u64, field: &str, says: &str) {
    assert_eq!((&problem["status"], &problem["type"]), (&json!(status), &json!("about:blank")), "{problem}");
    assert!(problem["title"].is_string(), "{problem}");
    if field.is_empty() {
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem} should say {says:?}");
    } else {
        expect_error(&problem["errors"], field, says);
    }
}

/// Asserts that the errors have one of `field` that says `says`.
#[track_caller]
fn expect_error(errors: &Value, field: &str, says: &str) {
    let of_field = |error: &&Value| error["field"] == field && error["detail"].as_str().unwrap().contains(says);
    let found = errors.as_array().is_some_and(|errors| errors.iter().any(|error| of_field(&error)));
    assert!(found, "{errors} should say of {field:?}: {says:?}");
}

/// Asserts that no event is recorded, no state made from one, and that nothing tried to.
async fn expect_nothing_recorded(world: &World) {
    assert_eq!(world.get("/v1/deployments").await.body["items"], json!([]));
    assert_eq!(world.get("/v1/catalog").await.body["environments"], json!([]));
    assert_eq!(events_in_history(world).await, 0);
}

/// How many events the history table holds; quarantined ones aside.
async fn events_in_history(world: &World) -> usize {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.history).send().await.unwrap();
    let is_event = |sk: &aws_sdk_dynamodb::types::AttributeValue| sk.as_s().unwrap().starts_with("EVENT#");
    scanned.items().iter().filter(|item| is_event(&item["sk"])).count()
}
