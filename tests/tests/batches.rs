//! A batch is recorded in as few transactions as it fits in: what gets in the way of one of its events gets in the way of
//! no other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

fn event(n: usize, status: &str) -> Value {
    json!({
        "deploymentId": format!("deploy-{n}"), "service": format!("service-{n}"), "environment": "production",
        "version": "1", "status": status, "occurredAt": at(-60),
    })
}

fn messages(status: &str) -> Vec<String> {
    let message = |n| {
        json!({"source": "ci", "detail-type": "Deployment Event", "time": at(0), "detail": event(n, status)})
            .to_string()
    };
    (0..10).map(message).collect()
}

/// Each of these deployments has one event, and the others none.
async fn expect_recorded(world: &World, recorded: impl Fn(usize) -> bool) {
    for n in 0..10 {
        let answer = world.get(&format!("/v1/deployments/deploy-{n}/verify")).await;
        if recorded(n) {
            assert_eq!((&answer.body["intact"], &answer.body["events"]), (&json!(true), &json!(1)), "{answer:?}");
        } else {
            assert_eq!(answer.status, 404, "{answer:?}");
        }
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn one_that_was_recorded_before_is_a_duplicate_and_the_others_go_together_again() {
    let mut world = World::new().await;
    assert_eq!(world.queue(&messages("IN_PROGRESS")[3..4], at(0)).await.unwrap(), Vec::<usize>::new());
    world.restart();
    world.wire.reset();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    world.wire.decide(move |_, operation, _| {
        counted.fetch_add(usize::from(operation == "TransactWriteItems"), Ordering::Relaxed);
        Fault::None
    });
    assert_eq!(world.queue(&messages("IN_PROGRESS"), at(0)).await.unwrap(), Vec::<usize>::new());
    assert_eq!(sent.load(Ordering::Relaxed), 2, "all, and those that it was not cancelled for");
    expect_recorded(&world, |_| true).await;
}

#[tokio::test]
async fn one_that_panics_or_fails_each_time_fails_alone() {
    for fault in [Fault::Panics, Fault::Internal] {
        let world = World::new().await;
        world.wire.decide(move |_, operation, request| {
            if operation == "TransactWriteItems" && request.contains("deploy-3") { fault } else { Fault::None }
        });
        assert_eq!(world.queue(&messages("COMPLETED"), at(0)).await.unwrap(), [3], "{fault:?}");
        world.wire.heal();
        expect_recorded(&world, |n| n != 3).await;
        assert_eq!(world.queue(&messages("COMPLETED"), at(0)).await.unwrap(), Vec::<usize>::new(), "{fault:?}");
        expect_recorded(&world, |_| true).await;
    }
}

#[tokio::test]
async fn a_store_that_is_overloaded_is_not_asked_for_each_and_all_come_again() {
    let world = World::new().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    world.wire.decide(move |_, operation, _| {
        if operation != "TransactWriteItems" {
            return Fault::None;
        }
        counted.fetch_add(1, Ordering::Relaxed);
        Fault::Throttled
    });
    assert!(world.queue(&messages("IN_PROGRESS"), at(0)).await.is_err(), "all of them come again");
    assert!(sent.load(Ordering::Relaxed) < 10, "{sent:?}");
    world.wire.heal();
    assert_eq!(world.queue(&messages("IN_PROGRESS"), at(0)).await.unwrap(), Vec::<usize>::new());
    expect_recorded(&world, |_| true).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_loses_and_doubles_nothing() {
    for fault in [Fault::After, Fault::Timeout, Fault::Conflict] {
        let world = World::new().await;
        let struck = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&struck);
        world.wire.decide(move |_, operation, _| {
            let is_first = operation == "TransactWriteItems" && counted.fetch_add(1, Ordering::Relaxed) == 0;
            if is_first { fault } else { Fault::None }
        });
        assert_eq!(world.queue(&messages("IN_PROGRESS"), at(0)).await.unwrap(), Vec::<usize>::new(), "{fault:?}");
        assert!(struck.load(Ordering::Relaxed) > 1, "{fault:?}");
        world.wire.heal();
        expect_recorded(&world, |_| true).await;
    }
}

#[tokio::test]
async fn at_most_three_transactions_are_under_way_at_once() {
    let world = World::new().await;
    let events: Vec<Value> = (0..100).map(|n| event(n, "IN_PROGRESS")).collect();
    world.wire.reset();
    let answer = world.post(&json!(events)).await;
    assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
    let mut of_round: BTreeMap<usize, usize> = BTreeMap::new();
    for call in world.wire.calls().iter().filter(|call| call.operation == "TransactWriteItems") {
        *of_round.entry(call.round).or_default() += 1;
    }
    let most = of_round.values().copied().max();
    assert_eq!(most, Some(3), "{of_round:?}");
    assert!(of_round.values().sum::<usize>() <= 20, "{of_round:?}");
    world.expect_state_is_history().await;
}
