//! The bounds of a deployment: what happens at them, and just beyond.

mod digests;
mod names;
mod regions;
mod tick;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

fn ending(id: &str, attempt: u32) -> Value {
    json!({"deploymentId": id, "status": "COMPLETED", "attempt": attempt, "version": "1", "occurredAt": at(i64::from(attempt) - 5000)})
}

/// Names where a deployment goes, after all of its endings are recorded.
fn naming(id: &str) -> Value {
    json!({
        "deploymentId": id, "service": "cart", "environment": "production", "status": "IN_PROGRESS",
        "occurredAt": at(-9000),
    })
}

#[tokio::test]
async fn thirty_endings_move_to_another_place_at_once_and_more_are_refused_as_a_whole() {
    let world = World::new().await;
    for (id, endings) in [("d-30", 30), ("d-60", 60)] {
        let endings: Vec<Value> = (1..=endings).map(|attempt| ending(id, attempt)).collect();
        let answer = world.post(&json!(endings)).await;
        assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
    }
    assert_eq!(world.post(&naming("d-30")).await.status, 201);
    let live = world.get("/v1/live?environment=production").await.body;
    assert_eq!((&live["items"][0]["version"], &live["items"][0]["deploymentId"]), (&json!("1"), &json!("d-30")));
    let refused = world.post(&naming("d-60")).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!("deploymentId")), "{refused:?}");
    assert_eq!(world.get("/v1/deployments/d-60").await.body["environment"], "unknown");
    assert_eq!(world.post(&naming("d-30")).await.body["outcome"], "duplicate");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn events_that_need_more_writes_than_a_transaction_has_are_recorded_in_several() {
    let world = World::new().await;
    let named = |n: i64| json!({"deploymentId": "d-1", "status": "IN_PROGRESS", "version": format!("v{n}"), "occurredAt": at(-9000 - n), "service": "cart", "environment": "production"});
    let events: Vec<Value> = (1..=9).map(|attempt| ending("d-1", attempt)).chain((0..11).map(named)).collect();
    let answer = world.post(&json!(events)).await;
    let sequences: Vec<u64> =
        answer.body.as_array().unwrap().iter().map(|receipt| receipt["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=20).collect::<Vec<u64>>());
    assert_eq!(world.get("/v1/live").await.body["items"][0]["version"], "v10");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn every_ending_stays_in_the_log() {
    let world = World::new().await;
    for attempt in 1..=40 {
        let mut event = ending("d-1", attempt);
        event["service"] = json!("cart");
        event["environment"] = json!("production");
        assert_eq!(world.post(&event).await.status, 201);
    }
    let early = at(-4999).to_string();
    let live = world.get(&format!("/v1/live?asOf={early}")).await.body;
    assert_eq!(live["items"][0]["version"], "1", "{live}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_full_deployment_refuses_what_is_new_and_knows_what_it_has() {
    let world = World::new().await;
    let event = |n: u32| json!({"deploymentId": "d-1", "status": "IN_PROGRESS", "eventId": format!("e-{n}"), "occurredAt": at(-i64::from(n))});
    for first in (0..1000).step_by(100) {
        let events: Vec<Value> = (first..first + 100).map(event).collect();
        assert_eq!(world.post(&json!(events)).await.status, 200);
    }
    let refused = world.post(&event(1000)).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!("deploymentId")));
    let again = world.post(&event(5)).await;
    assert_eq!((again.status, &again.body["outcome"], &again.body["sequence"]), (200, &json!("duplicate"), &json!(6)));
    let mut other = event(5);
    other["notes"] = json!("other");
    assert_eq!(world.post(&other).await.status, 409);
    let verified = world.get("/v1/deployments/d-1/verify").await.body;
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(1000)));
}

