//! Custom sources: only what is proven as their mapping says is taken, what the mapping is not about is
//! accepted without being recorded, and what is wrong names the field and where it was taken from.

use serde_json::{Value, json};
use tests::world::{SECRET, at};
use tests::{Answer, World};

use super::{events_in_history, expect_nothing_recorded, expect_problem};

async fn world(answer: &Value) -> World {
    let mut world = World::new().await;
    world.change_sources(&json!([
        {
            "name": "azure", "proof": {"header": "X-Token"}, "answer": answer,
            "when": [{"path": "$.type", "is": ["done"]}],
            "event": {
                "deploymentId": {"path": "$.id", "prefix": "azure:"},
                "status": {"path": "$.status", "map": {"ok": "COMPLETED"}},
                "service": {"path": "$.project"},
                "environment": {"value": "production"},
                "occurredAt": {"path": "$.time"},
            },
        },
        {"name": "other", "proof": {"header": "X-Token"}, "event": {"deploymentId": {"value": "o-1"}, "status": {"value": "COMPLETED"}}},
    ]));
    world
}

async fn send(world: &World, name: &str, token: &str, body: &Value) -> Answer {
    // Without a media type: a custom source's tool may send any.
    let (path, body) = (format!("/v1/webhooks/custom/{name}"), body.to_string());
    let answer = world.request("POST", &path, &[("x-token", token)], body.as_bytes(), at(0)).await;
    let answer = answer.expect("an answer");
    assert!(!format!("{answer:?}").contains(SECRET), "{answer:?}");
    answer
}

fn done() -> Value {
    json!({"type": "done", "id": 42, "status": "ok", "project": "cart", "time": "2026-03-01T11:59:00Z"})
}

#[tokio::test]
async fn a_webhook_without_our_proof_or_of_no_mapping_is_not_taken() {
    let world = world(&Value::Null).await;
    for token in ["", "another token of tests", &SECRET[1..]] {
        expect_problem(&send(&world, "azure", token, &done()).await, 401, "", "X-Token has no accepted token");
    }
    for name in ["other", "none", "", "azure/x", "AZURE"] {
        let answer = send(&world, name, SECRET, &done()).await;
        expect_problem(&answer, 401, "", "no custom source with this name and a secret of its own is configured");
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn what_is_proven_is_recorded_once_under_the_name_of_its_source() {
    let world = world(&Value::Null).await;
    let first = send(&world, "azure", SECRET, &done()).await;
    assert_eq!((first.status, &first.body["outcome"]), (201, &json!("recorded")), "{first:?}");
    let again = send(&world, "azure", SECRET, &done()).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{again:?}");
    assert_eq!(events_in_history(&world).await, 1);
    let events = world.get("/v1/deployments/azure:42/events").await.body["items"].clone();
    assert_eq!(events[0]["event"]["source"], "azure", "{events}");
    assert_eq!(events[0]["producer"], "webhook:custom:azure", "{events}");
    let live = world.get("/v1/live?service=cart").await.body["items"][0].clone();
    assert_eq!((&live["environment"], &live["deploymentId"]), (&json!("production"), &json!("azure:42")));
}

#[tokio::test]
async fn what_is_not_refused_is_answered_as_the_mapping_says() {
    let world = world(&json!(202)).await;
    let ping = send(&world, "azure", SECRET, &json!({"type": "ping"})).await;
    assert_eq!((ping.status, &ping.body["outcome"]), (202, &json!("ignored")), "{ping:?}");
    expect_nothing_recorded(&world).await;
    assert_eq!(send(&world, "azure", SECRET, &done()).await.status, 202);
    let mut unknown = done();
    unknown["status"] = json!("odd");
    let refused = send(&world, "azure", SECRET, &unknown).await;
    expect_problem(&refused, 400, "status", "taken from $.status");
    assert_eq!(send(&world, "azure", "another token of tests", &done()).await.status, 401);
    assert_eq!(events_in_history(&world).await, 1);
}

#[tokio::test]
async fn a_path_that_looks_at_all_of_a_hostile_payload_is_answered() {
    let mut world = World::new().await;
    world.change_sources(&json!([{
        "name": "azure", "proof": {"header": "X-Token"},
        "event": {"deploymentId": {"path": "$..*", "pattern": "id-{deploymentId}"}, "status": {"value": "COMPLETED"}},
    }]));
    let deep = (0..100).fold(json!("id-7"), |inner, _| json!({"a": inner}));
    let broad = json!({"a": vec![json!("x".repeat(9)); 50_000]});
    assert_eq!(send(&world, "azure", SECRET, &deep).await.status, 201);
    expect_problem(&send(&world, "azure", SECRET, &broad).await, 400, "deploymentId", "`pattern`");
}
