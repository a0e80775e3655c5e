//! When settings apply: at once where they were applied, within a minute everywhere else, for no further call.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Fault, Taken, World};

fn pipeline(state: &str) -> String {
    json!({
        "source": "aws.codepipeline", "detail-type": "CodePipeline Pipeline Execution State Change",
        "account": "111122223333", "region": "eu-central-1", "time": at(-60), "id": format!("id-{state}"),
        "detail": {"pipeline": "cart-to-staging", "execution-id": "7c1d2e3f-6a7b", "state": state, "version": 1.0},
    })
    .to_string()
}

fn rules() -> Value {
    json!({"rules": [{"source": "aws.codepipeline", "when": {"pipeline": "{service}-to-{environment}"}}]})
}

fn event(id: &str, status: &str) -> Value {
    json!({"deploymentId": id, "status": status, "service": "cart", "environment": "prod", "version": "1", "occurredAt": at(-30)})
}

#[tokio::test]
async fn a_rule_applies_at_once_where_it_was_applied_and_within_a_minute_elsewhere() {
    let mut world = World::new().await;
    world.restart_cold();
    let elsewhere = world.another_processor();
    let queue = |body: String, seconds: i64| tests::invocations::queue_event(&[body], at(seconds)).to_string();
    elsewhere.handle(&queue(pipeline("STARTED"), 0), at(0)).await.unwrap();
    assert_eq!(world.apply(&rules()).await.status, 201);
    let place = async |world: &World| world.get("/v1/deployments/7c1d2e3f-6a7b").await.body["environment"].clone();
    elsewhere.handle(&queue(pipeline("RESUMED"), 59), at(59)).await.unwrap();
    assert_eq!(place(&world).await, "unknown", "there the former settings are still held");
    elsewhere.handle(&queue(pipeline("SUCCEEDED"), 61), at(61)).await.unwrap();
    assert_eq!(place(&world).await, "staging");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_warm_event_pays_nothing_for_settings_but_once_a_minute_one_small_read() {
    let mut world = World::new().await;
    world.restart_cold();
    assert_eq!(world.apply(&rules()).await.status, 201);
    let operations =
        |world: &World| -> Vec<String> { world.wire.calls().into_iter().map(|call| call.operation).collect() };
    world.post(&event("d", "IN_PROGRESS")).await;
    world.wire.reset();
    world.post_at(&event("d", "VALIDATING"), at(20)).await;
    assert_eq!(operations(&world), ["TransactWriteItems"]);
    world.wire.reset();
    world.post_at(&event("d", "COMPLETED"), at(70)).await;
    let looked = operations(&world);
    assert_eq!(looked.iter().filter(|operation| *operation == "GetItem").count(), 1, "{looked:?}");
    world.wire.reset();
    world.get("/v1/deployments/active").await;
    let without_names = world.wire.calls().len();
    world.get("/v1/deployments/active?environment=production").await;
    world.wire.reset();
    world.get("/v1/deployments/active?environment=production").await;
    assert!(world.wire.calls().len() <= without_names, "a warm question reads no settings");
}

#[tokio::test]
async fn a_process_that_can_t_read_them_answers_503_and_records_nothing() {
    let mut world = World::new().await;
    assert_eq!(world.apply(&rules()).await.status, 201);
    world.restart();
    world.wire.decide(|_, operation, request| {
        let of_settings = operation == "Query" && request.contains("SETTINGS");
        if of_settings { Fault::Before } else { Fault::None }
    });
    let answer = world.post(&event("d", "COMPLETED")).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.headers.contains_key("retry-after"));
    let taken = world.send(&Door::Queue, pipeline("STARTED").as_bytes()).await;
    assert!(matches!(taken, Err(_) | Ok(Taken::Again)), "{taken:?}");
    let question = world.get("/v1/live?environment=prod").await;
    assert_eq!((question.status, question.headers.contains_key("retry-after")), (503, true), "{question:?}");
    let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    // Whether anything has drifted depends on settings, and that it is not known is not passed over in silence.
    world.processor.handle(&tick, at(0)).await.expect_err("the look for drift needs settings");
    world.processor.handle(&tick, at(60)).await.expect("gauges need none, and the next look is due in five minutes");
    world.publish().await.expect("nor do notifications");
    world.wire.heal();
    assert_eq!(world.get("/v1/deployments").await.body["items"], json!([]));
    assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]));
    assert_eq!(world.send(&Door::Queue, pipeline("STARTED").as_bytes()).await, Ok(Taken::Done));
    assert_eq!(world.get("/v1/deployments/7c1d2e3f-6a7b").await.body["environment"], "staging");
}

#[tokio::test]
async fn a_process_that_holds_some_goes_on_with_them_while_newer_ones_can_t_be_read() {
    let mut world = World::new().await;
    assert_eq!(world.apply(&rules()).await.status, 201);
    world.wire.decide(|_, _, request| if request.contains("SETTINGS") { Fault::Before } else { Fault::None });
    let batch = [pipeline("STARTED")];
    assert_eq!(world.queue(&batch, at(120)).await.unwrap(), Vec::<usize>::new());
    world.wire.heal();
    assert_eq!(world.get("/v1/deployments/7c1d2e3f-6a7b").await.body["environment"], "staging");
}

#[tokio::test]
async fn what_is_given_up_after_how_many_days_is_a_setting() {
    let mut world = World::new().await;
    assert_eq!(world.apply(&json!({"abandonAfterDays": 1})).await.status, 201);
    world.post(&event("silent", "IN_PROGRESS")).await;
    let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    world.processor.handle(&tick, at(23 * 3600)).await.unwrap();
    assert_eq!(world.get("/v1/deployments/silent").await.body["status"], "IN_PROGRESS");
    world.processor.handle(&tick, at(25 * 3600)).await.unwrap();
    assert_eq!(world.get("/v1/deployments/silent").await.body["error"]["code"], "ABANDONED");
}
