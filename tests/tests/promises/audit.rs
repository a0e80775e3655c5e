//! The audit trail: what is verified is what was recorded, and whoever changes it is found out.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, record};

/// A world with a deployment of three events.
async fn recorded() -> World {
    let world = World::new().await;
    let begun = event_with("d-1", 0, "IN_PROGRESS", &json!({"version": "1", "triggeredBy": {"actor": "ada"}}));
    record(&world, &[begun, event("d-1", 10, "VALIDATING"), event("d-1", 20, "COMPLETED")]).await;
    world
}

async fn verify(world: &World) -> Value {
    let answer = world.get("/v1/deployments/d-1/verify").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// The key of the event with this number, as an intruder with rights to the table would find it.
async fn key_of(world: &World, sequence: u64) -> (AttributeValue, AttributeValue) {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.history).send().await.unwrap();
    let number = AttributeValue::N(sequence.to_string());
    let item = scanned.items().iter().find(|item| item["sequence"] == number).unwrap();
    (item["pk"].clone(), item["sk"].clone())
}

/// Changes one attribute of the event with this number.
async fn alter(world: &World, sequence: u64, attribute: &str, change: impl Fn(&AttributeValue) -> AttributeValue) {
    let (pk, sk) = key_of(world, sequence).await;
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    let item = client.get_item().table_name(table).key("pk", pk).key("sk", sk).send().await.unwrap().item.unwrap();
    let altered = change(&item[attribute]);
    assert_ne!(altered, item[attribute]);
    let mut item = item;
    item.insert(attribute.to_owned(), altered);
    client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

fn replaced(from: &'static str, to: &'static str) -> impl Fn(&AttributeValue) -> AttributeValue {
    move |value| AttributeValue::S(value.as_s().unwrap().replace(from, to))
}

#[tokio::test]
async fn what_was_recorded_is_intact_and_its_trail_shows_who_and_when() {
    let world = recorded().await;
    let verified = verify(&world).await;
    let trail = world.get("/v1/deployments/d-1/events").await.body;
    let items = trail["items"].as_array().unwrap();
    assert_eq!(
        verified,
        json!({
            "deploymentId": "d-1", "intact": true, "events": 3, "expired": 0, "summaryCompared": true,
            "headHash": items[2]["hash"], "problems": [],
        })
    );
    assert_eq!(items.iter().map(|item| item["sequence"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(
        (&items[0]["previousHash"], &items[1]["previousHash"], &items[2]["previousHash"]),
        (&json!(""), &items[0]["hash"], &items[1]["hash"])
    );
    assert_eq!(
        (&items[0]["previousRecordedAt"], &items[1]["previousRecordedAt"], &items[2]["previousRecordedAt"]),
        (&Value::Null, &items[0]["recordedAt"], &items[1]["recordedAt"])
    );
    assert_eq!(
        (&items[0]["producer"], &items[0]["event"]["triggeredBy"]["actor"]),
        (&json!("anonymous"), &json!("ada"))
    );
    // A reader can recompute each hash from what the answer says it is of.
    for item in items {
        let payload = domain::json::canonical(&item["event"]).unwrap();
        assert_eq!(item["payloadHash"], domain::json::sha256_hex(&payload).as_str());
        let link: serde_json::Map<String, Value> = [
            "previousHash",
            "previousRecordedAt",
            "payloadHash",
            "sequence",
            "eventKey",
            "occurredAt",
            "recordedAt",
            "producer",
        ]
        .iter()
        .map(|name| ((*name).to_owned(), item[name].clone()))
        .chain([("deploymentId".to_owned(), json!("d-1"))])
        .collect();
        assert_eq!(item["hash"], domain::json::sha256_hex(&domain::json::canonical(&link).unwrap()).as_str());
    }
}

#[tokio::test]
async fn an_altered_event_is_found_whatever_was_altered() {
    for (attribute, from, to) in [
        ("payload", r#""ada""#, r#""bob""#),
        ("payload", r#""version":"1""#, r#""version":"2""#),
        ("payload", "{", "["),
        ("payload", "IN_PROGRESS", "DONE"),
        ("payloadHash", "a", "b"),
        ("producer", "anonymous", "somebody"),
        ("hash", "a", "b"),
    ] {
        let world = recorded().await;
        alter(&world, 1, attribute, replaced(from, to)).await;
        let verified = verify(&world).await;
        assert_eq!(verified["intact"], false, "{attribute}: {verified}");
        assert!(verified["problems"].to_string().contains("event 1 "), "{attribute}: {verified}");
    }
    for attribute in ["occurredAt", "recordedAt", "previousRecordedAt"] {
        let world = recorded().await;
        alter(&world, 2, attribute, |value| {
            AttributeValue::N(format!("{}", value.as_n().unwrap().parse::<i64>().unwrap() - 1000))
        })
        .await;
        let verified = verify(&world).await;
        assert_eq!(verified["intact"], false, "{attribute}: {verified}");
        assert!(verified["problems"].to_string().contains("event 2 was altered"), "{attribute}: {verified}");
    }
}

#[tokio::test]
async fn a_removed_event_is_found_at_either_end_and_in_the_middle() {
    for sequence in 1..=3 {
        let world = recorded().await;
        let (pk, sk) = key_of(&world, sequence).await;
        let client = world.embedded.client();
        client
            .delete_item()
            .table_name(&world.embedded.tables.history)
            .key("pk", pk)
            .key("sk", sk)
            .send()
            .await
            .unwrap();
        let verified = verify(&world).await;
        assert_eq!((&verified["intact"], &verified["events"]), (&json!(false), &json!(2)), "{sequence}: {verified}");
    }
}

#[tokio::test]
async fn a_summary_that_is_not_the_fold_of_its_events_is_found() {
    let world = recorded().await;
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let item = client
        .get_item()
        .table_name(table)
        .key("pk", key("DEPLOYMENT#d-1"))
        .key("sk", key("SUMMARY"))
        .send()
        .await
        .unwrap();
    let mut item = item.item.unwrap();
    let summary = item["summary"].as_s().unwrap().replace("staging", "production");
    item.insert("summary".to_owned(), AttributeValue::S(summary));
    client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    let verified = verify(&world).await;
    assert_eq!(verified["intact"], false);
    assert!(verified["problems"].to_string().contains("does not match the events"), "{verified}");
}

#[tokio::test]
async fn the_trail_is_paged_in_the_order_of_its_sequence() {
    let world = World::new().await;
    for second in (0..23).rev() {
        record(&world, &[event("d-1", second, "IN_PROGRESS")]).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/deployments/d-1/events?limit=5{cursor}")).await.body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["sequence"].as_u64().unwrap()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, (1..=23).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_number_that_would_not_be_kept_as_it_came_is_refused() {
    let world = World::new().await;
    for number in ["9007199254740992", "-9007199254740993", "18446744073709551615", "1e300"] {
        let body = format!(r#"{{"deploymentId":"d-1","status":"FAILED","metadata":{{"n":[{{"deep":{number}}}]}}}}"#);
        let json = [("content-type", "application/json")];
        let answer = world.request("POST", "/v1/events", &json, body.as_bytes(), at(0)).await.unwrap();
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!("metadata")), "{number}");
    }
}

#[tokio::test]
async fn a_number_written_in_another_way_is_folded_as_it_is_recorded() {
    let world = World::new().await;
    for (id, number) in [("d-1", "1.0"), ("d-2", "-0.0"), ("d-3", "1E2"), ("d-4", "9007199254740991")] {
        let body = format!(
            r#"{{"deploymentId":"{id}","status":"FAILED","metadata":{{"n":{number}}},"metrics":{{"duration":1e0}}}}"#
        );
        let json = [("content-type", "application/json")];
        assert_eq!(world.request("POST", "/v1/events", &json, body.as_bytes(), at(0)).await.unwrap().status, 201);
        let verified = world.get(&format!("/v1/deployments/{id}/verify")).await.body;
        assert_eq!(verified["intact"], true, "{number}: {verified}");
        let again = world.request("POST", "/v1/events", &json, body.as_bytes(), at(9)).await.unwrap();
        assert_eq!(again.body["outcome"], "duplicate", "{number}");
    }
    world.expect_state_is_history().await;
}
