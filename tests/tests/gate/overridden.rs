//! A gate that is overridden: notified once, and only by who may.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, settings, world};

/// Who posts in these tests, as the functions know it.
async fn sender(world: &World) -> String {
    world.post(&event("other", -10, "staging", "IN_PROGRESS", "1")).await;
    let trail = world.get("/v1/deployments/other/events").await.body;
    trail["items"][0]["producer"].as_str().unwrap().to_owned()
}

/// The decision of a gate that denied, as a stage of this status.
fn decided(id: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut gate = json!({"decision": "DENY", "settings": 1, "at": at(seconds),
        "checks": [{"check": "notBad", "outcome": "FAILED"}, {"check": "freeze", "outcome": "PASSED"}]});
    gate.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut event = event(id, seconds, "production", status, "2");
    event["type"] = json!("stage");
    event["stage"] = json!("gate");
    event["metadata"] = json!({"gate": gate});
    event
}

fn overridden(id: &str, seconds: i64) -> Value {
    decided(id, seconds, "COMPLETED", &json!({"override": true, "reason": "fixes the outage", "actor": "ada"}))
}

#[tokio::test]
async fn an_override_is_notified_once_whatever_is_selected_and_the_deployment_waits_again() {
    let world = world().await;
    world.post(&decided("p-2", -100, "FAILED", &json!({}))).await;
    let status = world.get("/v1/deployments/p-2").await.body;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("CANCELLED"), &json!("GATE_DENIED")));
    assert_eq!(world.post(&overridden("p-2", -50)).await.status, 201);
    assert_eq!(world.post(&overridden("p-2", -50)).await.status, 200);
    let status = world.get("/v1/deployments/p-2").await.body;
    assert_eq!((&status["status"], &status["error"]), (&json!("PENDING"), &Value::Null));
    assert_eq!(world.get("/v1/deployments/active").await.body["items"], json!([]), "it has not begun");
    world.publish().await.unwrap();
    let messages = world.wire.messages();
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    for (name, value) in [("type", "GATE_OVERRIDDEN"), ("severity", "warning"), ("environment", "production")] {
        assert_eq!(message[name], value, "{name}");
    }
    assert_eq!(message["Subject"], "[production] cart 2 GATE OVERRIDDEN");
    let bodies: Value = message["Message"].parse().unwrap();
    assert!(bodies["email"].as_str().unwrap().contains("overridden by ada (notBad): fixes the outage\n"), "{bodies}");
    // An allowed one is no override; a second one is another.
    world.post(&decided("p-3", -40, "COMPLETED", &json!({"decision": "ALLOW"}))).await;
    world.post(&decided("p-3", -30, "COMPLETED", &json!({}))).await;
    world.publish().await.unwrap();
    assert_eq!(world.wire.messages().len(), 2, "what was denied and goes on is overridden, whatever it calls that");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn where_permissions_are_listed_only_who_is_given_it_overrides() {
    let mut world = world().await;
    let sender = sender(&world).await;
    let apply = async |world: &mut World, permissions: Value| {
        let mut settings = settings();
        settings["permissions"] = permissions;
        assert!([200, 201].contains(&world.apply(&settings).await.status));
    };
    let allowed =
        |who: &str, environments: Value| json!([{"who": who, "may": ["override"], "environments": environments}]);
    apply(&mut world, allowed("nobody:*", json!([]))).await;
    let refused = world.post(&overridden("p-2", -50)).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("override") && detail.contains("production") && detail.contains(&sender), "{detail}");
    assert_eq!(world.get("/v1/deployments/p-2").await.status, 404, "nothing is recorded");
    assert_eq!(world.post(&decided("p-2", -50, "FAILED", &json!({}))).await.status, 201, "all else is");
    apply(&mut world, allowed(&sender, json!(["staging"]))).await;
    assert_eq!(world.post(&overridden("p-2", -40)).await.status, 403);
    apply(&mut world, allowed(&sender, json!(["prod"]))).await;
    let mut nowhere = overridden("p-2", -40);
    nowhere.as_object_mut().unwrap().remove("environment");
    assert_eq!(world.post(&nowhere).await.status, 403, "where it does not say");
    assert_eq!(world.post(&overridden("p-2", -40)).await.status, 201);
    apply(&mut world, allowed(&format!("{}*", &sender[..2]), json!([]))).await;
    assert_eq!(world.post(&nowhere).await.status, 201);
    apply(&mut world, json!([])).await;
    assert_eq!(world.post(&overridden("p-3", -30)).await.status, 201, "as without a list");
    world.expect_state_is_history().await;
}
