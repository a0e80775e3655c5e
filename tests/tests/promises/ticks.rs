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
    world.processor.handle(&event.to_string(), at(seconds)).await.unwrap()
}

fn gauge(world: &World, metric: &str, environment: &str) -> Vec<(f64, f64)> {
    published(world, metric, &[("Environment", environment)])
}

#[tokio::test]
async fn a_tick_publishes_how_many_are_active_and_stuck_in_each_environment_zero_included() {
    let world = World::new().await;
    assert_eq!(tick(&world, 0).await, json!({"active": 0, "stuck": 0}));
    assert_eq!(world.wire.count("PutMetricData"), 0, "no environment is known yet");
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
    assert_eq!(tick(&world, 3599).await, json!({"active": 2, "stuck": 0}));
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "staging"), gauge(&world, "StuckDeployments", "staging")),
        (vec![(2.0, 1.0)], vec![(0.0, 1.0)])
    );
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "production"), gauge(&world, "StuckDeployments", "production")),
        (vec![(0.0, 1.0)], vec![(0.0, 1.0)])
    );
    assert_eq!(world.wire.count("PutMetricData"), 1, "one call for all");
    assert_eq!(tick(&world, 3600).await, json!({"active": 2, "stuck": 1}));
    assert_eq!(gauge(&world, "StuckDeployments", "staging"), [(1.0, 1.0)]);
    record(&world, &[event("d-1", 3600, "COMPLETED"), event("d-2", 3600, "CANCELLED")]).await;
    assert_eq!(tick(&world, 9000).await, json!({"active": 0, "stuck": 0}));
    assert_eq!(
        (gauge(&world, "ActiveDeployments", "staging"), gauge(&world, "StuckDeployments", "staging")),
        (vec![(0.0, 1.0)], vec![(0.0, 1.0)])
    );
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
        assert_eq!(tick(&world, 3600 + minute * 60).await, json!({"active": 1, "stuck": 1}), "it stays counted");
        assert_eq!(notified(&world), [""; 0]);
    }
    let resumed = event_with("d-1", 4000, "IN_PROGRESS", &json!({"notes": "still there"}));
    assert_eq!(world.post_at(&resumed, at(4000)).await.status, 201);
    assert_eq!(tick(&world, 4060).await, json!({"active": 1, "stuck": 0}));
    assert_eq!(notified(&world), [""; 0]);
    tick(&world, 7600).await;
    assert_eq!(notified(&world), [format!("d-1#1#STUCK#{}", at(4000).millis())], "silent for another hour");
}
