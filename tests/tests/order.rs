//! Order and duplication: whatever order events arrive in, and however often, the same bytes are
//! stored, the same is notified and the same is counted.

mod arrival;
mod outcome;
mod several;

use std::collections::BTreeMap;

use domain::live::Place;
use domain::{DeploymentId, Environment, Service, identifiers::Identifier as _};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

#[expect(clippy::needless_pass_by_value, reason = "a literal at each call")]
fn event(seconds: i64, more: Value) -> Value {
    let mut event =
        json!({"deploymentId": "d-1", "service": "cart", "environment": "production", "occurredAt": at(seconds)});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn six() -> Vec<Value> {
    vec![
        event(0, json!({"status": "PENDING", "committedAt": at(-600), "triggeredBy": "MANUAL"})),
        event(10, json!({"status": "IN_PROGRESS", "version": "1.2.3", "metadata": {"a": {"b": [1, {"c": null}]}}})),
        event(20, json!({"type": "stage", "stage": "DEPLOYMENT", "status": "IN_PROGRESS"})),
        event(50, json!({"type": "stage", "stage": "DEPLOYMENT", "status": "COMPLETED"})),
        event(60, json!({"status": "COMPLETED", "metrics": {"healthScore": 0}})),
        event(90, json!({"status": "ROLLED_BACK", "rollbackTo": "1.2.2"})),
    ]
}

/// What must not depend on arrival. What records arrival itself (sequence, hashes, time of
/// recording) is not part of it.
#[derive(Debug, PartialEq)]
struct Outcome {
    summary: String,
    live: String,
    log: Vec<String>,
    notified: Vec<String>,
    counted: BTreeMap<String, u64>,
}

async fn outcome(world: &World) -> Outcome {
    world.publish().await.unwrap();
    // Where what speaks against a deployment came before it landed, this looks again.
    arrival::tick(world, 200).await;
    world.expect_state_is_history().await;
    let reader = world.reader();
    let state = reader.state(&DeploymentId::parse("d-1").unwrap()).await.unwrap().unwrap();
    let (place, entries) = domain::live::entries(&state.summary);
    assert_eq!(
        place,
        Place { environment: Environment::parse("production").unwrap(), service: Service::parse("cart").unwrap() }
    );
    let cell = world.get("/v1/live?environment=production").await;
    let mut notified: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
    notified.sort();
    Outcome {
        summary: serde_json::to_string(&state.summary).unwrap(),
        live: cell.body.to_string(),
        log: entries.iter().map(|entry| format!("{entry:?}")).collect(),
        notified,
        counted: counted(world),
    }
}

/// How many values each metric got, by name and dimensions.
fn counted(world: &World) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap() {
            let name = format!("{} {}", datum["MetricName"], datum["Dimensions"]);
            let counts = datum["Counts"].as_array().unwrap().iter().map(|count| count.as_f64().unwrap());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
            let count = counts.sum::<f64>() as u64;
            *counted.entry(name).or_default() += count;
        }
    }
    counted
}

async fn run(events: &[Value], batch: usize) -> Outcome {
    let world = World::new().await;
    for chunk in events.chunks(batch) {
        let answer = world.post_at(&json!(chunk), at(100)).await;
        for receipt in answer.body.as_array().unwrap() {
            assert!(matches!(receipt["outcome"].as_str(), Some("recorded" | "duplicate")), "{receipt}");
        }
    }
    outcome(&world).await
}

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let each = |index: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(index);
        permutations(&rest).into_iter().map(move |tail| [vec![first.clone()], tail].concat())
    };
    (0..items.len()).flat_map(each).collect()
}

#[tokio::test]
async fn every_permutation_of_six_events_gives_the_same() {
    let expected = run(&six(), 6).await;
    assert_eq!(expected.notified, ["d-1##BAD", "d-1#1#COMPLETED", "d-1#1#ROLLED_BACK", "d-1#1#STARTED"]);
    assert!(expected.live.contains(r#""version":"1.2.2""#), "{}", expected.live);
    let orders = permutations(&six());
    assert_eq!(orders.len(), 720);
    for (number, order) in orders.iter().enumerate().step_by(tests::one_in(13)) {
        // In batches of every size, so that some orders meet in one transaction and some do not.
        assert_eq!(run(order, number % 6 + 1).await, expected, "{order:?}");
    }
}

fn any_event() -> impl Strategy<Value = Value> {
    let status = proptest::sample::select(domain::Status::ALL.to_vec());
    (status, 0..40i64, 1..3u32, 0..5u8, any::<bool>(), 0..4u8).prop_map(
        |(status, second, attempt, stage, whole, health)| {
            let mut event = event(second, json!({"status": status, "attempt": attempt, "version": "2"}));
            if !whole {
                event["type"] = json!("stage");
                event["stage"] = json!(format!("S{stage}"));
            }
            event["metrics"] = json!({"healthScore": health, "errorRate": health});
            event
        },
    )
}

#[tokio::test]
async fn random_orders_of_up_to_200_events_with_duplicates_give_the_same() {
    let mut runner = TestRunner::deterministic();
    for _ in (0..6).step_by(tests::one_in(3)) {
        let events = proptest::collection::vec(any_event(), 20..200).new_tree(&mut runner).unwrap().current();
        let expected = run(&events, 100).await;
        for batch in [7, 33] {
            let again: Vec<Value> = events.iter().chain(events.iter().step_by(2)).cloned().collect();
            let shuffled = Just(again).prop_shuffle().new_tree(&mut runner).unwrap().current();
            assert_eq!(run(&shuffled, batch).await, expected);
        }
    }
}

#[tokio::test]
async fn what_was_named_late_moves_a_deployment_and_what_was_known_before_stays_known() {
    let world = World::new().await;
    let bare = json!({"deploymentId": "d-9", "status": "COMPLETED", "occurredAt": at(50), "version": "7"});
    assert_eq!(world.post_at(&bare, at(60)).await.status, 201);
    let named = json!({"deploymentId": "d-9", "status": "IN_PROGRESS", "occurredAt": at(10), "service": "cart", "environment": "production"});
    assert_eq!(world.post_at(&named, at(120)).await.status, 201);
    world.expect_state_is_history().await;

    let now = world.get("/v1/live").await.body;
    assert_eq!(now["items"].as_array().unwrap().len(), 1, "{now}");
    assert_eq!((&now["items"][0]["environment"], &now["items"][0]["version"]), (&json!("production"), &json!("7")));
    let then = world.get("/v1/live?environment=unknown&knownAt=2026-03-01T12:01:30Z").await.body;
    assert_eq!(then["items"].as_array().unwrap().len(), 1, "{then}");
    assert_eq!((&then["items"][0]["environment"], &then["items"][0]["version"]), (&json!("unknown"), &json!("7")));
    let before = world.get("/v1/live?asOf=2026-03-01T12:00:49Z").await.body;
    assert_eq!(before["items"], json!([]));
}
