//! The schedule: gauges of every environment, zero included, and stuck deployments notified once.

use serde_json::json;
use tests::World;
use tests::world::at;

use super::{event, event_with, published, record};

/// The clock's event, at some seconds after noon.
async fn tick(world: &World, seconds: i64) -> serde_json::Value {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(seconds), "region": "eu-central-1", "resources": ["arn:aws:events:eu-central-1:1:rule/tick"], "detail": {},
    });
    world.wire.reset();
    let ticked = world.processor.handle(&event.to_string(), at(seconds)).await.unwrap();
    assert_eq!(ticked["visited"], ticked["environments"], "{ticked}");
    json!({"active": ticked["active"], "stuck": ticked["stuck"], "concluded": ticked["concluded"]})
}

fn gauge(world: &World, metric: &str, environment: &str) -> Vec<(f64, f64)> {
    published(world, metric, &[("Environment", environment)])
}

#[tokio::test]
async fn a_tick_publishes_how_many_are_active_and_stuck_in_each_environment_zero_included() {
    let world = World::new().await;
    assert_eq!(tick(&world, 0).await, json!({"active": 0, "stuck": 0, "concluded": 0}));
    assert_eq!(world.wire.count("PutMetricData"), 1, "that it ran, although no environment is known yet");
    assert_eq!(gauge(&world, "TickCoverage", "unknown"), [(100.0, 1.0)]);
    let in_production = json!({"environment": "production"});
    record(
        &world,
        &[
            event("d-1", 0, "IN_PROGRESS"),
            event("d-2", 3500, "PENDING"),
            event_with("d-3", 0, "COMPLETED", &in_production),
        ],
    )
    .await;
    assert_eq!(tick(&world, 3599).await, json!({"active": 2, "stuck": 0, "concluded": 0}));
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "staging"), gauge(&world, "StuckDeployments", "staging")),
        (vec![(2.0, 1.0)], vec![(0.0, 1.0)])
    );
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "production"), gauge(&world, "StuckDeployments", "production")),
        (vec![(0.0, 1.0)], vec![(0.0, 1.0)])
    );
    assert_eq!(world.wire.count("PutMetricData"), 1, "one call for all");
    assert_eq!(tick(&world, 3600).await, json!({"active": 2, "stuck": 1, "concluded": 0}));
    assert_eq!(gauge(&world, "StuckDeployments", "staging"), [(1.0, 1.0)]);
    record(&world, &[event("d-1", 3600, "COMPLETED"), event("d-2", 3600, "CANCELLED")]).await;
    assert_eq!(tick(&world, 9000).await, json!({"active": 0, "stuck": 0, "concluded": 0}));
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "staging"), gauge(&world, "StuckDeployments", "staging")),
        (vec![(0.0, 1.0)], vec![(0.0, 1.0)]),
        "once more at zero"
    );
    tick(&world, 9060).await;
    assert_eq!(gauge(&world, "ActiveDeployments", "staging"), [], "nobody watches it, and nothing is active");
    assert_eq!(gauge(&world, "ActiveDeployments", "production"), [(0.0, 1.0)], "a rule of NOTIFY names it");
}

#[tokio::test]
async fn a_stuck_deployment_is_notified_once_and_again_only_after_a_new_event() {
    let mut world = World::new().await;
    record(&world, &[event("d-1", 0, "IN_PROGRESS")]).await;
    let notified =
        |world: &World| world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect::<Vec<_>>();
    tick(&world, 3600).await;
    assert_eq!(notified(&world), [format!("d-1#1#STUCK#{}", at(0).millis())]);
    assert_eq!(world.wire.messages()[0]["severity"], "warning");
    for minute in 1..4 {
        // A new instance, too, knows that it was notified.
        world.restart();
        assert_eq!(
            tick(&world, 3600 + minute * 60).await,
            json!({"active": 1, "stuck": 1, "concluded": 0}),
            "it stays counted"
        );
        assert_eq!(notified(&world), [""; 0]);
    }
    let resumed = event_with("d-1", 4000, "IN_PROGRESS", &json!({"notes": "still there"}));
    assert_eq!(world.post_at(&resumed, at(4000)).await.status, 201);
    assert_eq!(tick(&world, 4060).await, json!({"active": 1, "stuck": 0, "concluded": 0}));
    assert_eq!(notified(&world), [format!("d-1#1#RESUMED#{}", at(0).millis())], "it goes on");
    tick(&world, 7600).await;
    assert_eq!(notified(&world), [format!("d-1#1#STUCK#{}", at(4000).millis())], "silent for another hour");
}

