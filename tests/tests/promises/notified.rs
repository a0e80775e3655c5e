//! Notifications: which are sent, once, in the form that each protocol needs.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use super::{event_with, published, record};

fn production(id: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = event_with(id, seconds, status, &json!({"environment": "production", "version": "1.2.3"}));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[tokio::test]
async fn notifications_are_sent_with_a_body_for_each_protocol_and_attributes_to_filter_by() {
    let world = World::new().await;
    let error = json!({"error": {"code": "E42", "message": "disk full"}});
    record(&world, &[production("d-1", 0, "IN_PROGRESS", &json!({})), production("d-1", 60, "FAILED", &error)]).await;
    world.publish().await.unwrap();
    assert_eq!(world.wire.count("PublishBatch"), 1, "one call for both");
    let messages = world.wire.messages();
    assert_eq!(messages.iter().map(|m| m["type"].as_str()).collect::<Vec<_>>(), ["STARTED", "FAILED"]);
    let failed = &messages[1];
    for (name, value) in [
        ("environment", "production"),
        ("service", "cart"),
        ("status", "FAILED"),
        ("type", "FAILED"),
        ("severity", "error"),
        ("dedupeId", "d-1#1#FAILED"),
        ("MessageStructure", "json"),
        ("Subject", "[production] cart 1.2.3 FAILED"),
    ] {
        assert_eq!(failed[name], value, "{name}");
    }
    let bodies: Value = failed["Message"].parse().unwrap();
    assert_eq!(bodies["sms"], "production: cart 1.2.3 FAILED");
    assert_eq!(
        bodies["email"],
        "cart 1.2.3 in production: FAILED\n\nDeployment: d-1 (attempt 1)\nAt:         2026-03-01T12:01:00.000Z\nStatus now: FAILED\nError:      E42: disk full\nPage:       deployment-status open /deployments/d-1"
    );
    let chat: Value = bodies["https"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (&chat["version"], &chat["source"], &chat["content"]["textType"]),
        (&json!("1.0"), &json!("custom"), &json!("client-markdown"))
    );
    assert!(chat["content"]["description"].as_str().unwrap().contains("`disk full`"), "{chat}");
    let full: Value = bodies["default"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (&full["deploymentId"], &full["status"], &full["error"]),
        (&json!("d-1"), &json!("FAILED"), &error["error"])
    );
    let trail = world.get("/v1/deployments/d-1/events").await.body;
    assert_eq!(full["recorded"], trail["items"][1], "queues and functions get the event as the trail shows it");
}

#[tokio::test]
async fn what_people_are_notified_of_leads_to_its_page_whatever_its_id_is() {
    for (id, path) in [
        ("checkout/42", "/deployments/checkout/42"),
        ("build/o:r@1.2_3-4", "/deployments/build/o%3Ar%401.2_3-4"),
        ("a/../b", "/deployments/a%2F..%2Fb"),
        ("a//b/", "/deployments/a%2F%2Fb%2F"),
    ] {
        let mut world = World::new().await;
        world.lead_to_pages("https://deployments.example.com/");
        record(&world, &[production(id, 60, "FAILED", &json!({}))]).await;
        world.publish().await.unwrap();
        let address = format!("https://deployments.example.com{path}");
        let command = if path.contains('%') {
            format!("deployment-status open '{path}'")
        } else {
            format!("deployment-status open {path}")
        };
        let bodies: Value = world.wire.messages()[0]["Message"].parse().unwrap();
        let read = |name: &str| -> Value { bodies[name].as_str().unwrap().parse().unwrap() };
        assert!(bodies["email"].as_str().unwrap().ends_with(&format!("\nPage:       {address}")), "{bodies}");
        let full = read("default");
        assert_eq!((&full["link"], &full["open"]), (&json!(address), &json!(command)));
        for protocol in ["https", "http"] {
            let says = read(protocol)["content"]["description"].as_str().unwrap().to_owned();
            assert!(says.ends_with(&format!("\n[Open its page]({address})")), "{says}");
        }
        assert!(!bodies["sms"].as_str().unwrap().contains("https"), "a short message has no room for it");
        // Where nobody said where the pages are, it is the command.
        world.restart();
        record(&world, &[production(id, 120, "ROLLED_BACK", &json!({}))]).await;
        world.wire.reset();
        world.publish().await.unwrap();
        let bodies: Value = world.wire.messages()[0]["Message"].parse().unwrap();
        let read = |name: &str| -> Value { bodies[name].as_str().unwrap().parse().unwrap() };
        assert!(bodies["email"].as_str().unwrap().ends_with(&format!("\nPage:       {command}")), "{bodies}");
        assert_eq!((&read("default")["link"], &read("default")["open"]), (&json!(null), &json!(command)));
        let says = read("https")["content"]["description"].as_str().unwrap().to_owned();
        assert!(says.ends_with(&format!("\nOpen its page: `{command}`")), "{says}");
    }
}

#[tokio::test]
async fn each_ending_is_notified_once_and_the_start_only_for_production() {
    let world = World::new().await;
    let mut events = Vec::new();
    for (environment, ending) in
        [("production", "COMPLETED"), ("staging", "ROLLED_BACK"), ("staging", "FAILED"), ("staging", "CANCELLED")]
    {
        let id = format!("{environment}-{ending}");
        let place = json!({"environment": environment});
        events.extend(
            [("PENDING", 0), ("IN_PROGRESS", 1), ("IN_PROGRESS", 2), ("VALIDATING", 3), (ending, 4), (ending, 5)]
                .map(|(status, seconds)| event_with(&id, seconds, status, &place)),
        );
    }
    record(&world, &events).await;
    world.publish().await.unwrap();
    let mut notified: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
    notified.sort();
    assert_eq!(
        notified,
        [
            "production-COMPLETED#1#COMPLETED",
            "production-COMPLETED#1#STARTED",
            "staging-FAILED#1#FAILED",
            "staging-ROLLED_BACK#1#ROLLED_BACK"
        ]
    );
    for (metric, count) in [
        ("DeploymentEvents", 18.0),
        ("DeploymentsStarted", 3.0),
        ("DeploymentsFailed", 1.0),
        ("DeploymentsRolledBack", 1.0),
        ("DeploymentsCancelled", 1.0),
    ] {
        assert_eq!(published(&world, metric, &[("Environment", "staging")]), [(1.0, count)], "{metric}");
    }
}

#[tokio::test]
async fn what_senders_wrote_keeps_to_the_limits_of_each_protocol_and_can_be_no_mark_up() {
    let world = World::new().await;
    let hostile = json!({
        "service": format!("<!channel>{}", "s".repeat(118)), "environment": format!("*bold*`code`&{}", "e".repeat(114)), "version": "[v](x)".repeat(42),
        "error": {"message": format!("line one\r\nSubject: line two\u{1b}[31m ``` <@U1> größe 🚀 {}", "m".repeat(4000)), "code": "c\u{7}"},
        "metadata": {"large": "x".repeat(16_000)},
    });
    record(&world, &[event_with("d-1", 0, "FAILED", &hostile)]).await;
    world.publish().await.unwrap();
    let message = &world.wire.messages()[0];
    let subject = &message["Subject"];
    assert!(subject.len() < 100 && subject.chars().all(|c| c.is_ascii() && !c.is_control()), "{subject:?}");
    assert!(message["Message"].len() < 256 * 1024);
    let bodies: Value = message["Message"].parse().unwrap();
    let sms = bodies["sms"].as_str().unwrap();
    assert!(sms.chars().count() <= 140 && !sms.chars().any(char::is_control), "{sms:?}");
    let mail = bodies["email"].as_str().unwrap();
    assert!(!mail.contains('\u{1b}') && !mail.contains('\r') && !mail.contains("\nSubject:"), "{mail:?}");
    let chat: Value = bodies["https"].as_str().unwrap().parse().unwrap();
    let shown = chat["content"].to_string();
    assert!(!shown.contains("<!channel>") && !shown.contains("<@U1>") && !shown.contains("```"), "{shown}");
    assert!(chat["content"]["title"].as_str().unwrap().chars().count() <= 250);
}

#[tokio::test]
async fn a_batch_whose_metrics_fail_comes_again_and_notifies_no_second_time() {
    let world = World::new().await;
    record(&world, &[production("d-1", 0, "COMPLETED", &json!({}))]).await;
    world.wire.decide(|_, operation, _| if operation == "PutMetricData" { Fault::Internal } else { Fault::None });
    assert!(world.publish().await.is_err(), "the invocation fails");
    world.wire.heal();
    world.publish().await.unwrap();
    assert_eq!(world.wire.messages().len(), 1);
    assert_eq!(published(&world, "DeploymentsCompleted", &[("Environment", "production")]), [(1.0, 1.0)]);
    world.publish().await.unwrap();
    assert_eq!(world.wire.messages().len(), 1, "and nothing is left");
}

#[tokio::test]
async fn a_failing_topic_fails_the_invocation_and_is_notified_later() {
    let world = World::new().await;
    record(&world, &[production("d-1", 0, "COMPLETED", &json!({}))]).await;
    world.wire.decide(|_, operation, _| if operation == "PublishBatch" { Fault::Internal } else { Fault::None });
    assert!(world.publish().await.is_err());
    assert_eq!(
        published(&world, "DeploymentEvents", &[("Environment", "production")]),
        [],
        "nothing is counted that comes again"
    );
    world.wire.heal();
    world.publish().await.unwrap();
    assert_eq!(world.wire.messages().len(), 1);
    assert_eq!(published(&world, "DeploymentEvents", &[("Environment", "production")]), [(1.0, 1.0)]);
}

#[tokio::test]
async fn a_stream_record_that_is_no_event_ends_the_batch_there_and_what_is_before_it_is_published() {
    let world = World::new().await;
    let image = json!({"pk": {"S": "DEPLOYMENT#x"}, "sk": {"S": "EVENT#x"}});
    let change = |number: &str, name: &str| {
        let change = json!({"Keys": image, "NewImage": image, "SequenceNumber": number, "SizeBytes": 9, "StreamViewType": "NEW_IMAGE"});
        json!({"eventID": number, "eventName": name, "eventSource": "aws:dynamodb", "eventVersion": "1.1", "awsRegion": "x", "dynamodb": change})
    };
    let batch = json!({"Records": [change("1", "MODIFY"), change("2", "INSERT")]});
    let answer = world.processor.handle(&batch.to_string(), at(0)).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{"itemIdentifier": "2"}]));
}
