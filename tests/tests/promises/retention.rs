//! Retention: history that is gone by age has expired, and is not broken; the rest must be intact.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Retention, Timestamp};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with};

const DAY: i64 = 24 * 60 * 60;

fn days(days: u32) -> Retention {
    Retention::of_days(days).unwrap()
}

/// Posts events at a time, each of which must be new.
async fn record_at(world: &World, events: &[Value], now: Timestamp) {
    for event in events {
        assert_eq!(world.post_at(event, now).await.status, 201, "{event}");
    }
}

/// What the history table holds of this partition, or of all.
async fn items(world: &World, pk: Option<&str>) -> Vec<HashMap<String, AttributeValue>> {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.history).send().await.unwrap();
    let wanted = pk.map(|pk| AttributeValue::S(pk.to_owned()));
    scanned.items.unwrap().into_iter().filter(|item| wanted.as_ref().is_none_or(|pk| item["pk"] == *pk)).collect()
}

/// Removes events of a deployment from the table, without asking why.
async fn remove(world: &World, id: &str, sequences: &[u64]) {
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    let mut removed = 0;
    for item in items(world, Some(&format!("DEPLOYMENT#{id}"))).await {
        if sequences.contains(&item["sequence"].as_n().unwrap().parse().unwrap()) {
            let key = |name: &str| item[name].clone();
            client.delete_item().table_name(table).key("pk", key("pk")).key("sk", key("sk")).send().await.unwrap();
            removed += 1;
        }
    }
    assert_eq!(removed, sequences.len());
}

