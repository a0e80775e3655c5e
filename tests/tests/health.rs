//! Is it going well: what was observed of deployments, and what follows from it.

use serde_json::{Value, json};
use tests::World;
use tests::world::{Answer, at};

mod alarms;
mod cost;
mod gate;
mod listed;
mod noted;
mod observed;
mod suggested;
mod told;
mod verdict;
mod warned;

/// An event of the service `cart` in production.
fn event(id: &str, seconds: i64, status: &str, version: &str) -> Value {
    json!({
        "deploymentId": id, "service": "cart", "environment": "production", "version": version, "status": status,
        "occurredAt": at(seconds),
    })
}

/// An observation of whatever runs of `cart` in production.
fn of_place(seconds: i64, metrics: &Value) -> Value {
    json!({
        "type": "observation", "service": "cart", "environment": "production", "metrics": metrics,
        "occurredAt": at(seconds),
    })
}

/// An observation of a deployment.
fn of(id: &str, seconds: i64, metrics: &Value) -> Value {
    json!({"type": "observation", "deploymentId": id, "metrics": metrics, "occurredAt": at(seconds)})
}

fn with(mut event: Value, more: &Value) -> Value {
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// Records events, which are all new.
async fn record(world: &World, events: &[Value]) {
    for event in events {
        let answer = world.post(event).await;
        assert_eq!(answer.status, 201, "{event}: {}", answer.body);
    }
}

async fn deployment(world: &World, id: &str, query: &str) -> Answer {
    let answer = world.get(&format!("/v1/deployments/{id}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// The verdict on a deployment.
async fn verdict(world: &World, id: &str, query: &str) -> Value {
    deployment(world, id, query).await.body["verdict"].clone()
}

/// Its state, and the rules that its reasons are by.
async fn state(world: &World, id: &str, query: &str) -> (Value, Vec<Value>) {
    let verdict = verdict(world, id, query).await;
    let reasons = verdict["reasons"].as_array().into_iter().flatten();
    (verdict["state"].clone(), reasons.map(|reason| reason["rule"].clone()).collect())
}
