//! What the system promises and what known implementations get wrong, each as a test of its own over
//! the real handlers and the embedded table.

#![expect(clippy::unwrap_used, reason = "panicking is how a test fails, in what tests share too")]

mod audit;
mod change_failures;
mod compared;
mod delivery;
mod expected;
mod failures;
mod figures_by;
mod incidents;
mod listing;
mod live;
mod notified;
mod places;
mod rates;
mod rebuilt;
mod recorded;
mod retention;
mod retired;
mod retirements;
mod started;
mod ticks;
mod windows;

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

/// An event of deployment `id` at some seconds after noon, of the service `cart` in staging.
fn event(id: &str, seconds: i64, status: &str) -> Value {
    json!({"deploymentId": id, "service": "cart", "environment": "staging", "status": status, "occurredAt": at(seconds)})
}

/// The same with more fields, or others.
fn event_with(id: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = event(id, seconds, status);
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// Posts events one by one, each of which must be new, an hour after noon.
async fn record(world: &World, events: &[Value]) {
    for event in events {
        let answer = world.post_at(event, at(3600)).await;
        assert_eq!(answer.status, 201, "{event}: {answer:?}");
    }
}

/// An EventBridge event of our own kind.
fn enveloped(detail: &Value, id: u32, seconds: i64) -> String {
    json!({
        "version": "0", "id": format!("00000000-0000-4000-8000-{id:012}"), "detail-type": "Deployment Event",
        "source": "my.pipeline", "account": "123456789012", "time": at(seconds), "region": "eu-central-1",
        "resources": [], "detail": detail,
    })
    .to_string()
}

/// The ids of a list's items.
fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["deploymentId"].as_str().unwrap()).collect()
}

/// The values that were published of a metric with exactly these dimensions, each with its count.
pub(super) fn published(world: &World, metric: &str, dimensions: &[(&str, &str)]) -> Vec<(f64, f64)> {
    let wanted: Vec<Value> = dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
    let mut found = Vec::new();
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap() {
            if datum["MetricName"] == metric && datum["Dimensions"] == json!(wanted) {
                let numbers = |name: &str| {
                    datum[name].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>()
                };
                found.extend(numbers("Values").into_iter().zip(numbers("Counts")));
            }
        }
    }
    found
}
