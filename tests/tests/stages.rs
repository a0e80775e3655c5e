//! Stages end to end: what a deployment's status says of them, what is notified, and how large they may be.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};
use tests::World;
use tests::world::at;

fn event(seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = json!({
        "deploymentId": "d-1", "service": "cart", "environment": "production", "version": "1.2.3", "status": status,
        "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn of_stage(seconds: i64, stage: &str, status: &str, more: &Value) -> Value {
    let mut event = event(seconds, status, &json!({"type": "stage", "stage": stage}));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn report(world: &World, events: &[Value]) {
    let answer = world.post(&json!(events)).await;
    let receipts = answer.body.as_array().unwrap();
    assert!(receipts.iter().all(|receipt| receipt["outcome"] == "recorded"), "{}", answer.body);
}

#[tokio::test]
async fn the_status_shows_what_each_stage_reported_and_which_one_failed() {
    let world = World::new().await;
    let failure = json!({
        "error": {"code": "E503", "message": "2 of 3 answer"}, "metrics": {"healthScore": 12},
        "links": {"log": "https://ci.example/log"}, "metadata": {"of": "the stage"},
    });
    report(
        &world,
        &[
            event(
                -90,
                "IN_PROGRESS",
                &json!({"metrics": {"healthScore": 99}, "stage": "DEPLOYMENT", "metadata": {"a": 1}}),
            ),
            of_stage(-60, "HEALTH_CHECK", "IN_PROGRESS", &json!({})),
            of_stage(-30, "HEALTH_CHECK", "FAILED", &failure),
            event(-20, "ROLLED_BACK", &json!({"rollbackTo": "1.2.2", "metadata": {"b": 2}})),
        ],
    )
    .await;
    let status = world.get("/v1/deployments/d-1").await.body;
    let mut stages = status["stages"].clone();
    let inferred = json!({
        "stage": "DEPLOYMENT", "attempt": 1, "status": "ROLLED_BACK", "startedAt": at(-90), "finishedAt": at(-20),
        "durationSeconds": 70.0, "error": null, "metrics": null, "links": {}, "inferred": true,
    });
    assert_eq!(stages[0].take(), inferred);
    let expected = json!({
        "stage": "HEALTH_CHECK", "attempt": 1, "status": "FAILED", "startedAt": at(-60), "finishedAt": at(-30),
        "durationSeconds": 30.0, "error": failure["error"], "metrics": {"healthScore": 12.0},
        "links": failure["links"], "inferred": false,
    });
    assert_eq!(stages[1].take(), expected);
    assert_eq!(status["failedStage"], json!({"stage": "HEALTH_CHECK", "error": failure["error"]}));
    assert_eq!((&status["metrics"], &status["metadata"]), (&json!({"healthScore": 99.0}), &json!({"a": 1, "b": 2})));
    assert_eq!((&status["error"], &status["links"]), (&Value::Null, &json!({})));

    world.publish().await.unwrap();
    let messages = world.wire.messages();
    let rolled_back = messages.iter().find(|message| message["type"] == "ROLLED_BACK").unwrap();
    assert_eq!(rolled_back["Subject"], "[production] cart 1.2.3 ROLLED BACK, HEALTH_CHECK failed");
    let bodies: Value = rolled_back["Message"].parse().unwrap();
    assert!(
        bodies["email"].as_str().unwrap().contains("\nFailed in:  HEALTH_CHECK: E503: 2 of 3 answer\n"),
        "{bodies}"
    );
    assert!(bodies["https"].as_str().unwrap().contains("`HEALTH_CHECK`: `E503: 2 of 3 answer`"), "{bodies}");
    let full: Value = bodies["default"].as_str().unwrap().parse().unwrap();
    assert_eq!(full["failedStage"], status["failedStage"]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn the_plain_events_of_a_pipeline_give_its_stages_and_their_metrics() {
    let world = World::new().await;
    let plain = [
        ("INITIALIZATION", "PENDING", -100),
        ("DEPLOYMENT", "IN_PROGRESS", -90),
        ("HEALTH_CHECK", "VALIDATING", -50),
        ("HEALTH_CHECK", "FAILED", -30),
    ];
    for (stage, status, seconds) in plain {
        report(&world, &[event(seconds, status, &json!({"stage": stage}))]).await;
    }
    let status = world.get("/v1/deployments/d-1").await.body;
    let stages: Vec<String> = status["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| {
            assert_eq!(stage["inferred"], true);
            format!(
                "{} {} {}",
                stage["stage"].as_str().unwrap(),
                stage["status"].as_str().unwrap(),
                stage["durationSeconds"]
            )
        })
        .collect();
    assert_eq!(stages, ["INITIALIZATION COMPLETED 10.0", "DEPLOYMENT COMPLETED 40.0", "HEALTH_CHECK FAILED 20.0"]);
    assert_eq!(status["failedStage"]["stage"], "HEALTH_CHECK");
    world.publish().await.unwrap();
    let messages = world.wire.messages();
    assert_eq!(messages.last().unwrap()["Subject"], "[production] cart 1.2.3 FAILED in HEALTH_CHECK");
    let calls = world.wire.metrics();
    let data: Vec<&Value> = calls.iter().flat_map(|call| call["MetricData"].as_array().unwrap()).collect();
    let count = |name: &str| data.iter().filter(|datum| datum["MetricName"] == name).count();
    assert_eq!((count("StageDuration"), count("StagesCompleted"), count("StagesFailed")), (3, 2, 1));
    let metrics = world.get("/v1/metrics?environment=production").await.body;
    assert_eq!(metrics["stages"].as_array().unwrap().len(), 3, "{metrics}");
}

/// How many bytes the deployment's summary takes, as the database counts them.
async fn stored_bytes(world: &World) -> usize {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = world.embedded.client().get_item().table_name(&world.embedded.tables.state);
    let item = request.key("pk", text("DEPLOYMENT#d-1")).key("sk", text("SUMMARY")).send().await.unwrap().item.unwrap();
    let bytes = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        other => format!("{other:?}").len(),
    };
    item.iter().map(|(name, value)| name.len() + bytes(value)).sum()
}

#[tokio::test]
async fn a_deployment_of_a_hundred_stages_with_all_their_metadata_is_recorded_answered_and_ended() {
    let world = World::new().await;
    let error = json!({"message": "x".repeat(4096), "code": "E".repeat(256)});
    let metadata =
        |n: usize| -> Map<String, Value> { (0..16).map(|k| (format!("{n}-{k}"), json!("m".repeat(990)))).collect() };
    for batch in (0..100).collect::<Vec<usize>>().chunks(3) {
        let stages: Vec<Value> = batch.iter().map(|n| {
            let more = json!({
                "metadata": metadata(*n), "error": error, "metrics": {"healthScore": 1},
                "links": {"log": format!("https://ci.example/{n}/{}", "l".repeat(400))}, "eventId": format!("s-{n}"),
            });
            of_stage(-9000, &format!("{n:03}{}", "漢".repeat(125)), "FAILED", &more)
        }).collect();
        report(&world, &stages).await;
    }
    for n in 0..10_usize {
        report(&world, &[event(-8000, "IN_PROGRESS", &json!({"metadata": metadata(n), "eventId": format!("m-{n}")}))])
            .await;
    }
    for first in (110..1000).step_by(89) {
        let progress: Vec<Value> =
            (first..first + 89).map(|n| event(-7000, "IN_PROGRESS", &json!({"eventId": format!("p-{n}")}))).collect();
        report(&world, &progress).await;
    }
    // Beyond the events of progress its ends are still recorded.
    for first in (0..200).step_by(20) {
        let ends: Vec<Value> = (first..first + 20)
            .map(|n| event(-6000 + n, "FAILED", &json!({"attempt": 1 + n / 10, "eventId": format!("e-{n}")})))
            .collect();
        report(&world, &ends).await;
    }
    let bytes = stored_bytes(&world).await;
    assert!((100 * 1024..400 * 1024).contains(&bytes), "{bytes}");
    let status = world.get("/v1/deployments/d-1").await;
    assert_eq!(
        (status.status, &status.body["status"], &status.body["eventCount"]),
        (200, &json!("FAILED"), &json!(1200))
    );
    assert_eq!(status.body["stages"].as_array().unwrap().len(), 100);
    assert_eq!(status.body["flags"], json!(["METADATA_TRUNCATED"]));
    assert_eq!(status.body["metadata"].as_object().unwrap().len(), 16);
    world.expect_state_is_history().await;
}
