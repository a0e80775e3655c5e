//! A user's rules, through the real doors: what they say of events of other tools, and what the
//! documentation says of them.

use formats::{CustomSource, SOURCES, SourceRules};
use serde_json::{Value, json};
use tests::{Door, Taken, World};

const EXECUTION: &str = "f6d6c4a1-0000-4000-8000-000000000001";

fn pipeline(state: &str, second: u32) -> Vec<u8> {
    json!({
        "source": "aws.codepipeline", "detail-type": "CodePipeline Pipeline Execution State Change",
        "account": "111122223333", "region": "eu-central-1", "time": format!("2026-03-01T11:00:{second:02}Z"),
        "detail": {"pipeline": "cart-release", "execution-id": EXECUTION, "state": state},
    })
    .to_string()
    .into_bytes()
}

async fn send(world: &World, payload: &[u8]) {
    assert_eq!(world.send(&Door::Queue, payload).await, Ok(Taken::Done));
}

async fn deployment(world: &World) -> Value {
    world.get(&format!("/v1/deployments/{EXECUTION}")).await.body
}

#[tokio::test]
async fn a_rule_names_what_the_payload_does_not() {
    let mut world = World::new().await;
    world.change_rules(&json!([
        {"source": "aws.codepipeline", "when": {"pipeline": "{service}-release", "account": "1111*"}, "environment": "production"},
    ]));
    send(&world, &pipeline("STARTED", 1)).await;
    let deployment = deployment(&world).await;
    assert_eq!((&deployment["service"], &deployment["environment"]), (&json!("cart"), &json!("production")));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn an_event_that_comes_again_after_a_rule_was_added_is_a_duplicate_and_the_next_one_names_its_environment() {
    let mut world = World::new().await;
    send(&world, &pipeline("STARTED", 1)).await;
    let before = deployment(&world).await;
    assert_eq!((&before["environment"], &before["eventCount"]), (&json!("unknown"), &json!(1)));

    world.change_rules(&json!([{"source": "aws.codepipeline", "environment": "staging"}]));
    send(&world, &pipeline("STARTED", 1)).await;
    assert_eq!(deployment(&world).await, before, "what was recorded stays as it was recorded");
    for _ in 0..2 {
        send(&world, &pipeline("SUCCEEDED", 59)).await;
    }
    let after = deployment(&world).await;
    assert_eq!(
        (&after["environment"], &after["eventCount"], &after["flags"]),
        (&json!("staging"), &json!(2), &json!([]))
    );
    // Another rule for the same event changes nothing of what it made.
    world.change_rules(&json!([{"source": "aws.codepipeline", "environment": "production"}]));
    send(&world, &pipeline("SUCCEEDED", 59)).await;
    assert_eq!(deployment(&world).await, after);
    let live = world.get("/v1/live").await.body;
    assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
    assert_eq!(live["items"][0]["environment"], "staging");
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_comes_again_after_a_rule_gave_it_a_deployment_of_its_own_is_a_duplicate() {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/");
    let read = |file: &str| std::fs::read(format!("{events}{file}")).unwrap();
    let (stage, sync) = (read("codepipeline/stage-succeeded.json"), read("argocd/succeeded-healthy.json"));
    let mut world = World::new().await;
    assert_eq!(world.send(&Door::Queue, &stage).await, Ok(Taken::Done));
    let Ok(Taken::Answered(first)) = world.send(&Door::ArgoCd, &sync).await else { panic!() };
    assert_eq!(first.status, 201);
    let before = world.get("/v1/deployments").await.body;
    world.change_rules(&json!([
        {"source": "aws.codepipeline", "when": {"pipeline": "{service}", "stage": "Prod*"}, "environment": "production"},
        {"source": "argocd", "oncePer": "app.status.operationState.syncResult.revision"},
    ]));
    assert_eq!(world.send(&Door::Queue, &stage).await, Ok(Taken::Done));
    let Ok(Taken::Answered(again)) = world.send(&Door::ArgoCd, &sync).await else { panic!() };
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{}", again.body);
    assert_eq!(world.get("/v1/deployments").await.body, before);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn the_region_of_a_pipeline_is_that_of_a_rule_and_none_without() {
    let mut world = World::new().await;
    send(&world, &pipeline("STARTED", 1)).await;
    assert_eq!(deployment(&world).await["region"], Value::Null, "where it runs is not where it deploys to");
    world.change_rules(&json!([{"source": "aws.codepipeline", "when": {"account": "1111*"}, "region": "eu-west-1"}]));
    send(&world, &pipeline("SUCCEEDED", 59)).await;
    assert_eq!(deployment(&world).await["region"], "eu-west-1");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_rule_can_say_that_something_is_no_deployment() {
    let mut world = World::new().await;
    world.change_rules(&json!([{"name": "demos", "source": "aws.codepipeline", "deployment": false}]));
    send(&world, &pipeline("STARTED", 1)).await;
    assert_eq!(world.get("/v1/deployments").await.body["items"], json!([]));
    assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]));
}

#[tokio::test]
async fn a_name_that_a_rule_takes_and_an_environment_can_not_have_is_put_aside_and_names_the_rule() {
    let mut world = World::new().await;
    world.change_rules(
        &json!([{"name": "by name", "source": "aws.codepipeline", "when": {"pipeline": "{environment}"}}]),
    );
    let wrong = String::from_utf8(pipeline("STARTED", 1)).unwrap().replace("cart-release", "größe\u{200b}");
    send(&world, wrong.as_bytes()).await;
    let rejected = world.get("/v1/rejected").await.body;
    let errors = rejected["items"][0]["errors"].to_string();
    assert!(errors.contains("printable text"), "{errors}");
}

#[tokio::test]
async fn no_rule_touches_an_event_of_our_own() {
    let mut world = World::new().await;
    let every =
        SOURCES.iter().map(|source| json!({"source": source.name, "environment": "elsewhere", "deployment": false}));
    world.change_rules(&every.collect());
    let own = json!({"deploymentId": "d-1", "service": "cart", "source": "github", "environment": "staging", "status": "COMPLETED"});
    assert_eq!(world.post(&own).await.status, 201);
    assert_eq!(world.get("/v1/deployments/d-1").await.body["environment"], "staging");
}

/// The pages about sources, by name.
fn pages() -> Vec<(String, String)> {
    let folders = ["/../docs/sources", "/../docs/sources/custom"];
    let folders = folders.into_iter().map(|folder| format!("{}{folder}", env!("CARGO_MANIFEST_DIR")));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|file| (file.display().to_string(), std::fs::read_to_string(&file).unwrap()))
        .collect()
}

