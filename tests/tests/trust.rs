//! Who may say what: nobody can speak for a producer, or about a deployment, that is not theirs.

use serde_json::{Value, json};
use tests::world::at;

mod keys;
mod owned;
mod permissions;
mod settings;

/// The role of a pipeline, in one of its sessions.
fn role(name: &str, session: &str) -> String {
    format!("arn:aws:sts::111122223333:assumed-role/{name}/{session}")
}

/// An event of the service `pay` in production.
fn event(id: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = json!({
        "deploymentId": id, "service": "pay", "environment": "production", "status": status, "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// A sample of what a tool sends.
fn sample(file: &str) -> Value {
    let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}
