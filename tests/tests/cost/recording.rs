//! What recording and publishing cost.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{batch_of_ten, event};

#[tokio::test]
async fn ten_events_of_ten_deployments_take_two_calls_to_record_and_two_to_publish() {
    for status in ["IN_PROGRESS", "COMPLETED"] {
        let mut world = World::new().await;
        assert_eq!(world.apply(&json!({})).await.status, 201, "as where nothing was set");
        world.wire.reset();
        assert_eq!(world.queue(&batch_of_ten(status), at(0)).await.unwrap(), Vec::<usize>::new());
        let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
        assert_eq!(operations, ["BatchGetItem", "TransactWriteItems"], "{status}");

        world.wire.reset();
        world.publish().await.unwrap();
        assert_eq!((world.wire.count("PutMetricData"), world.wire.count("PublishBatch")), (1, 1), "{status}");
        assert_eq!(world.wire.calls().len(), 2, "publishing reads nothing");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn a_batch_costs_no_more_write_units_than_its_events_one_by_one() {
    for status in ["IN_PROGRESS", "COMPLETED"] {
        let mut units = Vec::new();
        for together in [10, 1] {
            let world = World::new().await;
            // What exists is known, and written with neither.
            let known = event("deploy-known", -600, json!({"status": "COMPLETED"}));
            assert_eq!(world.post(&known).await.status, 201);
            world.wire.reset();
            for some in batch_of_ten(status).chunks(together) {
                assert_eq!(world.queue(some, at(0)).await.unwrap(), Vec::<usize>::new());
            }
            let calls = world.wire.calls();
            let writes = calls.iter().filter(|call| call.operation == "TransactWriteItems");
            units.push(writes.map(|call| call.units).sum::<f64>());
        }
        assert!(units[0] > 0.0 && units[0] <= units[1], "{status}: {units:?}");
    }
}

#[tokio::test]
async fn a_batch_that_comes_again_is_recognized_in_one_call() {
    let mut world = World::new().await;
    assert_eq!(world.queue(&batch_of_ten("IN_PROGRESS"), at(0)).await.unwrap(), Vec::<usize>::new());
    world.restart();
    world.apply(&json!({})).await;
    world.wire.reset();
    assert_eq!(world.queue(&batch_of_ten("IN_PROGRESS"), at(0)).await.unwrap(), Vec::<usize>::new());
    assert_eq!(world.wire.count("TransactWriteItems"), 1);
    for n in 0..10 {
        let verified = world.get(&format!("/v1/deployments/deploy-{n}/verify")).await.body;
        assert_eq!(verified["events"], 1, "{verified}");
    }
}

#[tokio::test]
async fn a_warm_follow_up_event_is_recorded_in_one_round_trip() {
    let world = World::new().await;
    world.post(&event("deploy-1", -60, json!({"status": "IN_PROGRESS"}))).await;
    world.wire.reset();
    let stage = json!({"type": "stage", "stage": "DEPLOYMENT", "status": "IN_PROGRESS"});
    assert_eq!(world.post(&event("deploy-1", -50, stage)).await.status, 201);
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["TransactWriteItems"]);
}

#[tokio::test]
async fn a_non_terminal_event_of_ordinary_size_costs_at_most_eight_write_units() {
    let world = World::new().await;
    // What exists is written once, with the first deployment to a place; not with each event.
    world.post(&event("deploy-2026-02-28-001", -600, json!({"status": "PENDING"}))).await;
    let stage = |name: &str, status: &str| json!({"type": "stage", "stage": name, "status": status});
    let story = [
        json!({"status": "PENDING"}),
        json!({"status": "IN_PROGRESS"}),
        stage("INITIALIZATION", "IN_PROGRESS"),
        stage("INITIALIZATION", "COMPLETED"),
        stage("DEPLOYMENT", "IN_PROGRESS"),
        stage("DEPLOYMENT", "COMPLETED"),
        stage("HEALTH_CHECK", "IN_PROGRESS"),
        stage("HEALTH_CHECK", "COMPLETED"),
        json!({"status": "VALIDATING"}),
    ];
    let mut seconds = -60;
    for step in story {
        seconds += 5;
        world.wire.reset();
        assert_eq!(world.post(&event("deploy-2026-03-01-042", seconds, step.clone())).await.status, 201);
        let writes: Vec<_> =
            world.wire.calls().into_iter().filter(|call| call.operation == "TransactWriteItems").collect();
        let units: f64 = writes.iter().map(|call| call.units).sum();
        eprintln!("{units} write units: {step}");
        assert!(units > 0.0 && units <= 8.0, "{units} units for {step}");
    }
}

#[tokio::test]
async fn each_event_of_an_ordinary_deployment_costs_what_the_guide_says() {
    let world = World::new().await;
    // Another deployment ended in its place before: what is live there changes, and is not new.
    for (seconds, status) in [(-600, "IN_PROGRESS"), (-500, "COMPLETED")] {
        world.post(&event("deploy-2026-02-28-001", seconds, json!({"status": status}))).await;
    }
    let stage = |name: &str, status: &str| json!({"type": "stage", "stage": name, "status": status});
    let story = [
        json!({"status": "IN_PROGRESS"}),
        stage("DEPLOYMENT", "IN_PROGRESS"),
        stage("DEPLOYMENT", "COMPLETED"),
        stage("HEALTH_CHECK", "IN_PROGRESS"),
        stage("HEALTH_CHECK", "COMPLETED"),
        stage("CLEANUP", "IN_PROGRESS"),
        stage("CLEANUP", "COMPLETED"),
        json!({"status": "VALIDATING"}),
        json!({"status": "COMPLETED"}),
    ];
    let mut units = Vec::new();
    for (seconds, step) in (-60..).step_by(5).zip(story) {
        world.wire.reset();
        assert_eq!(world.post(&event("deploy-2026-03-01-042", seconds, step)).await.status, 201);
        let calls = world.wire.calls();
        let writes = calls.iter().filter(|call| call.operation == "TransactWriteItems");
        units.push(writes.map(|call| call.units.to_string()).collect::<Vec<_>>().join(", "));
    }
    assert_eq!(units, ["8", "5", "5", "7", "7", "7", "7", "7", "17"]);
}

#[tokio::test]
async fn a_hundred_endings_of_one_service_do_not_get_in_each_others_way() {
    let mut calls = Vec::new();
    for services in [100, 1] {
        let world = World::new().await;
        let ending = |n: i64| {
            let service = format!("service-{}", n % services);
            event(
                &format!("deploy-{n:03}"),
                n - 200,
                json!({"service": service, "status": "COMPLETED", "version": n.to_string()}),
            )
        };
        let endings: Vec<Value> = (0..100).map(ending).collect();
        let answer = world.post(&json!(endings)).await;
        assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
        calls.push(world.wire.calls().len());
        let live = world.get("/v1/live?service=service-0").await.body;
        let newest = if services == 1 { "99" } else { "0" };
        assert_eq!(live["items"][0]["version"], newest, "{live}");
        world.expect_state_is_history().await;
    }
    // Those of one place go in turn: a look at its cell, one at its landings and a transaction each, none of which
    // fails.
    assert!(calls[0] <= 15 && calls[1] <= 3 * 100, "{calls:?}: a hundred services, and one");
}
