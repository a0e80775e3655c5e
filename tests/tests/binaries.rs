//! The two binaries run as in Lambda: under the Runtime API, over HTTPS, on the embedded tables.
//!
//! `cargo test --workspace` builds them, and so does `cargo build --workspace`. To test those of a
//! release: `LAMBDA_BINARIES="$PWD/target/release" cargo test --workspace --test end_to_end -- binaries::`.

use axum::http::HeaderMap;
use domain::Timestamp;
use serde_json::{Value, json};
use tests::deployed::Deployed;
use tests::invocations::{gateway_event, queue_event};
use tests::runtime_api::Function;
use tests::stream::Stream;

/// The binaries read the clock, so their events must be of this time.
fn seconds_ago(seconds: i64) -> Timestamp {
    lambda::now().plus_millis(-1000 * seconds)
}

fn on_the_bus(event: &Value) -> String {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "source": "pipeline",
        "detail-type": "Deployment Event",
        "account": "000000000000",
        "region": "local",
        "time": seconds_ago(5),
        "resources": [],
        "detail": event,
    })
    .to_string()
}

fn started() -> Value {
    json!({
        "deploymentId": "cart-1", "service": "cart", "environment": "production", "version": "1.2.3",
        "status": "IN_PROGRESS", "occurredAt": seconds_ago(60), "eventId": "started",
    })
}

fn completed() -> Value {
    json!({"deploymentId": "cart-1", "status": "COMPLETED", "occurredAt": seconds_ago(10), "eventId": "completed"})
}

