//! `deployment-status-local rebuild` on the tables of an installation: the real binary gets the tables' names,
//! and has endpoint and credentials in its environment.

use std::process::Output;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tests::World;
use tests::deployed::binary;
use tokio::process::Command;

async fn world() -> World {
    let world = World::new().await;
    let event = |status: &str, second: u32| {
        json!({
            "deploymentId": "d-1", "service": "checkout", "environment": "production", "version": "2.8.0",
            "status": status, "occurredAt": format!("2026-03-01T11:59:{second:02}Z"),
        })
    };
    assert_eq!(world.post(&json!([event("IN_PROGRESS", 1), event("COMPLETED", 2)])).await.status, 200);
    world
}

async fn rebuild(world: &World, more: &[&str]) -> Output {
    let tables = &world.embedded.tables;
    Command::new(binary("deployment-status-local"))
        .args(["rebuild", "--history-table", &tables.history, "--state-table", &tables.state])
        .args(more)
        .envs([("AWS_ENDPOINT_URL_DYNAMODB", world.embedded.endpoint.as_str()), ("AWS_REGION", "local")])
        .envs([("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")])
        .output()
        .await
        .unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_item_is_reported_and_written_on_request() {
    let world = world().await;
    let intact = rebuild(&world, &[]).await;
    assert!(intact.status.success(), "{}", printed(&intact));

    let text = |text: &str| AttributeValue::S(text.to_owned());
    let lost = world.embedded.client().delete_item().table_name(&world.embedded.tables.state);
    lost.key("pk", text("LIVE#production")).key("sk", text("checkout")).send().await.unwrap();
    let reported = rebuild(&world, &[]).await;
    assert_eq!(reported.status.code(), Some(1));
    let text = printed(&reported);
    assert!(text.contains("different: live cell"), "{text}");
    assert!(text.contains("1 differences; --write changes the state to match the history"), "{text}");

    let written = rebuild(&world, &["--write"]).await;
    assert!(written.status.success() && printed(&written).ends_with("Wrote 1 items.\n"), "{}", printed(&written));
    assert!(printed(&rebuild(&world, &[]).await).ends_with("No differences between history and state.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_needs_a_file_or_the_tables() {
    let world = world().await;
    for (more, says) in [
        (vec!["--retention-days", "36501"], "must be a number of days from 0 to 36500"),
        (vec!["--retention-days", "1.5"], "must be a number of days from 0 to 36500"),
    ] {
        let rejected = rebuild(&world, &more).await;
        assert!(!rejected.status.success() && printed(&rejected).contains(says), "{}", printed(&rejected));
    }
    let nothing = Command::new(binary("deployment-status-local")).arg("rebuild").output().await.unwrap();
    assert!(printed(&nothing).contains("--history-table and --state-table"), "{}", printed(&nothing));
}
