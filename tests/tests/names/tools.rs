//! Names that tools give, and rules that see them before they are judged.

use serde_json::{Value, json};
use tests::{Answer, Door, Taken, World};

use super::encoded;

fn status(deployment: u64, environment: &str, reference: &str) -> Vec<u8> {
    json!({
        "action": "created",
        "deployment_status": {"id": deployment * 10, "state": "success", "environment": environment,
            "created_at": "2026-03-01T11:00:00Z", "updated_at": "2026-03-01T11:00:00Z"},
        "deployment": {"id": deployment, "sha": "a".repeat(40), "ref": reference, "task": "deploy", "payload": {},
            "environment": environment, "description": null, "created_at": "2026-03-01T11:00:00Z",
            "updated_at": "2026-03-01T11:00:00Z"},
        "repository": {"id": 5001, "name": "storefront", "full_name": "example/storefront"},
    })
    .to_string()
    .into_bytes()
}

async fn github(world: &World, payload: &[u8]) -> Answer {
    match world.send(&Door::GitHub("deployment_status".to_owned()), payload).await.unwrap() {
        Taken::Answered(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn environments(world: &World) -> Vec<Value> {
    let live = world.get("/v1/live").await.body;
    live["items"].as_array().unwrap().iter().map(|cell| cell["environment"].clone()).collect()
}

#[tokio::test]
async fn a_tool_can_name_an_environment_and_a_branch_in_any_script() {
    let world = World::new().await;
    let names = ["PR #12", "🚀 prod", "Größe"];
    for (number, name) in (181..).zip(names) {
        let answer = github(&world, &status(number, name, "feature/größe #1")).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let live = world.get(&format!("/v1/live?environment={}", encoded(name))).await.body;
        assert_eq!(live["items"][0]["version"], "feature/größe #1", "{live}");
    }
    assert_eq!(environments(&world).await.len(), 3);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_rule_maps_a_name_of_any_kind_that_a_tool_sends() {
    let mut world = World::new().await;
    world.change_rules(&json!([
        {"source": "github", "when": {"environment": "PR #*"}, "environment": "preview"},
        {"source": "github", "when": {"environment": "🚀 *"}, "environment": "production"},
        {"source": "github", "when": {"environment": "👩\u{200d}💻 *"}, "environment": "development"},
        {"source": "github", "when": {"environment": "Gro\u{308}\u{df}e*"}, "environment": "measured"},
        {"source": "github", "when": {"environment": "x*"}, "environment": "long"},
    ]));
    let long = "x".repeat(200);
    let sent = ["PR #12", "🚀 prod", "👩\u{200d}💻 box", "Gr\u{f6}\u{df}e", &long];
    for (number, name) in (181..).zip(sent) {
        let answer = github(&world, &status(number, name, "main")).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.body);
    }
    assert_eq!(environments(&world).await, ["development", "long", "measured", "production", "preview"]);

    let wrong = github(&world, &status(190, "👨\u{200d}💻 box", "main")).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.body["errors"][0]["field"], "deployment.environment");
    assert!(wrong.body["errors"][0]["detail"].as_str().unwrap().ends_with("U+200D"), "{}", wrong.body);
}