async fn http(function: &mut Function, method: &str, path: &str, body: &str) -> Value {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    function.invoke(&gateway_event(method, path, None, &headers, body.as_bytes())).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_batch_is_recorded_and_its_stream_batch_published() {
    let deployed = Deployed::new("").await;
    let stream = Stream::start(&deployed.embedded.database, &deployed.embedded.tables.history).unwrap();
    let mut processor = deployed.start("event-processor").await;

    let batch = queue_event(&[on_the_bus(&started()), on_the_bus(&completed())], lambda::now());
    assert_eq!(processor.invoke(&batch).await, Ok(json!({"batchItemFailures": []})), "{}", processor.log());

    let batch = stream.peek().unwrap().expect("a stream batch");
    assert_eq!(batch.event["Records"].as_array().unwrap().len(), 2, "two events are two records");
    assert_eq!(processor.invoke(&batch.event).await, Ok(json!({"batchItemFailures": []})), "{}", processor.log());
    let published = &deployed.published;
    assert_eq!((published.metric_calls(), published.message_calls(), published.messages()), (1, 1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_posted_to_one_function_is_answered_by_the_other() {
    let deployed = Deployed::new("").await;
    let mut processor = deployed.start("event-processor").await;
    let mut query = deployed.start("status-query").await;

    let event = started();
    let answer = http(&mut processor, "POST", "/v1/events", &event.to_string()).await;
    let receipt =
        r#"{"deploymentId":"cart-1","eventId":"started","sequence":1,"outcome":"recorded","status":"IN_PROGRESS"}"#;
    assert_eq!(
        answer,
        json!({
            "statusCode": 201,
            "headers": {"content-type": "application/json"},
            "multiValueHeaders": {},
            "body": receipt,
            "isBase64Encoded": false,
            "cookies": [],
        }),
        "{}",
        processor.log()
    );

    let answer = http(&mut query, "GET", "/v1/deployments/cart-1", "").await;
    assert_eq!(answer["statusCode"], 200, "{answer}: {}", query.log());
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let at = &event["occurredAt"];
    assert_eq!(
        body,
        json!({
            "deploymentId": "cart-1", "service": "cart", "environment": "production", "version": "1.2.3",
            "commit": null, "artifact": null, "buildNumber": null, "region": null, "triggeredBy": null,
            "status": "IN_PROGRESS", "stage": null, "attempt": 1, "stages": [], "eventCount": 1, "flags": [],
            "reportedBy": ["anonymous"],
            "createdAt": at, "failedStage": null, "startedAt": at, "waitedSeconds": 0.0, "updatedAt": at, "finishedAt": null, "durationSeconds": null, "committedAt": null,
            "metrics": null, "error": null, "rollbackTo": null, "release": null, "links": {}, "notes": null,
            "metadata": null, "expected": null, "previous": null, "verdict": null,
            "pace": {"state": "ON_TIME", "slowAfterSeconds": null, "silentAfterSeconds": 3600.0, "stage": null},
        })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_trigger_is_posted_as_an_error_and_the_function_goes_on() {
    let deployed = Deployed::new("").await;
    for (name, says) in [
        ("event-processor", "not a trigger of this function: records of aws:s3; known are aws:sqs and aws:dynamodb"),
        ("status-query", "neither an HTTP request nor a known operation: Records"),
    ] {
        let mut function = deployed.start(name).await;
        let error = function.invoke(&json!({"Records": [{"eventSource": "aws:s3"}]})).await.unwrap_err();
        assert_eq!(error["errorMessage"], says);
        let answer = http(&mut function, "GET", "/no/such/route", "").await;
        assert_eq!(answer["statusCode"], 404, "{answer}");
        assert!(function.log().contains("invocation failed"), "{}", function.log());
    }
}

/// The environment provokes the panic, since no message can. With a stack for each thread that no address
/// space holds, no thread can be started, and Tokio panics where it needs one: to look up the name of the
/// database, in the midst of recording.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_makes_the_function_panic_fails_alone() {
    let deployed = Deployed::new("").await;
    let no_threads = [("RUST_MIN_STACK", (1_u64 << 60).to_string())];
    let mut processor = deployed.start_with("event-processor", &no_threads).await;

    // What is not about a deployment is done without the database.
    let unrelated = json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {}}).to_string();
    for _ in ["the other message is done", "and the function goes on"] {
        let batch = queue_event(&[on_the_bus(&started()), unrelated.clone()], lambda::now());
        let failed = json!({"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]});
        assert_eq!(processor.invoke(&batch).await, Ok(failed), "{}", processor.log());
    }
    assert!(processor.log().contains("OS can't spawn worker thread"), "a panic is why: {}", processor.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_finest_level_the_log_holds_no_payload_and_no_credentials() {
    let deployed = Deployed::new("").await;
    let variables = [("LOG_LEVEL", "debug".to_owned()), ("AWS_SECRET_ACCESS_KEY", "hunter2".to_owned())];
    let mut processor = deployed.start_with("event-processor", &variables).await;
    let event = json!({"deploymentId": "cart-1", "status": "IN_PROGRESS", "notes": "swordfish"});
    let answer = http(&mut processor, "POST", "/v1/events", &event.to_string()).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    processor.started().await;
    let log = processor.log();
    assert!(log.contains("\"deployment_id\":\"cart-1\""), "{log}");
    for hidden in ["swordfish", "hunter2", "aws_smithy", "aws_config"] {
        assert!(!log.contains(hidden), "{hidden} is in the log: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_is_set_for_one_function_and_known_to_the_other() {
    let deployed = Deployed::new("").await;
    let (client, table) = (deployed.embedded.client(), &deployed.embedded.tables.history);
    let kept = [("HISTORY_RETENTION_DAYS", "7".to_owned())];
    let mut processor = deployed.start_with("event-processor", &kept).await;
    let mut query = deployed.start_with("status-query", &kept).await;
    http(&mut processor, "POST", "/v1/events", &started().to_string()).await;
    let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
    assert!(items.iter().all(|item| item.contains_key("expiresAt")), "{items:?}");

    let old = json!({"deploymentId": "old", "status": "COMPLETED"});
    let (old, then) = (domain::event::read(old, lambda::now()).unwrap(), seconds_ago(8 * 24 * 3600));
    let received = domain::Received::new(&old, then, "test").unwrap();
    let recorder = recorder::Recorder::new(deployed.embedded.store(), domain::Retention::FOREVER);
    assert!(recorder.record(vec![received], then).await[0].is_ok());
    for item in client.scan().table_name(table).send().await.unwrap().items.unwrap() {
        if !item.contains_key("expiresAt") {
            let key = |name: &str| item[name].clone();
            client.delete_item().table_name(table).key("pk", key("pk")).key("sk", key("sk")).send().await.unwrap();
        }
    }
    let answer = http(&mut query, "GET", "/v1/deployments/old/verify", "").await;
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["intact"], &body["expired"]), (&json!(true), &json!(1)), "{body}");
}
