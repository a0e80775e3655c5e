//! History that someone modified: what was there is kept, people are told with both hashes, and an alarm rings; what
//! retention removes is not.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Retention, Timestamp};
use serde_json::{Value, json};
use tests::witnessing::{TestWitness, scheduled, streamed, told, witness};
use tests::world::at;
use tests::{Vault, World};

use super::{DAY, export, record, wrong};

type Stored = HashMap<String, AttributeValue>;

/// How often it was counted that history was modified.
fn counted(world: &World) -> Vec<(f64, f64)> {
    let data = world.wire.metrics().into_iter().flat_map(|call| call["MetricData"].as_array().unwrap().clone());
    let found = data.filter(|datum| {
        datum["MetricName"] == "HistoryModified"
            && datum["Dimensions"] == json!([{"Name": "Environment", "Value": "unknown"}])
    });
    found.map(|datum| (datum["Values"][0].as_f64().unwrap(), datum["Counts"][0].as_f64().unwrap())).collect()
}

/// A stream record of this kind, by this principal.
fn changed(event: &str, identity: &Value) -> Value {
    let keys = json!({"pk": {"S": "DEPLOYMENT#d-1"}, "sk": {"S": "EVENT#x"}});
    let old = json!({"pk": {"S": "DEPLOYMENT#d-1"}, "sk": {"S": "EVENT#x"}, "hash": {"S": "ab"}});
    let change = json!({"Keys": keys, "OldImage": old, "SequenceNumber": "1", "StreamViewType": "NEW_AND_OLD_IMAGES"});
    let record = json!({
        "eventID": "1", "eventName": event, "eventSource": "aws:dynamodb", "eventVersion": "1.1", "awsRegion": "x",
        "dynamodb": change, "userIdentity": identity,
    });
    json!({"Records": [record]})
}

async fn items(world: &World) -> Vec<Stored> {
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    client.scan().table_name(table).send().await.unwrap().items.unwrap()
}

