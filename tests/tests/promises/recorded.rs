//! What is recorded of a deployment, and how it then stands.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{enveloped, event, event_with, ids, published, record};

#[tokio::test]
async fn the_status_of_a_finished_deployment_has_its_environment_version_and_trigger() {
    let world = World::new().await;
    let begun =
        event_with("d-1", 0, "IN_PROGRESS", &json!({"version": "1.2.3", "commit": "abc", "triggeredBy": "MANUAL"}));
    // The last event says no more than that it is over, as pipelines do.
    record(&world, &[begun, json!({"deploymentId": "d-1", "status": "COMPLETED", "timestamp": at(90)})]).await;
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!(
        status,
        json!({
            "deploymentId": "d-1", "service": "cart", "environment": "staging", "version": "1.2.3", "commit": "abc",
            "artifact": null, "buildNumber": null, "region": null, "status": "COMPLETED", "stage": null, "attempt": 1,
            "createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "waitedSeconds": 0.0,
            "updatedAt": "2026-03-01T12:01:30.000Z",
            "finishedAt": "2026-03-01T12:01:30.000Z", "durationSeconds": 90.0,
            "triggeredBy": {"kind": "MANUAL"}, "metrics": null, "error": null, "failedStage": null, "rollbackTo": null,
            "committedAt": null,
            "release": null, "links": {}, "notes": null, "metadata": null, "stages": [], "eventCount": 2, "flags": [],
            "reportedBy": ["anonymous"], "expected": null, "pace": null, "previous": null, "verdict": null,
        })
    );
    let listed = world.get("/v1/deployments").await.body;
    for field in ["environment", "version", "triggeredBy", "finishedAt", "durationSeconds"] {
        assert_eq!(listed["items"][0][field], status[field], "{field}");
    }
}

#[tokio::test]
async fn a_finished_deployment_leaves_the_active_list_however_it_ends() {
    let world = World::new().await;
    let endings = ["COMPLETED", "FAILED", "ROLLED_BACK", "CANCELLED"];
    for ending in endings {
        record(&world, &[event(ending, 0, "IN_PROGRESS")]).await;
    }
    assert_eq!(ids(&world.get("/v1/deployments/active").await.body).len(), 4);
    for (left, ending) in (0..4).rev().zip(endings) {
        record(&world, &[event(ending, 10, ending)]).await;
        let active = world.get("/v1/deployments/active?environment=staging").await.body;
        assert_eq!(ids(&active).len(), left, "{active}");
        assert!(!ids(&active).contains(&ending));
    }
    assert_eq!(ids(&world.get("/v1/deployments").await.body).len(), 4, "and all stay in the history");
}

#[tokio::test]
async fn a_late_event_does_not_reopen_a_finished_deployment_and_a_new_attempt_does() {
    let world = World::new().await;
    record(&world, &[event("d-1", 0, "IN_PROGRESS"), event("d-1", 50, "COMPLETED")]).await;
    let finished = world.get("/v1/deployments/d-1").await.body;
    // One that happened before the end, and one whose sender's clock is ahead.
    for late in [event("d-1", 40, "VALIDATING"), event("d-1", 60, "IN_PROGRESS")] {
        let answer = world.post_at(&late, at(3600)).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (201, &json!("COMPLETED")),
            "recorded, and it stays finished"
        );
        let now = world.get("/v1/deployments/d-1").await.body;
        for field in ["status", "finishedAt", "durationSeconds", "attempt"] {
            assert_eq!(now[field], finished[field], "{field}");
        }
        assert_eq!(ids(&world.get("/v1/deployments/active").await.body), [""; 0]);
    }
    assert_eq!(ids(&world.get("/v1/deployments?status=COMPLETED").await.body), ["d-1"]);
    record(&world, &[event_with("d-1", 100, "IN_PROGRESS", &json!({"attempt": 2}))]).await;
    assert_eq!(ids(&world.get("/v1/deployments/active").await.body), ["d-1"]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn two_events_in_the_same_millisecond_are_both_kept() {
    let world = World::new().await;
    let one = event_with("d-1", 0, "IN_PROGRESS", &json!({"notes": "one"}));
    let other = event_with("d-1", 0, "IN_PROGRESS", &json!({"notes": "other"}));
    let ended = event("d-1", 0, "COMPLETED");
    let answer = world.post(&json!([one, other, ended])).await;
    assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
    let trail = world.get("/v1/deployments/d-1/events").await.body;
    let notes: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|item| &item["event"]["notes"]).collect();
    assert_eq!(notes, [&json!("one"), &json!("other"), &Value::Null]);
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["eventCount"], &status["status"]), (&json!(3), &json!("COMPLETED")));
}

