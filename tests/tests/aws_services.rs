//! Events of AWS services that are distinguished or put together by more than one event: samples of
//! `events/`, changed where that is what a test is about.

use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::{Door, Taken, World};

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn send(world: &World, event: &Value) {
    assert_eq!(world.send(&Door::Queue, event.to_string().as_bytes()).await, Ok(Taken::Done), "{event}");
}

/// The deployments, newest first, as (id, status).
async fn listed(world: &World) -> Vec<(String, String)> {
    let body = world.get("/v1/deployments").await.body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    body["items"].as_array().unwrap().iter().map(|item| (text(&item["deploymentId"]), text(&item["status"]))).collect()
}

/// What becomes of these events in any order, each delivered twice: always the same.
async fn in_any_order(events: &[Value]) -> Vec<(String, String)> {
    let mut runner = TestRunner::deterministic();
    let mut found = None;
    for _ in 0..6 {
        let twice: Vec<usize> = (0..events.len()).chain(0..events.len()).collect();
        let order = Just(twice).prop_shuffle().new_tree(&mut runner).unwrap().current();
        let world = World::new().await;
        for index in &order {
            send(&world, &events[*index]).await;
        }
        let listed = listed(&world).await;
        assert_eq!(found.get_or_insert_with(|| listed.clone()), &listed, "{order:?}");
    }
    found.unwrap()
}

fn stack_event(status: &str, time: &str, token: &str) -> Value {
    let mut event = sample("cloudformation/update-complete.json");
    event["time"] = json!(time);
    event["detail"]["status-details"]["status"] = json!(status);
    event["detail"]["client-request-token"] = json!(token);
    event
}

const STACK: &str = "cloudformation:cart-production/51af3dc0-da77-11e4-872e-1234567db123";

#[tokio::test]
async fn each_operation_on_a_stack_is_one_deployment_with_and_without_a_token() {
    let found = in_any_order(&[
        stack_event("CREATE_IN_PROGRESS", "2026-02-01T08:00:00Z", ""),
        stack_event("CREATE_COMPLETE", "2026-02-01T08:05:00Z", ""),
        stack_event("UPDATE_IN_PROGRESS", "2026-02-02T08:00:00Z", ""),
        stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "2026-02-02T08:04:00Z", ""),
        stack_event("UPDATE_COMPLETE", "2026-02-02T08:05:00Z", ""),
        stack_event("UPDATE_IN_PROGRESS", "2026-02-03T08:00:00Z", ""),
        stack_event("UPDATE_ROLLBACK_IN_PROGRESS", "2026-02-03T08:03:00Z", ""),
        stack_event("UPDATE_ROLLBACK_COMPLETE", "2026-02-03T08:05:00Z", ""),
        stack_event("UPDATE_IN_PROGRESS", "2026-02-04T08:00:00Z", "release-1"),
        stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "2026-02-04T08:04:00Z", "release-1"),
        stack_event("UPDATE_COMPLETE", "2026-02-04T08:05:00Z", "release-1"),
        stack_event("UPDATE_IN_PROGRESS", "2026-02-05T08:00:00Z", "release-2"),
        stack_event("DELETE_IN_PROGRESS", "2026-02-06T08:00:00Z", ""),
        stack_event("DELETE_FAILED", "2026-02-06T08:02:00Z", ""),
        stack_event("DELETE_COMPLETE", "2026-02-06T09:00:00Z", "second-try"),
    ])
    .await;
    let expected = [
        ("@delete", "COMPLETED"),
        (":release-2", "IN_PROGRESS"),
        (":release-1", "COMPLETED"),
        ("@2026-02-03T08:05:00.000Z", "ROLLED_BACK"),
        ("@2026-02-02T08:05:00.000Z", "COMPLETED"),
        ("@create", "COMPLETED"),
    ];
    assert_eq!(found, expected.map(|(which, status)| (format!("{STACK}{which}"), status.to_owned())));
}

#[tokio::test]
async fn a_deleted_stack_is_live_no_more() {
    let world = World::new().await;
    let live = "/v1/live?environment=unknown&service=cart-production";
    send(&world, &stack_event("CREATE_COMPLETE", "2026-02-01T08:05:00Z", "")).await;
    assert_eq!(world.get(live).await.body["items"][0]["deploymentId"], format!("{STACK}@create"));
    send(&world, &stack_event("DELETE_COMPLETE", "2026-02-06T09:00:00Z", "")).await;
    let items = world.get(live).await.body["items"].clone();
    assert!(items == json!([]) || items[0]["deploymentId"].is_null(), "{items}");
}

#[tokio::test]
async fn transitions_of_ecs_with_one_envelope_id_and_one_time_are_all_kept() {
    let mut events = ["in-progress", "completed"].map(|name| sample(&format!("ecs/{name}.json"))).to_vec();
    let mut rolling_back = events[0].clone();
    rolling_back["detail"]["reason"] = json!("ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.");
    events.push(rolling_back);
    for event in &mut events {
        event["detail"]["updatedAt"] = json!("2026-02-13T09:00:00Z");
    }
    let id = events[0]["detail"]["deploymentId"].as_str().unwrap().to_owned();
    assert_eq!(in_any_order(&events).await, [(id.clone(), "COMPLETED".to_owned())]);
    let world = World::new().await;
    for event in &events {
        send(&world, event).await;
    }
    let kept = world.get(&format!("/v1/deployments/{id}/events")).await.body;
    assert_eq!(kept["items"].as_array().unwrap().len(), 3, "{kept}");
}

