//! What was recorded on a day is verified from both sides, and exported, in pages.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::anchors::Series;
use domain::export::{Export, Header, Line};
use domain::{Retention, Timestamp};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

const DAY: &str = "2026-03-01";

async fn world() -> World {
    let world = World::new().await;
    let event = |id: &str, number: u32, status: &str| {
        json!({"deploymentId": id, "eventId": format!("e-{number}"), "service": "cart", "environment": "production",
            "version": id, "status": status, "release": "R #1", "occurredAt": at(i64::from(number))})
    };
    for (number, id) in (0..).zip(["d-1", "d-2", "d-1", "d-3", "d-2"]) {
        let status = if number < 2 { "IN_PROGRESS" } else { "COMPLETED" };
        assert_eq!(world.post_at(&event(id, number, status), at(i64::from(number))).await.status, 201);
    }
    for (path, document) in [("/v1/settings", "{}"), ("/v1/releases/2026-03", r#"{"services": {"cart": "d-3"}}"#)] {
        let put = world.request("PUT", path, &[("content-type", "application/json")], document.as_bytes(), at(10));
        let answer = put.await.unwrap();
        assert!(answer.status < 300, "{path}: {answer:?}");
    }
    world
}

/// All pages of a day, of so many entries each.
async fn all(world: &World, path: &str, limit: u32) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("{path}?day={DAY}&limit={limit}{cursor}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        items.extend(answer.body["items"].as_array().unwrap().iter().cloned());
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn subjects(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_chain_of_a_day_is_verified_once_whatever_the_pages() {
    let world = world().await;
    for limit in [1, 2, 100] {
        let items = all(&world, "/v1/verify", limit).await;
        let found: BTreeSet<&str> = subjects(&items).into_iter().collect();
        let expected = ["DEPLOYMENT#d-1", "DEPLOYMENT#d-2", "DEPLOYMENT#d-3", "RELEASE#2026-03", "SETTINGS"];
        assert_eq!((items.len(), found), (5, BTreeSet::from(expected)), "{limit}");
        assert!(items.iter().all(|item| item["intact"] == true), "{items:?}");
    }
    let other = world.get("/v1/verify?day=2026-03-02").await;
    assert_eq!(other.body["items"].as_array().unwrap().len(), 1, "the settings alone: {other:?}");
    for wrong in
        ["/v1/verify", "/v1/verify?day=yesterday", "/v1/export?day=2026-02-30", "/v1/verify?day=2026-03-01&cursor=x"]
    {
        assert_eq!(world.get(wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_was_edited_in_the_state_is_found() {
    let cases: [(&str, &str, &str); 5] = [
        ("LIVE#production", "cart", "what is live of cart in production is not what the log says"),
        ("DEPLOYMENT#d-2", "SUMMARY", "the summary does not match the events"),
        ("CATALOG", "SERVICE#cart#production", "CATALOG SERVICE#cart#production is missing"),
        ("RELEASES", "2026-03-01#R §n1", "RELEASES 2026-03-01#R §n1 is missing"),
        ("LIVE#production#cart", "", "is missing or not what the events say"),
    ];
    for (pk, sk, says) in cases {
        let world = world().await;
        let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
        let is_meant = |item: &&std::collections::HashMap<String, AttributeValue>| {
            item["pk"] == text(pk) && item["sk"].as_s().unwrap().starts_with(sk)
        };
        let mut item = items.iter().find(is_meant).unwrap().clone();
        if pk == "DEPLOYMENT#d-2" {
            let summary = item["summary"].as_s().unwrap().replace("d-2", "d-9");
            item.insert("summary".to_owned(), AttributeValue::S(summary.replacen("d-9", "d-2", 1)));
            client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
        } else if pk == "LIVE#production" {
            let mut cell: Value = serde_json::from_str(item["cell"].as_s().unwrap()).unwrap();
            cell["live"] = json!({"version": "9"});
            item.insert("cell".to_owned(), text(&cell.to_string()));
            client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
        } else {
            let removed = client.delete_item().table_name(table).key("pk", item["pk"].clone());
            removed.key("sk", item["sk"].clone()).send().await.unwrap();
        }
        let found = all(&world, "/v1/verify", 100).await;
        let problems: Vec<&str> =
            found.iter().flat_map(|item| item["problems"].as_array().unwrap()).filter_map(Value::as_str).collect();
        assert!(problems.iter().any(|problem| problem.contains(says)), "{pk} {sk}: {found:?}");
    }
}

#[tokio::test]
async fn a_day_is_exported_with_all_that_its_hashes_cover() {
    let world = world().await;
    let expected = all(&world, "/v1/export", 100).await;
    assert_eq!(expected.len(), 7, "{expected:?}");
    for limit in [1, 3] {
        assert_eq!(all(&world, "/v1/export", limit).await, expected, "{limit}");
    }
    let header = Header::new((Timestamp::MIN, at(60)), None, Retention::FOREVER, at(60 * 60));
    let lines = expected.into_iter().map(|line| serde_json::from_value::<Line>(line).unwrap().text());
    let text = std::iter::once(Line::Header { export: header }.text()).chain(lines).collect::<Vec<_>>().join("\n");
    let export = Export::read(&text).unwrap();
    assert_eq!((export.events(), export.chains()), (5, 5));
    assert_eq!(export.verify(&Series::default()), []);
    let forged = Export::read(&text.replacen("COMPLETED", "CANCELLED", 1)).unwrap();
    assert!(!forged.verify(&Series::default()).is_empty());
}