#[tokio::test]
async fn a_retried_event_without_a_timestamp_is_recorded_once_and_counted_once() {
    let world = World::new().await;
    let bare = json!({"deploymentId": "d-1", "service": "cart", "environment": "production", "status": "IN_PROGRESS"});
    let first = world.post_at(&bare, at(0)).await;
    assert_eq!((first.status, &first.body["outcome"], &first.body["sequence"]), (201, &json!("recorded"), &json!(1)));
    let again = world.post_at(&bare, at(30)).await;
    assert_eq!((again.status, &again.body["outcome"], &again.body["sequence"]), (200, &json!("duplicate"), &json!(1)));
    assert_eq!(again.body["eventId"], first.body["eventId"]);
    is_counted_once(&world).await;
    // A repeated PutEvents gets an envelope with another id and another time.
    let world = World::new().await;
    let queued = [enveloped(&bare, 1, 0), enveloped(&bare, 2, 50)];
    assert_eq!(world.queue(&queued, at(60)).await.unwrap(), [0usize; 0]);
    let cold = world.another_processor();
    let event = tests::invocations::queue_event(&queued, at(70));
    cold.handle(&event.to_string(), at(70)).await.unwrap();
    is_counted_once(&world).await;
}

async fn is_counted_once(world: &World) {
    world.publish().await.unwrap();
    assert_eq!(published(world, "DeploymentEvents", &[("Environment", "production")]), [(1.0, 1.0)]);
    assert_eq!(
        published(world, "DeploymentsStarted", &[("Environment", "production"), ("Service", "cart")]),
        [(1.0, 1.0)]
    );
    assert_eq!(world.wire.messages().len(), 1);
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["eventCount"], &status["startedAt"]), (&json!(1), &json!(at(0))));
}

