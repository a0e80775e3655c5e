//! Cost, counted: calls, round trips and capacity units of DynamoDB, and calls to CloudWatch and SNS.

use serde_json::{Value, json};
use tests::world::at;

mod asking;
mod growth;
mod measured;
mod paths;
mod recording;
mod table;

/// An event of ordinary size, as pipelines send them.
#[expect(clippy::needless_pass_by_value, reason = "a literal at each call")]
fn event(id: &str, seconds: i64, more: Value) -> Value {
    let mut event = json!({
        "deploymentId": id,
        "service": "checkout-service",
        "environment": "production",
        "version": "2.14.3",
        "commit": "3f0c9a1be7d24c5a8e6f1b2d4c6a8091e3f5d7b9",
        "triggeredBy": {"kind": "AUTOMATIC", "actor": "deploy-bot@example.com"},
        "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn queued(detail: &Value) -> String {
    json!({"source": "ci", "detail-type": "Deployment Event", "account": "123456789012", "time": at(0), "detail": detail})
        .to_string()
}

/// Ten messages of ten deployments of ten services.
fn batch_of_ten(status: &str) -> Vec<String> {
    let one = |n: usize| {
        let mut event = event(&format!("deploy-{n}"), -60, json!({"status": status}));
        event["service"] = json!(format!("service-{n}"));
        queued(&event)
    };
    (0..10).map(one).collect()
}
