//! An idempotency key is its producer's own: nobody can occupy another's, and what was recorded under keys of before
//! is still known.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Received, Retention};
use recorder::{Recorded, Recorder, Refused};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, role};

#[tokio::test]
async fn an_event_id_that_somebody_else_has_taken_blocks_nobody() {
    let world = World::new().await;
    let (pay, other) = (role("deploy-pay", "1"), role("deploy-other", "1"));
    let taken = event("pay-1", -50, "IN_PROGRESS", &json!({"eventId": "x1"}));
    assert_eq!(world.post_as(&other, &taken).await.status, 201);
    let rightful = event("pay-1", -40, "COMPLETED", &json!({"eventId": "x1", "version": "2"}));
    assert_eq!(world.post_as(&pay, &rightful).await.status, 201, "it is recorded all the same");
    // Of its own producer it is a duplicate, whichever session sends it; and other content is a conflict.
    assert_eq!(world.post_as(&role("deploy-pay", "2"), &rightful).await.status, 200);
    let otherwise = event("pay-1", -30, "FAILED", &json!({"eventId": "x1"}));
    assert_eq!(world.post_as(&role("deploy-pay", "3"), &otherwise).await.status, 409);
    let shown = world.get("/v1/deployments/pay-1").await.body;
    assert_eq!((&shown["status"], &shown["eventCount"]), (&json!("COMPLETED"), &json!(2)));
    let roles = ["deploy-other", "deploy-pay"].map(|name| format!("arn:aws:sts::111122223333:assumed-role/{name}"));
    assert_eq!(shown["reportedBy"], json!(roles), "without sessions");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn the_same_content_of_two_producers_is_two_events_and_of_one_is_one() {
    let world = World::new().await;
    let same = json!({"deploymentId": "pay-1", "status": "IN_PROGRESS", "service": "pay", "environment": "production"});
    for (caller, status) in [
        (role("a", "1"), 201),
        (role("a", "2"), 200),
        (role("b", "1"), 201),
        ("oidc:repo:shop/pay:ref:refs/heads/main".to_owned(), 201),
        ("oidc:repo:shop/pay:ref:refs/heads/main".to_owned(), 200),
    ] {
        assert_eq!(world.post_as(&caller, &same).await.status, status, "{caller}");
    }
    let flags = world.get("/v1/deployments/pay-1").await.body["flags"].clone();
    assert_eq!(flags, json!(["PRODUCER_DISAGREES"]), "a role and a token");
    world.expect_state_is_history().await;
}

/// Records an event as a version did whose keys were not of producers, and which kept nothing of who reported.
async fn record_formerly(world: &World, event: &Value, producer: &str, seconds: i64) {
    let event = domain::event::read(event.clone(), at(0)).unwrap();
    let mut received = Received::new(&event, at(seconds), producer).unwrap();
    received.key = received.former_key();
    let recorder = Recorder::new(world.embedded.store(), Retention::FOREVER);
    assert!(matches!(recorder.record(vec![received], at(seconds)).await[0], Ok(Recorded::New(_))));
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    for mut item in client.scan().table_name(table).send().await.unwrap().items.unwrap() {
        let Some(summary) = item.get("summary").and_then(|text| text.as_s().ok()) else { continue };
        let mut summary: Value = summary.parse().unwrap();
        summary.as_object_mut().unwrap().remove("by");
        item.insert("summary".to_owned(), AttributeValue::S(summary.to_string()));
        client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_recorded_under_a_key_of_before_is_a_duplicate_when_it_comes_again() {
    let mut world = World::new().await;
    let pay = role("deploy-pay", "1");
    let first = event("pay-1", -90, "IN_PROGRESS", &json!({"eventId": "x1"}));
    let second = json!({"deploymentId": "pay-1", "status": "VALIDATING"});
    record_formerly(&world, &first, &pay, -90).await;
    record_formerly(&world, &second, &pay, -80).await;
    world.restart_cold();
    let again = role("deploy-pay", "2");
    assert_eq!(world.post_as(&again, &first).await.status, 200);
    assert_eq!(world.post_as(&again, &second).await.status, 200);
    let otherwise = event("pay-1", -70, "FAILED", &json!({"eventId": "x1"}));
    assert_eq!(world.post_as(&again, &otherwise).await.status, 409);
    let both = world.post_as(&again, &json!([first, event("pay-1", -60, "COMPLETED", &json!({}))])).await.body;
    assert_eq!((&both[0]["outcome"], &both[1]["outcome"]), (&json!("duplicate"), &json!("recorded")), "{both}");
    // What is new since then has a key of its producer, and is known by it.
    let late = event("pay-1", -60, "COMPLETED", &json!({}));
    assert_eq!(world.post_as(&again, &late).await.status, 200);
    let shown = world.get("/v1/deployments/pay-1").await.body;
    assert_eq!((&shown["eventCount"], &shown["reportedBy"]), (&json!(3), &Value::Null), "not all of it is known");
    let verified = world.get("/v1/deployments/pay-1/verify").await.body;
    assert_eq!((&verified["intact"], &verified["summaryCompared"]), (&json!(true), &json!(true)), "{verified}");
    // A rebuild brings it up to date.
    let rebuilder = world.rebuilder();
    rebuilder.repair(rebuilder.rebuild(at(-86_400), at(86_400)).await.unwrap()).await.unwrap();
    world.restart_cold();
    let shown = world.get("/v1/deployments/pay-1").await.body;
    assert_eq!(shown["reportedBy"], json!(["arn:aws:sts::111122223333:assumed-role/deploy-pay"]));
    assert_eq!(world.post_as(&again, &first).await.status, 200, "and its keys are still those of before");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn only_a_deployment_of_before_costs_a_look_at_former_keys() {
    let mut world = World::new().await;
    let pay = role("deploy-pay", "1");
    record_formerly(&world, &event("old-1", -90, "IN_PROGRESS", &json!({})), &pay, -90).await;
    world.restart_cold();
    world.post_as(&pay, &event("old-1", -80, "VALIDATING", &json!({}))).await;
    world.post_as(&pay, &event("new-1", -80, "IN_PROGRESS", &json!({}))).await;
    let calls = async |id: &str| {
        world.wire.reset();
        let stage = json!({"type": "stage", "stage": "TEST"});
        assert_eq!(world.post_as(&pay, &event(id, -70, "IN_PROGRESS", &stage)).await.status, 201);
        world.wire.calls().into_iter().map(|call| call.operation).collect::<Vec<String>>()
    };
    assert_eq!(calls("new-1").await, ["TransactWriteItems"]);
    assert_eq!(calls("old-1").await, ["BatchGetItem", "TransactWriteItems"]);
}

#[tokio::test]
async fn an_event_that_can_not_be_recorded_any_more_is_still_known_by_either_key() {
    let world = World::new().await;
    let pay = role("deploy-pay", "1");
    let named = event("pay-1", -90, "IN_PROGRESS", &json!({}));
    record_formerly(&world, &named, &pay, -90).await;
    let recorder = Recorder::new(world.embedded.store(), Retention::FOREVER);
    let read = domain::event::read(event("pay-1", -80, "FAILED", &json!({"environment": "staging"})), at(0)).unwrap();
    let elsewhere = Received::new(&read, at(-80), &pay).unwrap().agreeing();
    let refused = recorder.record(vec![elsewhere], at(0)).await;
    assert!(matches!(refused[0], Ok(Recorded::Refused(Refused::NotRecorded(_)))), "{refused:?}");
}