#[tokio::test]
async fn a_wrong_status_or_time_is_refused_and_not_replaced_by_a_default() {
    let world = World::new().await;
    for (field, value) in
        [("status", "SUCCESS"), ("status", "in_progress"), ("timestamp", "2026-03-01 12:00"), ("occurredAt", "now")]
    {
        let mut wrong = json!({"deploymentId": "d-1", "environment": "staging", "status": "COMPLETED"});
        wrong[field] = json!(value);
        let answer = world.post(&wrong).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)), "{answer:?}");
        world.queue(&[enveloped(&wrong, 1, 0)], at(0)).await.unwrap();
    }
    assert_eq!(world.get("/v1/deployments/d-1").await.status, 404);
    assert_eq!(world.get("/v1/rejected").await.body["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_rolled_back_or_cancelled_deployment_has_its_finish_time_and_duration() {
    let world = World::new().await;
    for ending in ["ROLLED_BACK", "CANCELLED", "FAILED"] {
        record(&world, &[event(ending, 10, "IN_PROGRESS"), event(ending, 52, ending)]).await;
        let status = world.get(&format!("/v1/deployments/{ending}")).await.body;
        assert_eq!((&status["finishedAt"], &status["durationSeconds"]), (&json!(at(52)), &json!(42.0)), "{status}");
    }
    world.publish().await.unwrap();
    assert_eq!(published(&world, "DeploymentDuration", &[("Environment", "staging")]), [(42.0, 3.0)]);
}

#[tokio::test]
async fn an_ending_alone_is_no_deployment_of_zero_seconds() {
    let world = World::new().await;
    record(
        &world,
        &[event("d-1", 10, "COMPLETED"), event_with("d-2", 10, "COMPLETED", &json!({"metrics": {"duration": 7.5}}))],
    )
    .await;
    assert_eq!(world.get("/v1/deployments/d-1").await.body["durationSeconds"], Value::Null);
    assert_eq!(world.get("/v1/deployments/d-2").await.body["durationSeconds"], 7.5);
    world.publish().await.unwrap();
    assert_eq!(published(&world, "DeploymentDuration", &[("Environment", "staging")]), [(7.5, 1.0)]);
}

#[tokio::test]
async fn a_health_score_of_zero_is_published() {
    let world = World::new().await;
    let metrics = json!({"metrics": {"healthScore": 0, "errorRate": 0, "errorCount": 0}});
    record(&world, &[event_with("d-1", 0, "IN_PROGRESS", &metrics)]).await;
    world.publish().await.unwrap();
    for metric in ["DeploymentHealthScore", "DeploymentErrorRate", "DeploymentErrorCount"] {
        assert_eq!(published(&world, metric, &[("Environment", "staging")]), [(0.0, 1.0)], "{metric}");
        assert_eq!(
            published(&world, metric, &[("Environment", "staging"), ("Service", "cart")]),
            [(0.0, 1.0)],
            "{metric}"
        );
    }
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!(status["metrics"], json!({"healthScore": 0.0, "errorRate": 0.0, "errorCount": 0.0}));
}

#[tokio::test]
async fn nested_metadata_is_kept_as_it_came() {
    let world = World::new().await;
    let metadata = json!({
        "build": {"steps": [{"name": "test", "ok": true, "took": 1.25}, null, [], {}], "": {"": ""}},
        "zeros": [0, -1, 0.1, 1e-7, 9_007_199_254_740_991_i64],
        "text": "größe \u{0} \"quoted\" </script> 🚀", "deploymentId": "another", "pk": "#",
    });
    record(
        &world,
        &[event_with("d-1", 0, "IN_PROGRESS", &json!({"metadata": metadata})), event("d-1", 5, "COMPLETED")],
    )
    .await;
    assert_eq!(world.get("/v1/deployments/d-1").await.body["metadata"], metadata);
    let trail = world.get("/v1/deployments/d-1/events").await.body;
    assert_eq!(trail["items"][0]["event"]["metadata"], metadata);
}

#[tokio::test]
async fn an_unknown_environment_stays_unknown() {
    let world = World::new().await;
    let bare = |status: &str, seconds| json!({"deploymentId": "d-1", "status": status, "timestamp": at(seconds), "version": "1"});
    record(&world, &[bare("IN_PROGRESS", 0), bare("COMPLETED", 9)]).await;
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["environment"], &status["service"]), (&json!("unknown"), &json!("unknown")));
    assert_eq!(ids(&world.get("/v1/deployments?environment=unknown").await.body), ["d-1"]);
    assert_eq!(ids(&world.get("/v1/deployments?environment=production").await.body), [""; 0]);
    assert_eq!(world.get("/v1/catalog").await.body["environments"], json!(["unknown"]));
    let live = world.get("/v1/live?environment=unknown").await.body;
    assert_eq!((&live["items"][0]["environment"], &live["items"][0]["version"]), (&json!("unknown"), &json!("1")));
    world.publish().await.unwrap();
    assert_eq!(published(&world, "DeploymentsCompleted", &[("Environment", "unknown")]), [(1.0, 1.0)]);
    assert!(!json!(world.wire.metrics()).to_string().contains("production"));
    let notified: Vec<String> = world.wire.messages().iter().map(|message| message["type"].clone()).collect();
    assert_eq!(notified, ["COMPLETED"], "a start is notified for production only");
}

#[tokio::test]
async fn a_stage_that_completes_does_not_complete_its_deployment() {
    let world = World::new().await;
    let stage =
        |seconds, status: &str| event_with("d-1", seconds, status, &json!({"type": "stage", "stage": "DEPLOYMENT"}));
    record(&world, &[stage(0, "IN_PROGRESS"), stage(30, "COMPLETED")]).await;
    let status = world.get("/v1/deployments/d-1").await.body;
    assert_eq!((&status["status"], &status["finishedAt"]), (&json!("IN_PROGRESS"), &Value::Null));
    assert_eq!(
        status["stages"],
        json!([{
            "stage": "DEPLOYMENT", "attempt": 1, "status": "COMPLETED", "startedAt": at(0), "finishedAt": at(30),
            "durationSeconds": 30.0, "error": null, "metrics": null, "links": {}, "inferred": false,
        }])
    );
    world.publish().await.unwrap();
    assert_eq!(
        published(&world, "StageDuration", &[("Environment", "staging"), ("Stage", "DEPLOYMENT")]),
        [(30.0, 1.0)]
    );
    assert_eq!(published(&world, "DeploymentsCompleted", &[("Environment", "staging")]), []);
}
