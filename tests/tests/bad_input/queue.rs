//! Queued events that can't be recorded: quarantined once with the raw text and the reason, beside
//! neighbours that are recorded as if nothing were.

use serde_json::{Value, json};
use tests::World;
use tests::invocations::queue_event;
use tests::world::at;

use super::{enveloped, events_in_history, expect_error, expect_nothing_recorded, valid, with};

async fn rejected(world: &World) -> Vec<Value> {
    world.get("/v1/rejected?limit=100").await.body["items"].as_array().unwrap().clone()
}

/// Queues one body and answers its entry in quarantine.
async fn quarantined(world: &World, body: &str) -> Value {
    let before = rejected(world).await.len();
    assert_eq!(world.queue(&[body.to_owned()], at(0)).await.unwrap(), [0usize; 0], "{body:.200}");
    let mut after = rejected(world).await;
    assert_eq!(after.len(), before + 1, "{body:.200}");
    let kept = after.iter().position(|item| {
        item["raw"].as_str().is_some_and(|raw| !raw.is_empty() && body.starts_with(raw)) || body.is_empty()
    });
    after.remove(kept.expect("the raw text"))
}

#[tokio::test]
async fn what_is_no_event_of_a_bus_is_quarantined_with_the_reason() {
    let world = World::new().await;
    let whole = enveloped(&valid());
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let twice = whole.replacen(r#""detail""#, r#""source":"twice","detail""#, 1);
    let number = whole.replacen(r#""IN_PROGRESS""#, "1e400", 1);
    let cases = [
        (String::new(), "", "EOF"),
        (whole[..whole.len() - 5].to_owned(), "", "EOF"),
        ("not JSON".to_owned(), "", "expected"),
        ("null".to_owned(), "", "expected struct Envelope"),
        ("[]".to_owned(), "", ""),
        ("{}".to_owned(), "", "missing field"),
        (deep, "", "recursion limit"),
        (twice, "", r#""source" is given twice"#),
        (number, "", "number out of range"),
        (whole.replace("my.pipeline", "a\\ud800"), "", "hex escape"),
        (whole.replace(r#""my.pipeline""#, "5"), "source", "invalid type: integer"),
        (whole.replace("2026-03-01T11:59:30Z", "just now"), "time", "must be an RFC 3339 time"),
        (whole.replace("2026-03-01T11:59:30Z", "2126-03-01T11:59:30Z"), "time", "more than 5 minutes in the future"),
        (json!({"source": "my.pipeline", "detail-type": "Order Placed", "detail": {}}).to_string(), "detail-type", r#""Order Placed" is not known"#),
        (json!({"source": "my.pipeline", "detail-type": "Deployment Event", "detail": []}).to_string(), "", "must be an object, not an array"),
        (json!({"source": "aws.codepipeline", "detail-type": "CodePipeline Pipeline Execution State Change", "detail": {}}).to_string(), "time", "is required"),
    ];
    for (body, field, says) in &cases {
        let kept = quarantined(&world, body).await;
        expect_error(&kept["errors"], field, says);
        assert_eq!((&kept["reason"], &kept["rawBytes"]), (&json!("invalid"), &json!(body.len())));
        assert_eq!((&kept["sentAt"], &kept["recordedAt"]), (&json!(at(0)), &json!(at(0))));
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn code_pipeline_events_that_are_wrong_are_quarantined_with_the_field() {
    let world = World::new().await;
    let pipeline = |detail: Value| {
        let kind = "CodePipeline Stage Execution State Change";
        json!({"source": "aws.codepipeline", "detail-type": kind, "time": at(-60), "region": "eu-west-1", "detail": detail}).to_string()
    };
    let huge = "9".repeat(200_000);
    for (detail, field, says) in [
        (json!({"execution-id": "e-1", "state": "STARTED"}), "detail", "missing field `pipeline`"),
        (json!({"pipeline": "p", "execution-id": "e 1", "state": "STARTED"}), "detail.execution-id", "letter or digit"),
        (
            json!({"pipeline": "p", "execution-id": "e-1", "state": "DONE"}),
            "detail.state",
            "no state that CodePipeline documents",
        ),
        (
            json!({"pipeline": " p", "execution-id": "e-1", "state": "STARTED"}),
            "detail.pipeline",
            "no space at either end",
        ),
        (
            json!({"pipeline": "p", "execution-id": 1, "state": "STARTED"}),
            "detail.execution-id",
            "invalid type: integer",
        ),
        (
            json!({"pipeline": "p", "execution-id": "e-1", "state": "STARTED", "pipeline-execution-attempt": -1}),
            "detail.pipeline-execution-attempt",
            "must be a whole number",
        ),
        (
            json!({"pipeline": "p", "execution-id": "e-1", "state": "STARTED", "pipeline-execution-attempt": 1.5}),
            "detail.pipeline-execution-attempt",
            "must be a whole number",
        ),
        (
            json!({"pipeline": "p", "execution-id": "e-1", "state": huge}),
            "detail.state",
            "no state that CodePipeline documents",
        ),
        (
            json!({"pipeline": "p", "execution-id": "e-1", "state": "STARTED", "pipeline-execution-attempt": huge}),
            "detail.pipeline-execution-attempt",
            "invalid type",
        ),
    ] {
        let kept = quarantined(&world, &pipeline(detail)).await;
        let of_field = kept["errors"].as_array().unwrap().iter().find(|error| error["field"] == field);
        let named = of_field.unwrap_or_else(|| panic!("{} should name {field}", kept["errors"]));
        assert!(named.to_string().contains(says) || named.to_string().len() > 400, "{named}");
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn large_wrong_events_fit_into_quarantine_with_their_first_64_kb_and_the_hash_of_all() {
    let world = World::new().await;
    let fields = (0..7000).map(|number| format!(r#","{number}":0"#)).collect::<Vec<_>>().concat();
    let many_fields =
        enveloped(&valid()).replacen(r#""deploymentId":"d-1""#, &format!(r#""deploymentId":"d-1"{fields}"#), 1);
    let text_too_long = enveloped(&with(&json!({"notes": "é".repeat(120_000)})));
    let key = "k\u{1}".repeat(60_000);
    let key_twice = format!("{{{0}:1,{0}:2}}", json!(key));
    let foreign =
        json!({"source": "s".repeat(100_000), "detail-type": "\u{7}".repeat(100_000), "detail": {}}).to_string();
    for body in [many_fields, text_too_long, key_twice, foreign] {
        let kept = world.queue(std::slice::from_ref(&body), at(0)).await.unwrap();
        assert_eq!(kept, [0usize; 0]);
        let listed = rejected(&world).await;
        let hash = domain::json::sha256_hex(&body);
        let item = listed.iter().find(|item| item["rawHash"] == hash.as_str()).expect("it is in quarantine");
        assert_eq!(item["rawBytes"], body.len());
        assert!(body.starts_with(item["raw"].as_str().unwrap().trim_end_matches('\u{fffd}')));
        assert!(item["errors"].to_string().len() < 64 * 1024, "{} bytes of errors", item["errors"].to_string().len());
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_wrong_event_is_quarantined_once_however_often_it_is_delivered_and_its_neighbours_are_recorded() {
    let world = World::new().await;
    let bodies = [
        enveloped(&valid()),
        enveloped(&with(&json!({"status": "DONE"}))),
        enveloped(&with(&json!({"deploymentId": "d-2"}))),
    ];
    for _ in 0..2 {
        assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0usize; 0]);
    }
    assert_eq!(rejected(&world).await.len(), 1);
    assert_eq!(events_in_history(&world).await, 2);
    world.publish().await.unwrap();
    let metrics = json!(world.wire.metrics()).to_string();
    assert_eq!(metrics.matches("EventsRejected").count(), 2, "for the alarm, and by its door: {metrics}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_queued_event_with_the_id_of_another_is_quarantined_as_a_conflict() {
    let world = World::new().await;
    let first = enveloped(&with(&json!({"eventId": "e-1"})));
    let other = enveloped(&with(&json!({"eventId": "e-1", "status": "FAILED"})));
    assert_eq!(world.queue(&[first, other.clone()], at(0)).await.unwrap(), [0usize; 0]);
    let kept = rejected(&world).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0]["reason"], &kept[0]["raw"]), (&json!("conflict"), &json!(other)));
    expect_error(&kept[0]["errors"], "eventId", "already recorded, as number 1");
    assert_eq!(world.get("/v1/deployments/d-1").await.body["status"], "IN_PROGRESS");
    world.publish().await.unwrap();
    assert!(json!(world.wire.metrics()).to_string().contains("EventsConflicting"));
}

#[tokio::test]
async fn a_message_without_body_or_attributes_is_quarantined_too() {
    let world = World::new().await;
    let mut batch = queue_event(&[String::new(), String::new()], at(0));
    let records = batch["Records"].as_array_mut().unwrap();
    for name in ["body", "attributes", "messageAttributes"] {
        records[0].as_object_mut().unwrap().remove(name);
    }
    records[1]["attributes"]["SentTimestamp"] = json!("soon");
    records[1]["body"] = json!("{");
    let answer = world.processor.handle(&batch.to_string(), at(0)).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert_eq!(rejected(&world).await.len(), 2);
}

#[tokio::test]
async fn an_event_that_invokes_the_function_itself_is_quarantined_the_same_way() {
    let world = World::new().await;
    let wrong = enveloped(&with(&json!({"status": "DONE"})));
    assert_eq!(world.processor.handle(&wrong, at(0)).await.unwrap(), Value::Null);
    let kept = rejected(&world).await;
    assert_eq!((&kept[0]["door"], &kept[0]["raw"]), (&json!("queue"), &json!(wrong)));
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn the_list_of_rejected_events_is_paged_newest_first_and_filtered_by_time() {
    let world = World::new().await;
    // Over three days, several of them in one millisecond.
    let times: Vec<i64> = (0..25).map(|number| -(number / 2) * 6 * 3600).collect();
    for (number, seconds) in times.iter().enumerate() {
        world.queue(&[format!("wrong {number}")], at(*seconds)).await.unwrap();
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.get(&format!("/v1/rejected?limit=4{cursor}")).await.body;
        seen.extend(page["items"].as_array().unwrap().clone());
        pages += 1;
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((seen.len(), pages), (25, 7));
    let sent: Vec<&str> = seen.iter().map(|item| item["sentAt"].as_str().unwrap()).collect();
    assert!(sent.is_sorted_by(|newer, older| newer >= older), "{sent:?}");
    let mut raw: Vec<&str> = seen.iter().map(|item| item["raw"].as_str().unwrap()).collect();
    raw.sort_unstable();
    raw.dedup();
    assert_eq!(raw.len(), 25, "each once");
    let window = format!("/v1/rejected?limit=100&from={}&to={}", at(-24 * 3600), at(-12 * 3600));
    let within = world.get(&window).await.body;
    let expected = times.iter().filter(|seconds| (-24 * 3600..-12 * 3600).contains(*seconds)).count();
    assert_eq!(within["items"].as_array().unwrap().len(), expected, "{within}");
}

#[tokio::test]
async fn no_tool_can_report_a_deployment_under_the_id_of_an_incident() {
    let world = World::new().await;
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/codepipeline/execution-started.json");
    let mut foreign: Value = std::fs::read_to_string(sample).unwrap().parse().unwrap();
    foreign["detail"]["execution-id"] = json!("incident:42");
    let kept = quarantined(&world, &foreign.to_string()).await;
    let says = "must be incident where `deploymentId` begins with `incident:`";
    assert_eq!(kept["errors"], json!([{"field": "type", "detail": says}]));
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn no_tool_can_report_a_deployment_under_the_id_of_an_environment() {
    let world = World::new().await;
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/codepipeline/execution-started.json");
    let mut foreign: Value = std::fs::read_to_string(sample).unwrap().parse().unwrap();
    foreign["detail"]["execution-id"] = json!("environment:production");
    let kept = quarantined(&world, &foreign.to_string()).await;
    assert_eq!(kept["errors"][0]["field"], "deploymentId", "{kept}");
    expect_nothing_recorded(&world).await;
}
