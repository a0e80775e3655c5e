//! How many regions a place can have.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

/// The longest name: 384 bytes.
fn region(n: usize) -> String {
    format!("{}{n:02}", "生".repeat(126))
}

/// The longest version, or commit: 1,024 bytes.
fn longest(of: &str, n: usize) -> String {
    format!("{of}{n:03}{}", "🚀".repeat(252))
}

fn event(n: usize, status: &str, more: &Value) -> Value {
    let id = format!("{n:03}{}", "d".repeat(125));
    let mut event = json!({
        "deploymentId": id, "service": "生".repeat(128), "environment": "产".repeat(128), "region": region(n),
        "version": longest("v", n), "commit": longest("c", n), "status": status, "occurredAt": at(-100),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// The size of an item as `DynamoDB` counts it: names and texts in UTF-8.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::L(list) => list.iter().map(|value| size(value) + 1).sum::<usize>() + 3,
        AttributeValue::M(map) => map.iter().map(|(name, value)| name.len() + size(value) + 1).sum::<usize>() + 3,
        _ => 1,
    }
}

async fn largest_item(world: &World) -> usize {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.state).send();
    let items = scanned.await.unwrap().items.unwrap();
    items.iter().map(|item| item.iter().map(|(name, value)| name.len() + size(value)).sum()).max().unwrap()
}

#[tokio::test]
async fn sixty_four_regions_with_the_longest_names_are_answered_and_another_is_refused_where_it_is_first_named() {
    let world = World::new().await;
    let started: Vec<Value> = (0..65).map(|n| event(n, "IN_PROGRESS", &json!({"occurredAt": at(-200)}))).collect();
    let receipts = world.post(&json!(started)).await.body;
    let refused: Vec<&Value> =
        receipts.as_array().unwrap().iter().filter(|receipt| receipt["outcome"] != "recorded").collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["errors"][0]["field"], "region", "{refused:?}");
    assert!(refused[0]["errors"][0]["detail"].as_str().unwrap().contains("64 regions"), "{refused:?}");

    let mut alone = World::new().await;
    for n in 0..64 {
        assert_eq!(alone.post(&event(n, "IN_PROGRESS", &json!({"occurredAt": at(-200)}))).await.status, 201);
    }
    // A new process remembers none of them.
    alone.restart();
    for (n, status) in (0..64).zip(["COMPLETED", "FAILED"].iter().cycle()) {
        assert_eq!(alone.post(&event(n, status, &json!({}))).await.status, 201, "no ending is refused");
    }
    let lone = alone.post(&event(64, "COMPLETED", &json!({}))).await;
    assert_eq!((lone.status, &lone.body["errors"][0]["field"]), (400, &json!("region")), "{lone:?}");
    // A long rollback in each: the cell has as much to keep as it can.
    for n in 0..64 {
        let back = json!({"rollbackTo": longest("v", n), "occurredAt": at(-50), "attempt": 2});
        assert_eq!(alone.post(&event(n, "ROLLED_BACK", &back)).await.status, 201);
    }
    let cell = alone.get("/v1/live").await.body["items"][0].clone();
    assert_eq!((&cell["version"], &cell["mixed"]), (&json!(null), &json!(true)));
    assert_eq!(cell["regions"].as_array().unwrap().len(), 64);
    let largest = largest_item(&alone).await;
    assert!(largest < 400 * 1024, "{largest}");
    println!("the largest item has {largest} bytes");
    alone.expect_state_is_history().await;
}

#[tokio::test]
async fn a_region_is_named_first_by_whatever_event_gives_its_deployment_a_place() {
    let world = World::new().await;
    let nameless =
        json!({"deploymentId": "d-1", "region": "eu", "status": "COMPLETED", "version": "1", "occurredAt": at(-9)});
    assert_eq!(world.post(&nameless).await.status, 201);
    let named = json!({"deploymentId": "d-1", "service": "cart", "environment": "production", "status": "IN_PROGRESS", "occurredAt": at(-10)});
    assert_eq!(world.post(&named).await.status, 201);
    let live = world.get("/v1/live?region=eu").await.body;
    assert_eq!(live["items"][0]["version"], "1", "{live}");
    assert_eq!(world.get("/v1/live?region=us").await.body["items"], json!([]));
    world.expect_state_is_history().await;
}
