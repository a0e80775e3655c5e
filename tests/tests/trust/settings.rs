//! Who may apply settings; and that nobody locks themselves out.

use domain::settings::SettingsAdmins;
use serde_json::{Value, json};
use tests::World;

use super::role;

async fn put(world: &World, caller: &str, permissions: Value) -> (u64, Value) {
    let body = json!({"permissions": permissions}).to_string();
    let json = [("content-type", "application/json")];
    let answer = world.request_as(caller, "PUT", "/v1/settings", &json, body.as_bytes()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn only_who_is_given_it_applies_settings_and_nobody_takes_it_from_themselves() {
    let world = World::new().await;
    let (ada, bob) = (role("platform", "ada"), role("ci", "bob"));
    let given = |who: &str| json!([{"who": who, "may": ["settings"]}, {"who": "*", "may": ["report"]}]);
    let (status, body) = put(&world, &ada, given(&role("other", "*"))).await;
    assert_eq!((status, &body["errors"][0]["field"]), (400, &json!("permissions")), "{body}");
    assert!(body["errors"][0]["detail"].as_str().unwrap().contains(&ada), "it says what to add: {body}");
    assert_eq!(put(&world, &ada, given(&role("platform", "*"))).await.0, 201);
    let (status, body) = put(&world, &bob, json!([])).await;
    assert_eq!(status, 403, "{body}");
    assert!(body["detail"].as_str().unwrap().contains("settings"), "{body}");
    assert_eq!(put(&world, &bob, given(&role("ci", "*"))).await.0, 403, "nor gives it to themselves");
    assert_eq!(put(&world, &ada, json!([])).await.0, 201, "who may can give all of it up");
    let shown = world.get("/v1/settings").await.body;
    assert!(shown["finding"].as_str().unwrap().starts_with("No permissions are listed"), "{shown}");
    assert_eq!(put(&world, &bob, given("*")).await.0, 201, "then anybody may, as before");
    assert_eq!(world.get("/v1/settings").await.body["finding"], Value::Null);
}

#[tokio::test]
async fn an_admin_of_the_installation_always_may() {
    let mut world = World::new().await;
    world.let_admins_apply(SettingsAdmins::parse("*role/admin/*").unwrap());
    let admin = role("admin", "ada");
    assert_eq!(
        put(&world, &admin, json!([{"who": "token:x", "may": ["report"]}])).await.0,
        201,
        "though it locks all others out"
    );
    assert_eq!(put(&world, &role("ci", "admin"), json!([])).await.0, 403);
    assert_eq!(put(&world, &admin, json!([])).await.0, 201);
}

#[tokio::test]
async fn a_door_that_there_is_not_is_named() {
    let world = World::new().await;
    let permissions = json!([
        {"who": "*", "may": ["settings"]},
        {"who": "*", "may": ["report"], "doors": ["page", "queue", "sqs", "custom/none"]},
    ]);
    let (status, body) = put(&world, &role("ci", "1"), permissions).await;
    let fields: Vec<&Value> = body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!((status, fields), (400, vec![&json!("permissions[1].doors[2]"), &json!("permissions[1].doors[3]")]));
    assert!(body["errors"][0]["detail"].as_str().unwrap().contains("queue, events, github"), "{body}");
}
