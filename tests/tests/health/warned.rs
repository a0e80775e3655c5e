//! Whoever reports that a version is on its way hears in the receipt that it is known to be bad.

use serde_json::{Value, json};
use tests::World;
use tests::wire::Fault;
use tests::world::at;

use super::{event, record, with};

/// What the receipt of an event says is bad: version, and of each piece of evidence why and of which deployment.
async fn warned(world: &World, event: &Value) -> Vec<(Value, Vec<(Value, Value)>)> {
    let answer = world.post(event).await;
    assert_eq!(answer.status, 201, "{event}: {}", answer.body);
    of_receipt(&answer.body)
}

fn of_receipt(receipt: &Value) -> Vec<(Value, Vec<(Value, Value)>)> {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let pieces = |version: &Value| {
        let pieces = items(&version["evidence"]).into_iter();
        pieces.map(|piece| (piece["why"].clone(), piece["deploymentId"].clone())).collect()
    };
    items(&receipt["bad"]).iter().map(|version| (version["version"].clone(), pieces(version))).collect()
}

fn judged(version: &str, outcome: &str, seconds: i64) -> Value {
    json!({"type": "verdict", "service": "cart", "version": version, "outcome": outcome, "reason": "loses orders",
           "occurredAt": at(seconds)})
}

#[tokio::test]
async fn a_version_that_was_undone_or_called_bad_is_warned_of_until_it_is_cleared() {
    let mut world = World::new().await;
    world.apply(&json!({"services": [{"name": "cart", "aliases": ["shop-cart"]}]})).await;
    record(
        &world,
        &[
            with(event("s-1", -9000, "COMPLETED", "1"), &json!({"environment": "staging"})),
            with(event("s-1", -8000, "ROLLED_BACK", "1"), &json!({"environment": "staging"})),
            event("p-2", -7000, "COMPLETED", "2"),
            judged("2", "BAD", -6000),
        ],
    )
    .await;
    world.restart();
    let rolled_back = (json!("1"), vec![(json!("ROLLED_BACK"), json!("s-1"))]);
    let called = (json!("2"), vec![(json!("MARKED"), Value::Null)]);
    // Wherever it goes, under each name of its service, in each event that names it while it is on its way.
    assert_eq!(warned(&world, &event("p-1", -600, "PENDING", "1")).await, std::slice::from_ref(&rolled_back));
    assert_eq!(warned(&world, &event("p-1", -590, "IN_PROGRESS", "1")).await, std::slice::from_ref(&rolled_back));
    assert_eq!(
        warned(&world, &event("p-4", -580, "COMPLETED", "2")).await,
        std::slice::from_ref(&called),
        "all that is reported"
    );
    let shop = with(event("p-5", -570, "IN_PROGRESS", "2"), &json!({"service": "shop-cart"}));
    assert_eq!(warned(&world, &shop).await, std::slice::from_ref(&called));
    // Sent again, it is said again.
    let again = world.post(&event("p-1", -600, "PENDING", "1")).await;
    assert_eq!((again.status, of_receipt(&again.body)), (200, vec![rolled_back.clone()]));
    // What goes on, ended, or is another version; and what its own rollback says.
    for other in [
        with(event("p-1", -500, "IN_PROGRESS", "1"), &json!({"type": "stage", "stage": "DEPLOYMENT"})),
        event("p-1", -400, "COMPLETED", "1"),
        event("p-6", -390, "IN_PROGRESS", "3"),
        with(event("s-1", -7900, "IN_PROGRESS", "1"), &json!({"environment": "staging"})),
        with(event("p-7", -380, "IN_PROGRESS", "1"), &json!({"service": "search"})),
    ] {
        assert_eq!(warned(&world, &other).await, [], "{other}");
    }
    // Of several at once each hears its own.
    let several = json!([
        event("p-8", -300, "IN_PROGRESS", "1"),
        event("p-9", -300, "IN_PROGRESS", "3"),
        json!({"deploymentId": "p-10"}),
        with(event("p-11", -300, "IN_PROGRESS", "2"), &json!({"environment": "staging"})),
    ]);
    let answers = world.post(&several).await.body;
    let each: Vec<_> = answers.as_array().unwrap().iter().map(of_receipt).collect();
    assert_eq!(each, [vec![rolled_back], vec![], vec![], vec![called]]);
    // What was cleared is not warned of.
    record(&world, &[judged("1", "CLEARED", -200), judged("2", "CLEARED", -200)]).await;
    for (id, version) in [("p-12", "1"), ("p-13", "2")] {
        assert_eq!(warned(&world, &event(id, -100, "IN_PROGRESS", version)).await, []);
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_warning_is_looked_for_after_the_commit_and_only_of_services_of_which_anything_was_undone_or_said() {
    let mut world = World::new().await;
    record(&world, &[event("p-0", -9000, "COMPLETED", "0")]).await;
    let operations = |world: &World| world.wire.calls().into_iter().map(|call| call.operation).collect::<Vec<_>>();
    world.wire.reset();
    assert_eq!(warned(&world, &event("p-1", -600, "IN_PROGRESS", "1")).await, []);
    assert_eq!(operations(&world), ["BatchGetItem", "TransactWriteItems"], "nothing was ever said of cart");
    record(&world, &[judged("1", "BAD", -500)]).await;
    world.restart();
    world.get("/v1/live").await;
    record(&world, &[event("p-2", -490, "IN_PROGRESS", "2")]).await;
    world.wire.reset();
    assert_eq!(warned(&world, &event("p-3", -480, "IN_PROGRESS", "1")).await.len(), 1);
    let made = operations(&world);
    assert_eq!(made[..2], ["BatchGetItem", "TransactWriteItems"], "{made:?}");
    assert_eq!((made.len(), world.wire.rounds()), (5, 3), "{made:?}");
    // Where it can't be read, what was reported is recorded all the same.
    world.wire.decide(|_, operation, _| if operation == "Query" { Fault::Internal } else { Fault::None });
    let answer = world.post(&event("p-4", -470, "IN_PROGRESS", "1")).await;
    assert_eq!((answer.status, &answer.body["bad"]), (201, &Value::Null));
}