async fn put(world: &World, item: Stored) {
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

fn text(item: &Stored, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

#[tokio::test]
async fn what_was_written_over_is_kept_and_told_with_both_hashes() {
    let (world, vault) = (World::new().await, Vault::default());
    record(&world, "d-1", 0).await;
    let before = items(&world).await.remove(0);
    // The attack: a put without a condition, whose hash is right, as whoever holds the role of event-processor can.
    let mut after = before.clone();
    let forged = "f".repeat(64);
    after.insert("hash".to_owned(), AttributeValue::S(forged.clone()));
    put(&world, after).await;
    streamed(&world, &witness(&world, &vault, Retention::FOREVER), at(0)).await.unwrap();

    assert_eq!(counted(&world), [(1.0, 1.0)]);
    let told = told(&world);
    let found = &told[0]["modifications"][0];
    assert_eq!((told.len(), &told[0]["type"], &told[0]["severity"]), (1, &json!("HISTORY_MODIFIED"), &json!("error")));
    assert_eq!((&found["subject"], &found["how"]), (&json!("DEPLOYMENT#d-1"), &json!("REWRITTEN")));
    assert_eq!((&found["hashBefore"], &found["hashAfter"]), (&json!(text(&before, "hash")), &json!(forged)));
    let mail = &world.wire.messages()[0]["Message"];
    assert!(mail.contains(&text(&before, "hash")) && mail.contains(&forged) && mail.contains("DEPLOYMENT#d-1"));
    // What was there stands where nobody can remove it, whole.
    let kept = vault.read(found["keptAs"].as_str().unwrap()).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["payload"]["S"], text(&before, "payload"));
    assert_eq!(kept["hash"]["S"], text(&before, "hash"));
}

#[tokio::test]
async fn what_was_altered_or_removed_is_counted_in_the_one_call_for_its_batch() {
    for retention in [0, 30] {
        let (world, vault) = (World::keeping(Retention::of_days(retention).unwrap()).await, Vault::default());
        record(&world, "d-1", 0).await;
        record(&world, "d-1", 10).await;
        let items = items(&world).await;
        let (mut altered, removed) = (items[0].clone(), &items[1]);
        altered.insert("producer".to_owned(), AttributeValue::S("somebody".to_owned()));
        put(&world, altered).await;
        let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
        let key = |name: &str| removed[name].clone();
        client.delete_item().table_name(table).key("pk", key("pk")).key("sk", key("sk")).send().await.unwrap();
        record(&world, "d-2", 20).await;
        world.publish().await.unwrap();
        assert_eq!(counted(&world), [], "who writes does not say that it is well");

        world.wire.reset();
        let witness = witness(&world, &vault, Retention::of_days(retention).unwrap());
        streamed(&world, &witness, at(30)).await.unwrap();
        assert_eq!(counted(&world), [(1.0, 2.0)], "one altered, one removed");
        assert_eq!((world.wire.count("PutMetricData"), world.wire.count("PublishBatch")), (1, 1));
        assert_eq!(told(&world)[0]["count"], 2);
        assert_eq!(vault.names().len(), 2, "{:?}", vault.names());
    }
}

/// An item that was put in, whose hash is right as far as anybody can see.
async fn forged(world: &World, recorded_at: Timestamp, previous: Option<Timestamp>) {
    let mut item = items(world).await.remove(0);
    let number = |time: Timestamp| AttributeValue::N(time.millis().to_string());
    item.insert("sk".to_owned(), AttributeValue::S("EVENT#forged".to_owned()));
    item.insert("sequence".to_owned(), AttributeValue::N("2".to_owned()));
    item.insert("recordedAt".to_owned(), number(recorded_at));
    item.insert("recordedDay".to_owned(), AttributeValue::S(recorded_at.day()));
    if let Some(previous) = previous {
        item.insert("previousRecordedAt".to_owned(), number(previous));
    }
    put(world, item).await;
}

#[tokio::test]
async fn what_was_put_in_with_another_time_is_noticed() {
    let now = at(3 * 3600);
    for (recorded_at, previous, how) in [
        (now, Some(at(0)), None),
        (now.plus_millis(-15 * 60 * 1000), Some(at(0)), None),
        (at(0), None, Some("IN_THE_PAST")),
        (now.plus_millis(120_000), Some(at(0)), Some("IN_THE_FUTURE")),
        (now.plus_millis(-120_000), Some(now), Some("BEFORE_THE_PREVIOUS")),
    ] {
        let (world, vault) = (World::new().await, Vault::default());
        record(&world, "d-1", 3 * 3600 - 1).await;
        forged(&world, recorded_at, previous).await;
        streamed(&world, &witness(&world, &vault, Retention::FOREVER), now).await.unwrap();
        let told = told(&world);
        let found: Vec<&Value> = told.iter().map(|told| &told["modifications"][0]["how"]["FORGED"]).collect();
        assert_eq!(found, how.iter().map(|how| json!(how)).collect::<Vec<_>>().iter().collect::<Vec<_>>(), "{how:?}");
        assert_eq!(counted(&world).len(), usize::from(how.is_some()), "{how:?}");
    }
}

#[tokio::test]
async fn what_is_nothing_that_is_recorded_here_is_noticed() {
    let (world, vault) = (World::new().await, Vault::default());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for (pk, sk) in [("DEPLOYMENT#d-1", "EVENT#x"), ("ELSE", "x"), ("SETTINGS", "000000000001")] {
        put(&world, Stored::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])).await;
    }
    streamed(&world, &witness(&world, &vault, Retention::FOREVER), at(0)).await.unwrap();
    assert_eq!(counted(&world), [(1.0, 3.0)]);
}

