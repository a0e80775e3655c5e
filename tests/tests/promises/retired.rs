//! What a retirement does: from then on nothing runs in the environment, until something is deployed there
//! again; as of an earlier time it is as it was.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event_with, record};

fn retirement(seconds: i64) -> Value {
    json!({"type": "retirement", "environment": "preview", "occurredAt": at(seconds)})
}

fn landed(id: &str, service: &str, seconds: i64, version: &str) -> Value {
    event_with(id, seconds, "COMPLETED", &json!({"environment": "preview", "service": service, "version": version}))
}

/// What runs: service, version and change of each place that is listed.
async fn runs(world: &World, query: &str) -> Vec<String> {
    let answer = world.get_at(&format!("/v1/live?environment=preview{query}"), at(4000)).await.body;
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or("-").to_owned();
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| ["service", "version", "change"].map(|name| text(item, name)).join(" ")).collect()
}

async fn environments(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/catalog{query}")).await.body["environments"].clone()
}

#[tokio::test]
async fn nothing_runs_in_a_retired_environment_and_no_list_has_it_unless_it_is_asked_for() {
    let world = World::new().await;
    record(&world, &[landed("d-1", "cart", 0, "1"), landed("d-2", "search", 5, "7")]).await;
    assert_eq!(environments(&world, "").await, json!(["preview"]));
    assert_eq!(world.post_at(&retirement(60), at(3700)).await.status, 201);
    assert_eq!(runs(&world, "").await, Vec::<String>::new());
    assert_eq!(runs(&world, "&retired=true").await, ["cart - -", "search - -"]);
    assert_eq!(environments(&world, "").await, json!([]));
    assert_eq!(world.get("/v1/catalog").await.body["services"], json!([]));
    assert_eq!(environments(&world, "?retired=true").await, json!(["preview"]));
    let then = format!("&asOf={}", at(59));
    assert_eq!(runs(&world, &then).await, ["cart 1 forward", "search 7 forward"], "as it was");
    let known = format!("&knownAt={}", at(3699));
    assert_eq!(runs(&world, &known).await, ["cart 1 forward", "search 7 forward"], "as it was known");
    assert_eq!(world.get("/v1/catalog?retired=maybe").await.status, 400);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_is_deployed_there_again_goes_forward_and_lists_the_environment() {
    let world = World::new().await;
    record(&world, &[landed("d-1", "cart", 0, "1"), landed("d-2", "cart", 10, "2"), landed("s-1", "search", 5, "7")])
        .await;
    record(&world, &[retirement(60), landed("d-3", "cart", 70, "1")]).await;
    // Before the retirement version 1 would have been a rollback: now it replaces nothing.
    assert_eq!(runs(&world, "").await, ["cart 1 forward"]);
    assert_eq!(environments(&world, "").await, json!(["preview"]));
    record(&world, &[retirement(80)]).await;
    assert_eq!(runs(&world, "").await, Vec::<String>::new());
    record(&world, &[landed("d-4", "cart", 90, "1"), landed("d-5", "cart", 95, "2"), landed("d-6", "cart", 96, "1")])
        .await;
    assert_eq!(runs(&world, "").await, ["cart 1 rollback"]);
    let history = world.get("/v1/deployments?environment=preview&service=cart").await.body;
    let changes: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|item| &item["change"]).collect();
    assert_eq!(changes, ["rollback", "forward", "forward", "forward", "forward", "forward"]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_rollback_does_not_look_behind_a_retirement_that_is_told_late() {
    let world = World::new().await;
    record(&world, &[landed("d-1", "cart", 0, "1"), landed("d-2", "cart", 20, "2")]).await;
    let back = event_with("d-2", 30, "ROLLED_BACK", &json!({"environment": "preview"}));
    record(&world, std::slice::from_ref(&back)).await;
    assert_eq!(runs(&world, "").await, ["cart 1 rollback"]);
    record(&world, &[retirement(10)]).await;
    assert_eq!(runs(&world, "").await, ["cart - -"], "what was there to go back to is gone");
    world.expect_state_is_history().await;
    record(&world, &[landed("d-3", "cart", 40, "1")]).await;
    assert_eq!(runs(&world, "").await, ["cart 1 forward"]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn each_region_of_a_retired_environment_is_empty() {
    let world = World::new().await;
    let landed = |id: &str, seconds: i64, region: &str| {
        let more = json!({"environment": "preview", "service": "cart", "version": id, "region": region});
        event_with(id, seconds, "COMPLETED", &more)
    };
    record(&world, &[landed("a", 0, "eu"), landed("b", 1, "us"), retirement(2), landed("c", 3, "us")]).await;
    let cell = world.get("/v1/live?environment=preview").await.body["items"][0].clone();
    assert_eq!(
        (&cell["version"], &cell["mixed"], cell["regions"].as_array().unwrap().len()),
        (&json!("c"), &json!(false), 1)
    );
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_name_that_every_deployment_has_left_is_in_no_list() {
    let world = World::new().await;
    let nameless = json!({"deploymentId": "d-1", "status": "IN_PROGRESS", "occurredAt": at(0)});
    record(&world, &[nameless]).await;
    assert_eq!(environments(&world, "").await, json!(["unknown"]));
    record(&world, &[landed("d-1", "cart", 10, "1")]).await;
    assert_eq!(environments(&world, "").await, json!(["preview"]));
    let services = world.get("/v1/catalog").await.body["services"].clone();
    assert_eq!(services, json!([{"service": "cart", "environments": ["preview"]}]));
    record(&world, &[json!({"deploymentId": "d-2", "status": "FAILED", "occurredAt": at(20)})]).await;
    assert_eq!(environments(&world, "").await, json!(["preview", "unknown"]), "another one stands there");
    world.expect_state_is_history().await;
}