#[tokio::test]
async fn wrong_messages_that_contend_all_reach_quarantine() {
    let world = World::new().await;
    let bodies: Vec<String> = (0..10).map(|n| format!("{{wrong {n}")).collect();
    world.wire.decide(
        |number, operation, _| {
            if operation == "TransactWriteItems" && number % 3 != 0 { Fault::Conflict } else { Fault::None }
        },
    );
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0usize; 0]);
    assert_eq!(world.get("/v1/rejected").await.body["items"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_summary_that_was_damaged_fails_its_own_deployment_only() {
    let world = World::new().await;
    let event = |id: &str, n: i64| {
        json!({"source": "ci", "detail-type": "Deployment Event", "time": at(n), "detail": {"deploymentId": id, "status": "IN_PROGRESS"}}).to_string()
    };
    assert_eq!(world.queue(&[event("d-1", 0)], at(0)).await.unwrap(), [0usize; 0]);
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let key = |request: aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder| {
        request.key("pk", text("DEPLOYMENT#d-1")).key("sk", text("SUMMARY"))
    };
    let damage = key(client.update_item().table_name(table)).update_expression("SET summary = :damaged");
    damage.expression_attribute_values(":damaged", text("{")).send().await.unwrap();
    let cold = world.another_processor();
    let completed = |id: &str| event(id, 5).replace("IN_PROGRESS", "COMPLETED");
    let batch = tests::invocations::queue_event(&[completed("d-1"), completed("d-2")], at(5));
    let answer = cold.handle(&batch.to_string(), at(5)).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert_eq!(world.get("/v1/deployments/d-2").await.body["status"], "COMPLETED");
}

#[tokio::test]
async fn rollbacks_deeper_than_the_cell_keeps_lead_back_through_the_log_in_any_order() {
    let event = |id: String, version: String, status: &str, seconds: i64| {
        json!({
            "deploymentId": id, "service": "cart", "environment": "production", "version": version,
            "status": status, "occurredAt": at(seconds - 9000),
        })
    };
    let mut events = vec![event("d-0".into(), "good".into(), "COMPLETED", 0)];
    for n in 1..=25 {
        let (id, version) = (format!("d-{n}"), format!("bad-{n}"));
        events.push(event(id.clone(), version.clone(), "COMPLETED", n * 10));
        events.push(event(id, version, "ROLLED_BACK", n * 10 + 5));
    }
    let mut answers = Vec::new();
    for reversed in [false, true] {
        let world = World::new().await;
        if reversed {
            events.reverse();
        }
        for event in &events {
            assert_eq!(world.post(event).await.status, 201);
        }
        let live = world.get("/v1/live").await.body;
        assert_eq!(live["items"][0]["version"], "good", "{live}");
        assert_eq!(world.get(&format!("/v1/live?asOf={}", at(0))).await.body, live);
        world.expect_state_is_history().await;
        answers.push(live);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_deployment_that_ends_very_often_with_long_versions_is_refused_by_name_before_it_is_too_large() {
    let world = World::new().await;
    let mut refused = Vec::new();
    for first in (1..=500).step_by(100) {
        let undone = |attempt: u32| {
            json!({
                "deploymentId": "d-1", "service": "cart", "environment": "production", "status": "ROLLED_BACK",
                "attempt": attempt, "rollbackTo": format!("{attempt}-{}", "🚀".repeat(250)),
                "occurredAt": at(i64::from(attempt) - 5000),
            })
        };
        let answer = world.post(&json!((first..first + 100).map(undone).collect::<Vec<_>>())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        refused.extend(answer.body.as_array().unwrap().iter().filter(|receipt| receipt["outcome"].is_null()).cloned());
    }
    assert!(!refused.is_empty() && refused.len() < 300, "{}", refused.len());
    for problem in &refused {
        let error = &problem["errors"][0];
        assert_eq!((&problem["status"], &error["field"]), (&json!(400), &json!("deploymentId")), "{problem}");
        assert!(error["detail"].as_str().unwrap().contains("finished too often"), "{problem}");
    }
    assert_eq!(world.get("/v1/deployments/d-1").await.body["status"], "ROLLED_BACK");
    world.expect_state_is_history().await;
}