#[tokio::test]
async fn what_this_system_records_is_never_noticed() {
    let (mut world, vault) = (World::new().await, Vault::default());
    record(&world, "d-1", 0).await;
    record(&world, "d-1", 10).await;
    assert_eq!(world.apply(&json!({})).await.status, 201);
    let release = r#"{"services": {"cart": "d-3"}}"#;
    let json = [("content-type", "application/json")];
    world.request("PUT", "/v1/releases/r-1", &json, release.as_bytes(), at(10)).await.unwrap();
    world.queue(&["{wrong".to_owned()], at(-5 * DAY)).await.unwrap();
    world.wire.reset();
    streamed(&world, &witness(&world, &vault, Retention::FOREVER), at(20)).await.unwrap();
    assert_eq!((world.wire.calls().len(), vault.calls().len()), (0, 0), "{:?}", told(&world));
}

#[tokio::test]
async fn what_dynamodb_removes_by_age_is_counted_only_when_history_is_kept_for_ever() {
    let long_ago = lambda::now().plus_millis(-3 * DAY * 1000);
    for (retention, expected) in [(1, vec![]), (0, vec![(1.0, 2.0)])] {
        let (world, vault) = (World::keeping(Retention::of_days(1).unwrap()).await, Vault::default());
        let event = json!({"deploymentId": "d-1", "status": "IN_PROGRESS", "occurredAt": long_ago});
        assert_eq!(world.post_at(&event, long_ago).await.status, 201);
        world.queue(&["{wrong".to_owned()], long_ago).await.unwrap();
        world.wire.reset();
        assert_eq!(world.remove_expired().await, 2, "the event and the refusal");
        let witness = witness(&world, &vault, Retention::of_days(retention).unwrap());
        streamed(&world, &witness, long_ago).await.unwrap();
        assert_eq!(counted(&world), expected, "{retention}");
        assert_eq!(vault.names().len(), if retention == 0 { 2 } else { 0 });
    }
}

async fn handle(witness: &TestWitness, batch: &Value) {
    let answer = witness.handle(&batch.to_string(), at(0)).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
}

#[tokio::test]
async fn only_dynamodb_itself_removes_by_age() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::of_days(1).unwrap());
    for (identity, expected) in [
        (json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"}), 0),
        (json!({"type": "Service", "principalId": "lambda.amazonaws.com"}), 1),
        (json!({"type": "AssumedRole", "principalId": "dynamodb.amazonaws.com"}), 1),
        (json!({}), 1),
        (Value::Null, 1),
    ] {
        world.wire.reset();
        handle(&witness, &changed("REMOVE", &identity)).await;
        assert_eq!(counted(&world).len(), expected, "{identity}");
    }
    world.wire.reset();
    handle(&witness, &changed("MODIFY", &json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"}))).await;
    assert_eq!(counted(&world), [(1.0, 1.0)], "age removes, it alters nothing");
}

#[tokio::test]
async fn a_history_that_was_made_anew_with_all_its_hashes_is_found_by_the_anchors() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    record(&world, "d-2", 10).await;
    scheduled(&witness, at(DAY)).await.unwrap();
    assert_eq!(wrong(&export(&world, 1).await, &vault), []);
    // Someone with all rights removes a deployment and records it anew, as if it had been so: its chain is right.
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    for item in items(&world).await.into_iter().filter(|item| text(item, "pk") == "DEPLOYMENT#d-1") {
        let removed = client.delete_item().table_name(table).key("pk", item["pk"].clone());
        removed.key("sk", item["sk"].clone()).send().await.unwrap();
    }
    let key = Stored::from([
        ("pk".to_owned(), AttributeValue::S("DEPLOYMENT#d-1".to_owned())),
        ("sk".to_owned(), AttributeValue::S("SUMMARY".to_owned())),
    ]);
    let state = client.delete_item().table_name(&world.embedded.tables.state);
    state.set_key(Some(key)).send().await.unwrap();
    let event = json!({"deploymentId": "d-1", "service": "cart", "environment": "staging", "status": "FAILED",
        "occurredAt": at(-1)});
    assert_eq!(world.post_at(&event, at(0)).await.status, 201);
    let wrong = wrong(&export(&world, 1).await, &vault);
    assert_eq!(wrong[0].day, "2026-03-01");
    assert!(wrong[0].what.contains("DEPLOYMENT#d-1"), "{wrong:?}");
}
