//! Crashes: every call to AWS fails in every way, at every place, while events are recorded and
//! published; then everything is delivered again. Nothing is lost, the chain is intact, and the
//! state is what history says.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

fn queued(detail: &Value) -> String {
    json!({
        "source": "ci", "detail-type": "Deployment Event", "account": "1", "time": at(0), "detail": detail,
    })
    .to_string()
}

/// One batch of the queue: two deployments, one of which ends, and a message that is wrong.
fn batch() -> Vec<String> {
    let event = |id: &str, seconds: i64, status: &str| {
        queued(&json!({
            "deploymentId": id, "service": "cart", "environment": "production", "version": id,
            "status": status, "occurredAt": at(seconds),
        }))
    };
    vec![
        event("d-1", -50, "IN_PROGRESS"),
        event("d-1", -10, "COMPLETED"),
        event("d-2", -5, "IN_PROGRESS"),
        "{\"truncated\":".to_owned(),
    ]
}

/// A later batch that finds state to build on: a rollback, names that correct the live log, and a verdict.
fn second_batch() -> Vec<String> {
    let named = json!({
        "deploymentId": "d-3", "service": "cart", "environment": "production", "status": "PENDING", "occurredAt": at(-90),
    });
    let rolled_back = json!({"deploymentId": "d-1", "status": "ROLLED_BACK", "occurredAt": at(-2)});
    let verdict = json!({
        "type": "verdict", "service": "cart", "version": "d-1", "outcome": "BAD", "reason": "r", "occurredAt": at(-1),
    });
    vec![queued(&named), queued(&rolled_back), queued(&verdict)]
}

/// Delivers a batch until no message is delivered again, as the queue does.
async fn deliver(world: &World, batch: &[String]) {
    let mut waiting = batch.to_vec();
    for _ in 0..5 {
        match world.queue(&waiting, at(0)).await {
            Ok(failed) if failed.is_empty() => return,
            Ok(failed) => waiting = failed.into_iter().map(|place| waiting[place].clone()).collect(),
            Err(_) => {}
        }
    }
    panic!("messages were delivered five times and still fail");
}

/// Delivers a batch to a function that may die on the way; then once more, whole, to a new one: the
/// queue does not know what the dead one did.
async fn deliver_with_a_crash(world: &mut World, batch: &[String]) {
    let died = tokio::select! {
        answer = world.queue(batch, at(0)) => answer.is_err(),
        () = world.wire.died() => true,
    };
    world.wire.heal();
    if died {
        world.restart();
    }
    deliver(world, batch).await;
}

async fn publish_with_a_crash(world: &mut World) {
    let died = tokio::select! {
        answer = world.publish() => answer.is_err(),
        () = world.wire.died() => true,
    };
    world.wire.heal();
    if died {
        world.restart();
    }
    world.publish().await.unwrap();
}

async fn expect_nothing_lost(world: &World, context: &str) {
    for (id, events) in [("d-1", 3), ("d-2", 1), ("d-3", 2), ("verdicts:cart", 1)] {
        let verified = world.get(&format!("/v1/deployments/{id}/verify")).await.body;
        assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(events)), "{context}: {verified}");
    }
    let bad = world.get("/v1/bad").await.body;
    let evidence = bad["items"].as_array().unwrap().iter().map(|item| item["evidence"].as_array().unwrap().len());
    assert_eq!(evidence.sum::<usize>(), 2, "{context}: {bad}");
    let rejected = world.get("/v1/rejected").await.body;
    assert_eq!(rejected["items"].as_array().unwrap().len(), 1, "{context}");
    world.expect_state_is_history().await;
    let notified: BTreeSet<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
    let expected =
        ["d-1##BAD", "d-1#1#COMPLETED", "d-1#1#ROLLED_BACK", "d-1#1#STARTED", "d-2#1#STARTED", "d-3#1#COMPLETED"];
    assert_eq!(notified, expected.map(str::to_owned).into(), "{context}");
}

/// The whole story, with `fault` at the call number `place` of the stage `stage`: 0 and 1 are the
/// two batches, 2 is publishing. Answers whether there was such a call.
async fn story(fault: Fault, stage: usize, place: usize) -> (World, bool) {
    let mut world = World::new().await;
    // Ended before anything named its service and environment: naming them corrects the live log.
    let nameless = json!({"deploymentId": "d-3", "status": "COMPLETED", "version": "d-3", "occurredAt": at(-80)});
    deliver(&world, &[queued(&nameless)]).await;
    let hit = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let strike = |world: &World| {
        let hit = std::sync::Arc::clone(&hit);
        world.wire.decide(move |number, _, _| {
            if number == place {
                hit.store(true, std::sync::atomic::Ordering::Relaxed);
                fault
            } else {
                Fault::None
            }
        });
    };
    for (number, batch) in [batch(), second_batch()].into_iter().enumerate() {
        if number == stage {
            strike(&world);
        }
        deliver_with_a_crash(&mut world, &batch).await;
    }
    if stage == 2 {
        strike(&world);
    }
    publish_with_a_crash(&mut world).await;
    (world, hit.load(std::sync::atomic::Ordering::Relaxed))
}

#[tokio::test]
async fn nothing_is_lost_whatever_fails_wherever() {
    let mut struck = 0;
    // A quick run strikes one call in so many, each kind of fault others.
    let step = tests::one_in(4);
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        for stage in 0..3 {
            for place in (number % step..).step_by(step) {
                let (world, hit) = story(fault, stage, place).await;
                expect_nothing_lost(&world, &format!("{fault:?} at call {place} of stage {stage}")).await;
                if !hit {
                    break;
                }
                struck += 1;
            }
        }
    }
    // Fewer would mean that the story no longer makes the calls that it is about.
    assert!(struck >= 8 * 9 / step, "only {struck} calls were struck");
}

#[tokio::test]
async fn without_a_crash_nothing_is_published_twice() {
    let (world, _) = story(Fault::None, 9, 0).await;
    expect_nothing_lost(&world, "no fault").await;
    let mut notified: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
    let all = notified.len();
    notified.sort();
    notified.dedup();
    assert_eq!(notified.len(), all);
    let events: f64 = world
        .wire
        .metrics()
        .iter()
        .flat_map(|call| call["MetricData"].as_array().unwrap().clone())
        .filter(|datum| datum["MetricName"] == "DeploymentEvents")
        .filter(|datum| datum["Dimensions"] == json!([{"Name": "Environment", "Value": "production"}]))
        .map(|datum| datum["Counts"].as_array().unwrap().iter().map(|count| count.as_f64().unwrap()).sum::<f64>())
        .sum();
    assert!((events - 6.0).abs() < f64::EPSILON, "six events are counted once each, not {events}");
}

#[tokio::test]
async fn a_notification_is_not_repeated_when_only_metrics_failed() {
    let world = World::new().await;
    deliver(&world, &batch()).await;
    world.wire.decide(|_, operation, _| if operation == "PutMetricData" { Fault::Before } else { Fault::None });
    assert!(world.publish().await.is_err());
    world.wire.heal();
    world.publish().await.unwrap();
    assert_eq!(world.wire.count("PublishBatch"), 1);
    assert_eq!(world.wire.count("PutMetricData"), 1);
}
