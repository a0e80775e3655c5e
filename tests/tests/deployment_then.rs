//! A deployment as it stood at a time, and as it was known at a time.

use domain::Retention;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

fn event(seconds: i64, status: &str) -> Value {
    json!({"deploymentId": "d", "occurredAt": at(seconds), "service": "cart", "environment": "production",
           "version": "2", "status": status})
}

/// Told in order, but for its completion, which is reported late.
async fn told() -> World {
    let world = World::new().await;
    for (seconds, status, recorded) in
        [(-300, "PENDING", -299), (-250, "IN_PROGRESS", -249), (-100, "ROLLED_BACK", -99), (-200, "COMPLETED", -50)]
    {
        let answer = world.post_at(&event(seconds, status), at(recorded)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    world
}

#[tokio::test]
async fn a_deployment_is_what_its_events_of_then_say() {
    let world = told().await;
    for (times, status, events) in [
        (format!("asOf={}", at(-275)), "PENDING", 1),
        (format!("asOf={}", at(-225)), "IN_PROGRESS", 2),
        (format!("asOf={}", at(-150)), "COMPLETED", 3),
        (format!("asOf={}", at(0)), "ROLLED_BACK", 4),
        // What was recorded late was not known, and what had not happened was not there.
        (format!("knownAt={}", at(-275)), "PENDING", 1),
        (format!("knownAt={}", at(-75)), "ROLLED_BACK", 3),
        (format!("asOf={}&knownAt={}", at(-150), at(-75)), "IN_PROGRESS", 2),
        (format!("asOf={}&knownAt={}", at(-150), at(0)), "COMPLETED", 3),
    ] {
        let answer = world.get(&format!("/v1/deployments/d?{times}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!((&answer.body["status"], &answer.body["eventCount"]), (&json!(status), &json!(events)), "{times}");
        let trail = world.get(&format!("/v1/deployments/d/events?{times}")).await.body;
        assert_eq!(trail["items"].as_array().unwrap().len(), events, "{times}");
    }
    let now = world.get("/v1/deployments/d").await.body;
    assert_eq!(world.get(&format!("/v1/deployments/d?asOf={}", at(0))).await.body, now, "as of now it is as it is");
}

#[tokio::test]
async fn the_trail_of_a_time_is_read_page_by_page() {
    let world = told().await;
    let first = world.get(&format!("/v1/deployments/d/events?asOf={}&limit=2", at(-150))).await.body;
    let cursor = first["nextCursor"].as_str().unwrap();
    let next = world.get(&format!("/v1/deployments/d/events?asOf={}&limit=2&cursor={cursor}", at(-150))).await.body;
    let sequences = |page: &Value| -> Vec<u64> {
        page["items"].as_array().unwrap().iter().map(|one| one["sequence"].as_u64().unwrap()).collect()
    };
    assert_eq!((sequences(&first), sequences(&next), &next["nextCursor"]), (vec![1, 2], vec![4], &Value::Null));
}

#[tokio::test]
async fn what_is_not_known_of_a_time_is_not_told() {
    let world = told().await;
    let before = world.get(&format!("/v1/deployments/d?asOf={}", at(-301))).await;
    assert_eq!(
        (before.status, &before.body["detail"]),
        (404, &json!("no deployment d then: no event of it was there yet"))
    );
    let wrong = world.get("/v1/deployments/d?asOf=then").await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (400, &json!("asOf")));
}

#[tokio::test]
async fn of_expired_history_it_is_not_said_how_it_stood() {
    let world = World::keeping(Retention::of_days(1).unwrap()).await;
    // What expires does so by the clock of this machine.
    let now = lambda::now();
    let begun = now.plus_millis(-3 * 24 * 3_600_000);
    for (time, status) in [(begun, "IN_PROGRESS"), (now, "COMPLETED")] {
        let event = json!({"deploymentId": "d", "occurredAt": time, "service": "cart", "environment": "production",
                           "version": "2", "status": status});
        assert_eq!(world.post_at(&event, time).await.status, 201);
    }
    let then = format!("/v1/deployments/d?asOf={}", now.plus_millis(-3_600_000));
    assert_eq!(world.get_at(&then, now).await.body["status"], "IN_PROGRESS");
    assert_eq!(world.remove_expired().await, 1);
    let answer = world.get_at(&then, now).await;
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(answer.status == 404 && detail.contains("has expired"), "{answer:?}");
    assert_eq!(world.get_at("/v1/deployments/d", now).await.status, 200, "how it stands now is known");
}
