//! Many notifications of one kind: ten by themselves in a minute, the rest together when it is over.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use crate::template::emitted::clock;

async fn fail(world: &World, from: usize, to: usize, more: &Value) {
    let numbers: Vec<usize> = (from..to).collect();
    for some in numbers.chunks(100) {
        let events: Vec<Value> = some
            .iter()
            .map(|n| {
                let mut event = json!({
                    "deploymentId": format!("d-{n:04}"), "service": "cart", "environment": "staging", "version": "1",
                    "status": "FAILED", "occurredAt": at(0), "error": {"message": format!("no disk {n}")},
                });
                event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                event
            })
            .collect();
        assert_eq!(world.post(&json!(events)).await.status, 200);
    }
}

async fn tick(world: &World, seconds: i64) -> Result<Value, String> {
    world.wire.reset();
    world.processor.handle(&clock(seconds), at(seconds)).await.map_err(|error| error.to_string())
}

/// The message of a digest, as programs get it.
fn full(message: &std::collections::BTreeMap<String, String>) -> Value {
    let bodies: Value = message["Message"].parse().unwrap();
    bodies["default"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn ten_failures_of_a_minute_come_by_themselves_and_the_rest_when_it_is_over() {
    let world = World::new().await;
    fail(&world, 0, 250, &json!({})).await;
    fail(&world, 250, 251, &json!({"environment": "production", "service": "pay"})).await;
    world.wire.reset();
    world.publish().await.unwrap();
    let alone = world.wire.messages();
    assert_eq!(alone.len(), 10);
    assert!(alone.iter().all(|message| message["status"] == "FAILED"));

    tick(&world, 59).await.unwrap();
    assert_eq!(world.wire.messages().len(), 0, "the minute is not over");
    tick(&world, 60).await.unwrap();
    let messages = world.wire.messages();
    let [digest] = messages.as_slice() else { panic!("one: {messages:?}") };
    assert_eq!(digest["Subject"], "241 more deployments in 2 environments: FAILED");
    assert_eq!((digest["type"].as_str(), digest["severity"].as_str()), ("FAILED", "error"));
    assert_eq!(digest["environment"], r#"["production","staging"]"#, "who filters by either gets it");
    assert_eq!(digest["service"], r#"["cart","pay"]"#);
    assert_eq!(digest["status"], r#"["FAILED","DIGEST"]"#);
    let full = full(digest);
    assert_eq!((&full["count"], &full["more"], &full["status"]), (&json!(241), &json!(191), &json!("DIGEST")));
    assert_eq!(full["list"], "/v1/deployments?status=FAILED");
    let first = &full["deployments"][0];
    assert_eq!((&first["environment"], &first["why"]), (&json!("production"), &json!("no disk 250")), "it comes first");
    let list = world.get(full["list"].as_str().unwrap()).await;
    assert_eq!(list.status, 200, "the link leads somewhere");
    let bodies: Value = digest["Message"].parse().unwrap();
    assert!(bodies["email"].as_str().unwrap().contains("and 221 more\n"), "{bodies}");

    tick(&world, 120).await.unwrap();
    assert_eq!(world.wire.messages().len(), 0, "once");
}

#[tokio::test]
async fn what_is_held_survives_a_failure_at_any_call_and_is_told_once() {
    // As many calls as there are: until nothing fails any more.
    for number in 0.. {
        let mut world = World::new().await;
        fail(&world, 0, 13, &json!({})).await;
        world.publish().await.unwrap();
        world.restart();
        world.wire.reset();
        world.wire.decide(move |n, _, _| if n == number { Fault::After } else { Fault::None });
        let failed = tick_without_reset(&world, 60).await.is_err();
        let mut ids: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
        let calls = world.wire.calls().len();
        world.wire.heal();
        tick(&world, 120).await.unwrap();
        ids.extend(world.wire.messages().iter().map(|message| message["dedupeId"].clone()));
        ids.dedup();
        assert_eq!(ids.len(), 1, "call {number}: {ids:?}");
        assert!(ids[0].starts_with("DIGEST#FAILED#"), "{ids:?}");
        tick(&world, 180).await.unwrap();
        assert_eq!(world.wire.messages().len(), 0, "call {number}");
        if !failed && number > calls {
            break;
        }
    }
}

async fn tick_without_reset(world: &World, seconds: i64) -> Result<Value, String> {
    world.processor.handle(&clock(seconds), at(seconds)).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn three_thousand_stuck_deployments_make_eleven_messages() {
    let world = World::new().await;
    // A quick run takes a tenth of them.
    let all = if tests::exhaustive() { 3000 } else { 300 };
    let numbers: Vec<usize> = (0..all).collect();
    for some in numbers.chunks(100) {
        let events: Vec<Value> = some
            .iter()
            .map(|n| {
                json!({
                    "deploymentId": format!("d-{n}"), "service": format!("s-{n}"), "status": "IN_PROGRESS",
                    "environment": format!("env-{}", n % 30), "occurredAt": at(0),
                })
            })
            .collect();
        assert_eq!(world.post(&json!(events)).await.status, 200);
    }
    let mut sent = Vec::new();
    for minute in 60..65 {
        tick(&world, minute * 60).await.unwrap();
        sent.extend(world.wire.messages());
    }
    assert_eq!(sent.len(), 11, "ten, and one for the rest");
    let digest = sent.iter().find(|message| message["dedupeId"].starts_with("DIGEST#")).unwrap();
    assert_eq!(digest["Subject"], format!("{} more deployments in 30 environments: STUCK", all - 10));
    let full = full(digest);
    assert_eq!((&full["count"], &full["environments"]["count"]), (&json!(all - 10), &json!(30)));
    assert_eq!(world.get(full["list"].as_str().unwrap()).await.status, 200);
}