#[tokio::test]
async fn a_silent_deployment_is_over_once_a_later_one_of_its_place_completed() {
    let world = World::new().await;
    record(&world, &[event("d-1", 0, "IN_PROGRESS"), event("d-2", 60, "IN_PROGRESS")]).await;
    record(&world, &[event("d-2", 120, "COMPLETED")]).await;
    assert_eq!(
        tick(&world, 3599).await,
        json!({"active": 1, "stuck": 0, "concluded": 0}),
        "not yet silent for an hour"
    );
    assert_eq!(tick(&world, 3600).await, json!({"active": 0, "stuck": 0, "concluded": 1}));
    assert!(world.wire.messages().is_empty(), "nothing is notified of it: {:?}", world.wire.messages());
    assert_eq!(tick(&world, 3660).await, json!({"active": 0, "stuck": 0, "concluded": 0}), "it is over");
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("CANCELLED"), &json!("SUPERSEDED")));
    assert!(status["error"]["message"].as_str().unwrap().contains("d-2"), "{status}");
    assert_eq!(status["durationSeconds"], json!(null));
    world.publish().await.unwrap();
    assert!(
        published(&world, "DeploymentsCancelled", &[("Environment", "staging")]).is_empty(),
        "it counts in no rate"
    );
    let live = world.get("/v1/live?environment=staging").await.body["items"][0].clone();
    assert_eq!((&live["deploymentId"], &live["lastAttempt"]["deploymentId"]), (&json!("d-2"), &json!("d-2")));
    let trail = world.get("/v1/deployments/d-1/events").await.body;
    assert_eq!(trail["items"][1]["event"]["source"], json!("deployment-status"), "{trail}");

    // A report that comes after all counts for more: progress when it is later, an ending whenever it was.
    assert_eq!(world.post_at(&event("d-1", 3700, "IN_PROGRESS"), at(3700)).await.status, 201);
    assert_eq!(world.get("/v1/deployments/d-1").await.body["status"], json!("IN_PROGRESS"));
    assert_eq!(
        tick(&world, 7300).await,
        json!({"active": 1, "stuck": 1, "concluded": 0}),
        "silent since d-2 completed"
    );
    assert_eq!(world.post_at(&event("d-1", 100, "FAILED"), at(7400)).await.status, 201);
    assert_eq!(world.get("/v1/deployments/d-1").await.body["status"], json!("FAILED"));
}

#[tokio::test]
async fn a_deployment_that_was_never_heard_of_again_is_abandoned_after_a_week() {
    const WEEK: i64 = 7 * 24 * 3600;
    let world = World::new().await;
    record(&world, &[event("d-1", 0, "IN_PROGRESS")]).await;
    assert_eq!(tick(&world, WEEK - 60).await, json!({"active": 1, "stuck": 1, "concluded": 0}));
    assert_eq!(tick(&world, WEEK).await, json!({"active": 0, "stuck": 0, "concluded": 1}));
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("CANCELLED"), &json!("ABANDONED")));
    assert_eq!(tick(&world, WEEK + 60).await, json!({"active": 0, "stuck": 0, "concluded": 0}));
}

#[tokio::test]
async fn a_stage_that_reports_later_reopens_what_was_concluded_and_a_conclusion_ends_no_stage() {
    const WEEK: i64 = 7 * 24 * 3600;
    let world = World::new().await;
    let stage = |seconds: i64| event_with("d-1", seconds, "IN_PROGRESS", &json!({"type": "stage", "stage": "DEPLOY"}));
    record(&world, &[stage(0), event_with("d-2", 0, "IN_PROGRESS", &json!({"stage": "BUILD"}))]).await;
    assert_eq!(tick(&world, WEEK).await, json!({"active": 0, "stuck": 0, "concluded": 2}));
    let inferred = world.get("/v1/deployments/d-2").await.body["stages"][0].clone();
    assert_eq!((&inferred["finishedAt"], &inferred["durationSeconds"]), (&json!(null), &json!(null)), "{inferred}");

    assert_eq!(world.get("/v1/deployments/d-1").await.body["status"], "CANCELLED");
    assert_eq!(world.post_at(&stage(WEEK + 60), at(WEEK + 60)).await.status, 201);
    let status = world.get("/v1/deployments/d-1").await.body;
    let shown = (&status["status"], &status["error"], &status["finishedAt"]);
    assert_eq!(shown, (&json!("IN_PROGRESS"), &json!(null), &json!(null)));
    assert_eq!(tick(&world, WEEK + 120).await, json!({"active": 1, "stuck": 0, "concluded": 0}));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_deployment_of_stages_stays_in_their_attempt_when_it_is_over_and_any_ending_counts_for_more() {
    const WEEK: i64 = 7 * 24 * 3600;
    let world = World::new().await;
    let again = json!({"type": "stage", "stage": "DEPLOY", "attempt": 2});
    record(&world, &[event_with("d-1", 0, "FAILED", &again)]).await;
    let active = world.get("/v1/deployments/active").await.body["items"][0].clone();
    assert_eq!((&active["status"], &active["attempt"]), (&json!("IN_PROGRESS"), &json!(2)));
    tick(&world, 3600).await;
    assert_eq!(world.wire.messages()[0]["dedupeId"], json!(format!("d-1#2#STUCK#{}", at(0).millis())));

    assert_eq!(tick(&world, WEEK).await, json!({"active": 0, "stuck": 0, "concluded": 1}));
    let over = world.get("/v1/deployments/d-1").await.body;
    let shown = (&over["status"], &over["attempt"], &over["failedStage"]["stage"]);
    assert_eq!(shown, (&json!("CANCELLED"), &json!(2), &json!("DEPLOY")));
    assert_eq!(world.get("/v1/deployments/active").await.body["items"], json!([]));
    assert_eq!(world.post_at(&event("d-1", 100, "COMPLETED"), at(WEEK + 60)).await.status, 201);
    let ended = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&ended["status"], &ended["attempt"]), (&json!("COMPLETED"), &json!(1)), "its end names no attempt");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_slow_deployment_that_began_before_overtakes_nothing() {
    let world = World::new().await;
    record(&world, &[event("slow", 0, "IN_PROGRESS"), event("d-1", 60, "IN_PROGRESS")]).await;
    record(&world, &[event("slow", 120, "COMPLETED")]).await;
    assert_eq!(tick(&world, 3660).await, json!({"active": 1, "stuck": 1, "concluded": 0}));
}