#[test]
fn every_rule_in_the_documentation_can_be_read() {
    let mut rules = 0;
    for (page, text) in pages() {
        let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("json\n"));
        for block in blocks.filter(|block| block.contains("\"source\": \"") && block.trim_start().starts_with('[')) {
            SourceRules::parse(block).unwrap_or_else(|wrong| panic!("{page}: {wrong}"));
            rules += 1;
        }
    }
    assert!(rules > 0, "there are examples");
}

#[test]
fn the_table_of_facts_is_the_one_that_rules_are_read_by() {
    let page = include_str!("../../docs/sources/rules.md");
    let section = page.split("## Facts").nth(1).unwrap().split("\n## ").next().unwrap();
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = section.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        let facts: Vec<String> = names(cells[2]).into_iter().filter(|name| !name.contains('/')).collect();
        (names(cells[1]).remove(0), facts)
    });
    let known = SOURCES.iter().map(|source| {
        let facts = source.facts.iter().map(|fact| (*fact).to_owned());
        (source.name.to_owned(), facts.collect::<Vec<_>>())
    });
    let custom = ("custom:<name>".to_owned(), CustomSource::FACTS.map(str::to_owned).to_vec());
    assert_eq!(rows.collect::<Vec<_>>(), known.chain([custom]).collect::<Vec<_>>());
}
