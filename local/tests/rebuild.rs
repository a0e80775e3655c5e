//! `deployment-status-local rebuild` on the tables of an installation: the real binary gets the tables' names,
//! and has endpoint and credentials in its environment.

use std::process::Output;

use dynamodb::sdk::types::AttributeValue;
use local::{System, demo};
use tokio::process::Command;

async fn system() -> System {
    let system = crate::system().await;
    demo::record(&system, lambda::now()).await.unwrap();
    system
}

async fn rebuild(system: &System, more: &[&str]) -> Output {
    let tables = &system.embedded.tables;
    Command::new(env!("CARGO_BIN_EXE_deployment-status-local"))
        .args(["rebuild", "--history-table", &tables.history, "--state-table", &tables.state])
        .args(more)
        .envs([("AWS_ENDPOINT_URL_DYNAMODB", system.embedded.endpoint.as_str()), ("AWS_REGION", "local")])
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
    let system = system().await;
    let intact = rebuild(&system, &[]).await;
    assert!(intact.status.success(), "{}", printed(&intact));

    let text = |text: &str| AttributeValue::S(text.to_owned());
    let lost = system.embedded.client().delete_item().table_name(&system.embedded.tables.state);
    lost.key("pk", text("LIVE#production")).key("sk", text("checkout")).send().await.unwrap();
    let reported = rebuild(&system, &[]).await;
    assert_eq!(reported.status.code(), Some(1));
    let text = printed(&reported);
    assert!(text.contains("different: live cell"), "{text}");
    assert!(text.contains("1 differences; --write changes the state to match the history"), "{text}");

    let written = rebuild(&system, &["--write"]).await;
    assert!(written.status.success() && printed(&written).ends_with("Wrote 1 items.\n"), "{}", printed(&written));
    assert!(printed(&rebuild(&system, &[]).await).ends_with("No differences between history and state.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_needs_a_file_or_the_tables() {
    let system = system().await;
    for (more, says) in [
        (vec!["--retention-days", "36501"], "must be a number of days from 0 to 36500"),
        (vec!["--retention-days", "1.5"], "must be a number of days from 0 to 36500"),
    ] {
        let rejected = rebuild(&system, &more).await;
        assert!(!rejected.status.success() && printed(&rejected).contains(says), "{}", printed(&rejected));
    }
    let nothing = Command::new(env!("CARGO_BIN_EXE_deployment-status-local")).arg("rebuild").output().await.unwrap();
    assert!(printed(&nothing).contains("--history-table and --state-table"), "{}", printed(&nothing));
}
