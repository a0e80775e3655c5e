//! A deployment's trail as it is answered.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Answer, World};

/// The events of a deployment that failed in a stage, was tried again and completed, was rolled back
/// and in the end removed; by number, so that each is its own.
fn reported() -> Vec<Value> {
    let reports = [
        json!({"status": "PENDING", "service": "cart", "environment": "staging", "version": "2.0"}),
        json!({"status": "IN_PROGRESS", "artifact": "pkg:oci/cart@sha256%3A0b31b1c0"}),
        json!({"status": "IN_PROGRESS", "notes": "resumed"}),
        json!({"type": "stage", "stage": "DEPLOYMENT", "status": "IN_PROGRESS"}),
        json!({"type": "stage", "stage": "DEPLOYMENT", "status": "FAILED", "error": {"code": "E7", "message": "no room"}}),
        json!({"status": "FAILED", "error": {"message": "DEPLOYMENT failed"}}),
        json!({"status": "IN_PROGRESS", "attempt": 2}),
        json!({"status": "VALIDATING", "attempt": 2}),
        json!({"status": "COMPLETED", "attempt": 2, "metrics": {"healthScore": 100}}),
        json!({"status": "ROLLED_BACK", "attempt": 2, "rollbackTo": "release/1.9"}),
        json!({"type": "removal", "status": "COMPLETED", "attempt": 3}),
    ];
    let event = |(number, mut event): (usize, Value)| {
        event["deploymentId"] = json!("shop/cart:1");
        event["eventId"] = json!(number.to_string());
        event["occurredAt"] = json!(at(i64::try_from(number).unwrap() * 60));
        event
    };
    (1..).zip(reports).map(event).collect()
}

async fn world() -> World {
    let world = World::new().await;
    for event in reported() {
        assert_eq!(world.post_at(&event, at(3600)).await.status, 201, "{event}");
    }
    world
}

/// Sends a request as a client that calls the API by its name.
async fn ask(world: &World, query: &str, more: &[(&'static str, &str)]) -> Answer {
    let headers = [&[("host", "api.example.com"), ("x-forwarded-proto", "https")], more].concat();
    let path = format!("/v1/deployments/shop/cart:1/events{query}");
    world.request("GET", &path, &headers, b"", at(7200)).await.unwrap()
}

/// A document of each type that is given out.
pub(crate) async fn of_every_type() -> BTreeMap<String, Value> {
    let answer = ask(&world().await, "?format=cdevents&limit=100", &[]).await;
    let documents = answer.body["items"].as_array().unwrap().iter();
    documents.map(|document| (document["context"]["type"].as_str().unwrap().to_owned(), document.clone())).collect()
}

/// After a change that is meant, `UPDATE_GOLDEN=1` writes the file anew.
#[tokio::test]
async fn a_whole_trail_becomes_the_documented_cdevents() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cdevents/trail.json");
    let answer = ask(&world().await, "?format=cdevents&limit=100", &[]).await;
    let found = format!("{:#}\n", answer.body);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &found).unwrap();
    }
    assert_eq!(answer.status, 200);
    for (number, (expected, found)) in std::fs::read_to_string(golden).unwrap().lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "trail.json, line {}", number + 1);
    }
    assert_eq!(std::fs::read_to_string(golden).unwrap(), found);
}

#[tokio::test]
async fn pages_count_records_and_together_are_the_whole() {
    let world = world().await;
    let whole = ask(&world, "?format=cdevents&limit=100", &[]).await.body;
    assert_eq!(whole["nextCursor"], Value::Null);
    for limit in [1, 2, 3] {
        let (mut items, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = ask(&world, &format!("?format=cdevents&limit={limit}{cursor}"), &[]).await.body;
            let mut documents = page["items"].as_array().unwrap().clone();
            sizes.push(documents.len());
            items.append(&mut documents);
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(json!(items), whole["items"]);
        if limit == 1 {
            assert_eq!(sizes, [1, 1, 0, 1, 1, 1, 1, 0, 2, 2, 2], "documents of each record");
        }
    }
}

#[tokio::test]
async fn native_is_the_default_and_a_cursor_belongs_to_its_format() {
    let world = world().await;
    let native = ask(&world, "?limit=2", &[]).await.body;
    let named = ask(&world, "?limit=2&format=native", &[]).await.body;
    assert_eq!(named["items"], native["items"]);
    assert_eq!(native["items"][0]["sequence"], 1);
    let cursor = native["nextCursor"].as_str().unwrap();
    let other = ask(&world, &format!("?format=cdevents&cursor={cursor}"), &[]).await;
    assert_eq!((other.status, &other.body["errors"][0]["field"]), (400, &json!("cursor")));
}

#[tokio::test]
async fn any_other_format_is_refused_by_name() {
    let world = world().await;
    for wrong in ["", "CDEvents", "cdevent", "json", "%00"] {
        let answer = ask(&world, &format!("?format={wrong}"), &[]).await;
        let errors = json!([{"field": "format", "detail": "must be native or cdevents"}]);
        assert_eq!((answer.status, &answer.body["errors"]), (400, &errors), "{wrong:?}");
    }
    let twice = ask(&world, "?format=native&format=cdevents", &[]).await;
    assert_eq!((twice.status, &twice.body["errors"][0]["field"]), (400, &json!("format")));
}

#[tokio::test]
async fn polling_is_as_cheap_as_elsewhere() {
    let world = world().await;
    let first = ask(&world, "?format=cdevents", &[]).await;
    let tag = first.headers["etag"].as_str().unwrap();
    let again = ask(&world, "?format=cdevents", &[("if-none-match", tag)]).await;
    assert_eq!((again.status, again.body), (304, Value::Null));
    assert_ne!(ask(&world, "", &[]).await.headers["etag"], tag);
}

#[tokio::test]
async fn a_deployment_that_is_not_there_is_not_found_in_this_format_either() {
    let world = World::new().await;
    assert_eq!(world.get("/v1/deployments/d-1/events?format=cdevents").await.status, 404);
}