async fn verify(world: &World, id: &str, now: Timestamp) -> Value {
    let answer = world.get_at(&format!("/v1/deployments/{id}/verify"), now).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Three events at noon and, forty days later, two more.
async fn long_story(world: &World) {
    let early = [event("d-1", 0, "IN_PROGRESS"), event("d-1", 10, "VALIDATING"), event("d-1", 20, "COMPLETED")];
    record_at(world, &early, at(60)).await;
    let again = |seconds, status| event_with("d-1", 40 * DAY + seconds, status, &json!({"attempt": 2}));
    record_at(world, &[again(0, "IN_PROGRESS"), again(10, "COMPLETED")], at(40 * DAY + 60)).await;
}

#[tokio::test]
async fn each_history_item_says_when_it_may_go_and_nothing_else_does() {
    for kept in [30, 0] {
        let world = World::keeping(days(kept)).await;
        record_at(&world, &[event("d-1", 0, "IN_PROGRESS"), event("d-1", 9, "COMPLETED")], at(60)).await;
        world.queue(&["{wrong".to_owned()], at(70)).await.unwrap();
        let stored = items(&world, None).await;
        assert_eq!(stored.len(), 3);
        for item in stored {
            let recorded_at: i64 = item["recordedAt"].as_n().unwrap().parse().unwrap();
            let expected = (kept > 0).then(|| AttributeValue::N((recorded_at / 1000 + 30 * DAY).to_string()));
            assert_eq!(item.get("expiresAt"), expected.as_ref());
        }
        world.publish().await.unwrap();
        let state = world.embedded.client().scan().table_name(&world.embedded.tables.state).send().await.unwrap();
        let mut shown = format!("{:?} {:?} {:?}", state.items, world.wire.metrics(), world.wire.messages());
        for path in ["/v1/deployments/d-1", "/v1/deployments/d-1/events", "/v1/deployments/d-1/verify", "/v1/rejected"]
        {
            shown.push_str(&world.get_at(path, at(80)).await.body.to_string());
        }
        assert!(!shown.contains("expires"), "{shown}");
        // No part of the event either: one that was written by other settings is the same event.
        assert_eq!(world.post(&event("d-1", 0, "IN_PROGRESS")).await.body["outcome"], "duplicate");
        assert_eq!(verify(&world, "d-1", at(80)).await["intact"], true);
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn what_is_gone_by_age_has_expired_and_what_else_is_gone_is_missing() {
    let mut world = World::keeping(days(30)).await;
    long_story(&world).await;
    let later = at(50 * DAY);
    let whole = verify(&world, "d-1", later).await;
    assert_eq!(
        (&whole["intact"], &whole["events"], &whole["expired"], &whole["summaryCompared"]),
        (&json!(true), &json!(5), &json!(0), &json!(true))
    );

    // In no particular order: the second is as old as its neighbours, and still there.
    remove(&world, "d-1", &[1, 3]).await;
    assert_eq!(
        verify(&world, "d-1", later).await,
        json!({
            "deploymentId": "d-1", "intact": true, "events": 3, "expired": 2, "summaryCompared": false,
            "headHash": whole["headHash"], "problems": [],
        })
    );
    // The same gaps while these events were within retention: someone removed them.
    let early = verify(&world, "d-1", at(20 * DAY)).await;
    assert_eq!((&early["intact"], &early["expired"]), (&json!(false), &json!(0)), "{early}");

    world.change_retention(Retention::FOREVER);
    let missing = verify(&world, "d-1", later).await;
    assert_eq!((&missing["intact"], &missing["expired"]), (&json!(false), &json!(0)), "{missing}");
    world.change_retention(days(30));

    remove(&world, "d-1", &[4]).await;
    let broken = verify(&world, "d-1", later).await;
    assert_eq!((&broken["intact"], &broken["expired"]), (&json!(false), &json!(1)), "{broken}");
    assert_eq!(broken["problems"][0], "events 3 to 4 are missing", "the third is not known to be gone by age");
}

#[tokio::test]
async fn a_missing_last_event_has_expired_only_when_it_is_old() {
    let world = World::keeping(days(30)).await;
    long_story(&world).await;
    remove(&world, "d-1", &[5]).await;
    assert_eq!(verify(&world, "d-1", at(60 * DAY)).await["intact"], false);
    let expired = verify(&world, "d-1", at(71 * DAY)).await;
    assert_eq!((&expired["intact"], &expired["expired"]), (&json!(true), &json!(1)), "{expired}");
}

#[tokio::test]
async fn a_deployment_whose_whole_history_has_expired_stands_and_goes_on() {
    let world = World::keeping(days(1)).await;
    let (begun, now) = (lambda::now().plus_millis(-3 * DAY * 1000), lambda::now());
    let event = |status: &str, at: Timestamp| json!({"deploymentId": "d-1", "service": "cart", "environment": "staging", "version": "1", "status": status, "occurredAt": at});
    record_at(&world, &[event("IN_PROGRESS", begun), event("COMPLETED", begun)], begun).await;
    world.queue(&["{wrong".to_owned()], begun).await.unwrap();
    assert_eq!(world.remove_expired().await, 3);

    let gone = verify(&world, "d-1", now).await;
    assert_eq!(
        (&gone["intact"], &gone["events"], &gone["expired"], &gone["summaryCompared"]),
        (&json!(true), &json!(0), &json!(2), &json!(false))
    );
    let trail = world.get_at("/v1/deployments/d-1/events", now).await;
    assert_eq!((trail.status, &trail.body["items"]), (200, &json!([])));
    assert_eq!(world.get_at("/v1/deployments/d-2/events", now).await.status, 404);
    assert_eq!(world.get_at("/v1/rejected", now).await.body["items"], json!([]));
    assert_eq!(world.get_at("/v1/deployments/d-1", now).await.body["status"], "COMPLETED");
    assert_eq!(world.get_at("/v1/live", now).await.body["items"][0]["version"], "1");

    let answer = world.post_at(&event("ROLLED_BACK", now), now).await;
    assert_eq!((answer.status, &answer.body["sequence"]), (201, &json!(3)));
    let now = now.plus_millis(1000);
    let verified = verify(&world, "d-1", now).await;
    assert_eq!(
        (&verified["intact"], &verified["events"], &verified["expired"]),
        (&json!(true), &json!(1), &json!(2)),
        "{verified}"
    );
    assert_eq!(world.remove_expired().await, 0);
}

#[tokio::test]
async fn rebuilding_leaves_what_history_no_longer_contains_and_compares_the_rest() {
    let mut world = World::keeping(days(30)).await;
    let completed = |id: &str, second, version: &str| event_with(id, second, "COMPLETED", &json!({"version": version}));
    record_at(&world, &[completed("gone", 0, "1")], at(60)).await;
    record_at(&world, &[event("partly", 10, "IN_PROGRESS"), completed("partly", 20, "2")], at(60)).await;
    // What runs once this one is rolled back only the live log still knows.
    let back = [completed("young", 40 * DAY, "3"), event("young", 40 * DAY + 10, "ROLLED_BACK")];
    record_at(&world, &back, at(40 * DAY + 60)).await;
    remove(&world, "gone", &[1]).await;
    remove(&world, "partly", &[1]).await;
    let live = world.get("/v1/live").await.body;
    assert_eq!(live["items"][0]["version"], "2", "{live}");

    let found = world.rebuilder().rebuild(at(-DAY), at(41 * DAY)).await.unwrap();
    assert_eq!((found.deployments, found.events, found.left), (1, 2, 1));
    assert_eq!(found.differences, [""; 0]);
    assert_eq!(world.get("/v1/live").await.body, live);

    // What can be recomputed is still compared.
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let cell = client.get_item().table_name(table).key("pk", key("LIVE#staging")).key("sk", key("cart"));
    let mut cell = cell.send().await.unwrap().item.unwrap();
    let mut edited: Value = serde_json::from_str(cell["cell"].as_s().unwrap()).unwrap();
    edited["live"] = json!({"version": "9"});
    cell.insert("cell".to_owned(), key(&edited.to_string()));
    client.put_item().table_name(table).set_item(Some(cell)).send().await.unwrap();
    let found = world.rebuilder().rebuild(at(-DAY), at(41 * DAY)).await.unwrap();
    assert!(found.differences[0].starts_with("live cell"), "{:?}", found.differences);

    world.change_retention(Retention::FOREVER);
    let found = world.rebuilder().rebuild(at(-DAY), at(41 * DAY)).await.unwrap();
    // Now what is gone was removed: no state is made of that.
    let broken: Vec<&str> = found.broken.iter().map(|broken| broken.subject.as_str()).collect();
    assert_eq!((found.left, broken), (0, vec!["deployment gone", "deployment partly"]), "{found:?}");
    assert!(found.differences.iter().all(|difference| difference.starts_with("live cell")), "{found:?}");
}