#[tokio::test]
async fn a_build_is_a_deployment_once_a_rule_names_its_project() {
    let mut world = World::new().await;
    let events = ["build-failed", "phase-succeeded"].map(|name| sample(&format!("codebuild/{name}.json")));
    for event in &events {
        send(&world, event).await;
    }
    assert_eq!(listed(&world).await, []);
    world.change_rules(&json!([{
        "source": "aws.codebuild", "when": {"project": "search-release"},
        "environment": "production", "service": "search", "deployment": true
    }]));
    for event in &events {
        send(&world, event).await;
    }
    let id = "search-release:8745a7a9-c340-456a-9166-edf953571b01";
    let deployment = world.get(&format!("/v1/deployments/{id}")).await.body;
    for (field, expected) in [
        ("/service", json!("search")),
        ("/environment", json!("production")),
        ("/version", Value::Null),
        ("/commit", json!("75614758eace7c1d9d032b8980854ab486068f3b")),
        ("/artifact", json!("arn:aws:s3:::shop-artifacts/search.zip")),
        ("/buildNumber", json!("55")),
        ("/triggeredBy/actor", json!("codepipeline/search")),
        ("/status", json!("FAILED")),
        ("/finishedAt", json!("2026-02-19T06:03:00.000Z")),
        ("/error/message", json!("BUILD: COMMAND_EXECUTION_ERROR: make deploy ended with status 2")),
    ] {
        assert_eq!(deployment.pointer(field).unwrap_or(&Value::Null), &expected, "{field}");
    }
    let stage = &deployment["stages"][0];
    assert_eq!((&stage["stage"], &stage["status"]), (&json!("BUILD"), &json!("COMPLETED")));
    assert_eq!(stage["durationSeconds"], json!(70.0));
}

#[tokio::test]
async fn a_rule_takes_the_environment_out_of_a_name_of_each_service() {
    let rules = json!([
        {"source": "aws.codedeploy", "when": {"deploymentGroup": "cart-{environment}"}},
        {"source": "aws.ecs", "when": {"cluster": "{environment}"}},
        {"source": "aws.cloudformation", "when": {"stack": "cart-{environment}"}, "service": "cart"},
        {"source": "aws.codepipeline", "when": {"pipeline": "orders-release"}, "environment": "production"},
    ]);
    for (name, service) in [
        ("codedeploy/deployment-success.json", "cart"),
        ("codedeploy/trigger-failed.json", "cart"),
        ("ecs/completed.json", "checkout"),
        ("cloudformation/update-complete.json", "cart"),
        ("codepipeline/execution-succeeded.json", "orders-release"),
    ] {
        let mut world = World::new().await;
        world.change_rules(&rules);
        send(&world, &sample(name)).await;
        let item = world.get("/v1/deployments").await.body["items"][0].clone();
        assert_eq!((&item["environment"], &item["service"]), (&json!("production"), &json!(service)), "{name}");
    }
}

#[tokio::test]
async fn why_a_stage_ended_so_stands_in_its_event() {
    for (name, field, expected) in [
        (
            "codepipeline/approval-approved.json",
            "/notes",
            "Approved by arn:aws:sts::123456789012:assumed-role/release/ada",
        ),
        ("codepipeline/approval-rejected.json", "/error/message", "wait for the load test"),
        ("codepipeline/action-failed.json", "/error/message", "deployment did not become stable"),
        ("codepipeline/action-failed.json", "/error/code", "JobFailed"),
        ("codedeploy/trigger-instance-failed.json", "/error/message", "ValidateService failed"),
    ] {
        let world = World::new().await;
        send(&world, &sample(name)).await;
        let (id, _) = listed(&world).await.remove(0);
        let events = world.get(&format!("/v1/deployments/{id}/events")).await.body;
        assert_eq!(events["items"][0]["event"].pointer(field), Some(&json!(expected)), "{name}");
    }
}

/// The paths of all values in `value`, as JSON pointers.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{name}");
        paths(inner, &path, found);
        found.push(path);
    }
}

#[tokio::test]
async fn no_damage_to_an_event_fails_the_function() {
    let damage = [
        Value::Null,
        json!(7),
        json!(-1e300),
        json!(""),
        json!("x".repeat(10_000)),
        json!("{"),
        json!([1]),
        json!({"a": 1}),
    ];
    for name in [
        "codedeploy/instance-failure.json",
        "codedeploy/trigger-failed.json",
        "codedeploy/trigger-rolled-back.json",
        "codedeploy/trigger-instance-failed.json",
        "ecs/failed-rolling-back.json",
        "cloudformation/update-rollback-failed.json",
        "codebuild/build-failed.json",
        "codebuild/phase-succeeded.json",
        "codepipeline/execution-of-a-tag.json",
        "codepipeline/approval-rejected.json",
        "unrelated/alarm-over-sns.json",
    ] {
        let (mut world, event) = (World::new().await, sample(name));
        world.change_rules(&json!([{"source": "aws.codebuild", "deployment": true}]));
        let mut places = Vec::new();
        paths(&event, "", &mut places);
        let all = places.iter().flat_map(|place| damage.iter().map(move |value| (place, value)));
        for (place, value) in all.step_by(tests::one_in(11)) {
            let mut damaged = event.clone();
            *damaged.pointer_mut(place).unwrap() = value.clone();
            send(&world, &damaged).await;
        }
        world.publish().await.unwrap();
        world.expect_state_is_history().await;
    }
}
