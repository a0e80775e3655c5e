//! Releases: what is declared or implied, and how it stands in an environment, from the events on.

use serde_json::{Value, json};
use tests::World;
use tests::world::{Answer, at};

mod cost;
mod declared;
mod gated;
mod implied;
mod listed;

/// A path with a usual gate.
fn settings() -> Value {
    json!({
        "environments": [
            {"name": "staging"},
            {"name": "production", "aliases": ["prod"], "gate": {"releaseComplete": true}},
            {"name": "abroad"}],
        "services": [{"name": "cart", "aliases": ["shop-cart"]}],
    })
}

async fn world() -> World {
    let mut world = World::new().await;
    assert_eq!(world.apply(&settings()).await.status, 201);
    world
}

/// An event of `cart@2` or of whatever `place` names, as `cart@2 staging`.
fn event(place: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let (what, environment) = place.split_once(' ').unwrap();
    let (service, version) = what.split_once('@').unwrap();
    let mut event = json!({
        "deploymentId": format!("{service}-{environment}-{version}"), "service": service, "environment": environment,
        "version": version, "status": status, "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn post(world: &World, events: &[Value]) {
    for event in events {
        let answer = world.post(event).await;
        assert_eq!(answer.status, 201, "{event}: {answer:?}");
    }
}

async fn put(world: &World, release: &str, document: &Value, expected: Option<&str>, seconds: i64) -> Answer {
    let headers = [("content-type", "application/json")].into_iter().chain(expected.map(|tag| ("if-match", tag)));
    let headers: Vec<_> = headers.collect();
    let path = format!("/v1/releases/{release}");
    world.request("PUT", &path, &headers, document.to_string().as_bytes(), at(seconds)).await.unwrap()
}

/// How a release stands in an environment: `cart IN_PLACE, search SKIPPED: incomplete`.
async fn status(world: &World, release: &str, query: &str) -> String {
    let answer = world.get(&format!("/v1/releases/{release}?{query}")).await;
    if answer.status != 200 {
        return answer.status.to_string();
    }
    let items = answer.body["items"].as_array().unwrap().iter();
    let items = items.map(|item| format!("{} {}", item["service"].as_str().unwrap(), item["state"].as_str().unwrap()));
    let complete = if answer.body["complete"] == true { "complete" } else { "incomplete" };
    format!("{}: {complete}", items.collect::<Vec<_>>().join(", "))
}

/// The ids of a list of deployments, over pages of this many.
async fn listed(world: &World, query: &str, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("/v1/deployments?{query}&limit={limit}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let items = answer.body["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["deploymentId"].as_str().unwrap().to_owned()));
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}
