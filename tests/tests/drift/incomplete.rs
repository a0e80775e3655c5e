//! A release that is not complete stays found until it is, whatever happens elsewhere.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::notified::{tick, told};
use super::{DAY, HOUR, found, landed, record, settings};

const FOUND: [&str; 1] = ["high INCOMPLETE production/*"];

/// `autumn` has two services, of which one came to production.
async fn world() -> World {
    let mut world = World::new().await;
    let mut settings = settings();
    settings["environments"].as_array_mut().unwrap().insert(0, json!({"name": "development"}));
    world.apply(&settings).await;
    let autumn = json!({"release": "autumn"});
    let landings = vec![
        landed(-3 * DAY, "staging", "cart", "2", &autumn),
        landed(-3 * DAY, "staging", "search", "2", &autumn),
        landed(-2 * DAY, "production", "cart", "2", &autumn),
    ];
    record(&world, landings).await;
    world
}

async fn incomplete(world: &World) -> Vec<String> {
    found(world, "?kind=INCOMPLETE&environment=production").await
}

/// Declares what the release has of `search`.
async fn declare(world: &World, version: &str, seconds: i64) {
    let body = json!({"services": {"cart": "2", "search": version}, "environments": ["production"]}).to_string();
    let headers = [("content-type", "application/json")];
    let answer = world.request("PUT", "/v1/releases/autumn", &headers, body.as_bytes(), at(seconds)).await.unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
}

fn attempt(seconds: i64, status: &str) -> Value {
    json!({
        "deploymentId": "retry", "service": "search", "status": status, "environment": "production", "version": "2",
        "release": "autumn", "occurredAt": at(seconds),
    })
}

#[tokio::test]
async fn a_redeploy_elsewhere_does_not_end_it() {
    let world = world().await;
    assert_eq!(incomplete(&world).await, FOUND);
    let release = json!({"release": "autumn"});
    record(&world, vec![landed(-HOUR, "development", "cart", "2", &release)]).await;
    assert_eq!(incomplete(&world).await, FOUND);
    record(&world, vec![landed(-60, "production", "cart", "2", &release)]).await;
    assert_eq!(incomplete(&world).await, FOUND, "nor one here");
    let item = world.get("/v1/drift?kind=INCOMPLETE&environment=production").await.body["items"][0].clone();
    assert_eq!(item["since"], json!(at(-2 * DAY)), "since it was first deployed here");
}

#[tokio::test]
async fn newer_releases_do_not_end_it_for_those_who_were_notified() {
    let world = world().await;
    tick(&world, 0).await.unwrap();
    assert_eq!(told(&world), ["DIGEST * warning"]);
    let others = (0..4)
        .map(|n| landed(-100 + n, "production", &format!("other-{n}"), "1", &json!({"release": format!("other-{n}")})));
    record(&world, others.collect()).await;
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0], "it is still incomplete");
    let standing = world.get("/v1/releases/autumn?environment=production").await.body;
    assert_eq!(standing["complete"], false);
    record(&world, vec![landed(-50, "production", "search", "2", &json!({"release": "autumn"}))]).await;
    tick(&world, 2 * HOUR).await.unwrap();
    assert_eq!(told(&world), ["ENDED * info"]);
    tick(&world, 3 * HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0]);
}

#[tokio::test]
async fn a_retry_that_is_under_way_does_not_end_it_and_keeps_a_new_one_from_being_told() {
    let world = world().await;
    declare(&world, "2", -2 * DAY).await;
    tick(&world, 0).await.unwrap();
    record(&world, vec![attempt(-60, "IN_PROGRESS")]).await;
    assert_eq!(incomplete(&world).await, FOUND);
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0], "it is not over");
    record(&world, vec![attempt(-30, "FAILED")]).await;
    tick(&world, 2 * HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0], "nor new");
    // Where nobody was notified yet, one that is on its way waits.
    let world = self::world().await;
    declare(&world, "2", -2 * DAY).await;
    record(&world, vec![attempt(-60, "IN_PROGRESS")]).await;
    tick(&world, 0).await.unwrap();
    assert_eq!(told(&world), [""; 0]);
    record(&world, vec![attempt(-30, "FAILED")]).await;
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), ["NEW * warning"]);
}

#[tokio::test]
async fn a_declaration_does_not_end_it() {
    let world = world().await;
    tick(&world, 0).await.unwrap();
    assert_eq!(told(&world), ["DIGEST * warning"]);
    declare(&world, "2", 60).await;
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0]);
    declare(&world, "3", HOUR + 60).await;
    tick(&world, 2 * HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0]);
}
