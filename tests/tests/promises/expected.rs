//! What is expected of a deployment: by what landed in its place, or ended in its environment; and that people are told
//! once when it stalls, and once when it goes on.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, record};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn stage(id: &str, seconds: i64, name: &str, status: &str) -> Value {
    event_with(id, seconds, status, &json!({"type": "stage", "stage": name}))
}

/// A deployment of a service that began then, and took so long; half of it in BUILD.
fn landed(id: &str, service: &str, began: i64, took: i64) -> Vec<Value> {
    let mut events = vec![
        event_with(id, began, "IN_PROGRESS", &json!({"version": format!("{id}.0")})),
        stage(id, began, "BUILD", "IN_PROGRESS"),
        stage(id, began + took / 2, "BUILD", "COMPLETED"),
        event(id, began + took, "COMPLETED"),
    ];
    for event in &mut events {
        event["service"] = json!(service);
    }
    events
}

/// So many landings of `cart` in staging, an hour apart, the last of which ended before noon; each took ten seconds
/// more than the one before.
async fn landings(world: &World, count: i64) {
    for n in 0..count {
        let began = (n - count) * HOUR;
        record(world, &landed(&format!("cart-{n}"), "cart", began, 100 + 10 * n)).await;
    }
}

async fn outlook(world: &World, id: &str, seconds: i64) -> Value {
    let body = world.get_at(&format!("/v1/deployments/{id}"), at(seconds)).await.body;
    json!({"expected": body["expected"], "pace": body["pace"]["state"], "previous": body["previous"]["deploymentId"]})
}

/// The clock's event: how many have stalled, and what people were told.
async fn tick(world: &World, seconds: i64) -> (Value, Vec<Value>) {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(seconds), "region": "eu-central-1", "resources": ["arn:aws:events:eu-central-1:1:rule/tick"], "detail": {},
    });
    world.wire.reset();
    let ticked = world.processor.handle(&event.to_string(), at(seconds)).await.unwrap();
    let told = world.wire.messages().into_iter().map(|message| {
        let bodies: Value = message["Message"].parse().unwrap();
        let full: Value = bodies["default"].as_str().unwrap().parse().unwrap();
        json!([
            full["type"],
            full["deploymentId"],
            full["stalled"]["stage"],
            full["stalled"]["usualSeconds"],
            full["stalled"]["since"]
        ])
    });
    (ticked["stuck"].clone(), told.collect())
}

#[tokio::test]
async fn eight_landings_of_the_place_say_what_is_expected_and_seven_do_not() {
    let world = World::new().await;
    landings(&world, 7).await;
    record(&world, &[event("next", 0, "IN_PROGRESS")]).await;
    let unknown = json!({"expected": null, "pace": "ON_TIME", "previous": "cart-6"});
    assert_eq!(outlook(&world, "next", 60).await, unknown);
    record(&world, &[event("next", 160, "COMPLETED"), event("later", 200, "IN_PROGRESS")]).await;
    // 100, 110, … 160 and 160; of the eighth nothing is known of a stage.
    let expected = json!({"seconds": 130.0, "p95": 160.0, "from": 8, "of": "place", "stages": {}});
    let later = json!({"expected": expected, "pace": "ON_TIME", "previous": "next"});
    assert_eq!(outlook(&world, "later", 260).await, later);
    // What landed itself is not measured by itself, and what came later does not count.
    assert_eq!(outlook(&world, "next", 260).await, json!({"expected": null, "pace": null, "previous": "cart-6"}));
    assert_eq!(outlook(&world, "cart-0", 260).await["previous"], json!(null));
    // A removal has nothing that is usual.
    let removal = json!({"type": "removal"});
    record(&world, &[event_with("gone", 300, "IN_PROGRESS", &removal), event_with("gone", 310, "COMPLETED", &removal)])
        .await;
    assert_eq!(outlook(&world, "gone", 400).await, json!({"expected": null, "pace": null, "previous": null}));
    record(&world, &landed("another", "cart", 400, 50)).await;
    let expected = outlook(&world, "later", 700).await["expected"].clone();
    assert_eq!(
        expected,
        json!({"seconds": 130.0, "p95": 160.0, "from": 9, "of": "place",
               "stages": {"BUILD": {"seconds": 60.0, "p95": 80.0, "from": 8}}})
    );
    assert_eq!(outlook(&world, "later", 700).await["pace"], "STALLED", "320 seconds are the limit");
    record(&world, &[event("later", 650, "VALIDATING")]).await;
    assert_eq!(outlook(&world, "later", 700).await["pace"], "SLOW", "it was heard of");
}

#[tokio::test]
async fn a_place_with_too_few_landings_is_measured_by_its_environment() {
    let world = World::new().await;
    for n in 0..19 {
        record(&world, &landed(&format!("a-{n}"), &format!("service-{n}"), -(n + 1) * 300, 200)).await;
    }
    record(&world, &[event("next", 0, "IN_PROGRESS")]).await;
    assert_eq!(outlook(&world, "next", 60).await["expected"], json!(null));
    record(&world, &landed("a-19", "service-19", -50, 40)).await;
    let expected = outlook(&world, "next", 60).await["expected"].clone();
    assert_eq!(
        expected,
        json!({"seconds": 200.0, "p95": 200.0, "from": 20, "of": "environment",
               "stages": {"BUILD": {"seconds": 100.0, "p95": 100.0, "from": 20}}})
    );
}

#[tokio::test]
async fn what_an_earlier_version_recorded_counts_as_unknown_until_it_is_rebuilt() {
    let mut world = World::new().await;
    landings(&world, 8).await;
    record(&world, &[event("next", 0, "IN_PROGRESS")]).await;
    let known = outlook(&world, "next", 60).await;
    assert_eq!(known["expected"]["from"], 8);
    let (client, table) = (world.embedded.client(), world.embedded.tables.state.clone());
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let log = client
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("LIVE#staging#cart"))
        .send()
        .await
        .unwrap();
    for mut item in log.items.unwrap() {
        assert!(item.remove("timing").is_some(), "{item:?}");
        client.put_item().table_name(&table).set_item(Some(item)).send().await.unwrap();
    }
    let unknown = outlook(&world, "next", 60).await;
    assert_eq!(unknown, json!({"expected": null, "pace": "ON_TIME", "previous": "cart-7"}));
    // It is no sign of tampering, and live answers are what they were.
    let verified = world.get("/v1/verify?day=2026-03-01&limit=100").await.body;
    let intact = verified["items"].as_array().unwrap().iter().all(|item| item["intact"] == true);
    assert!(intact, "{verified}");
    assert_eq!(world.get("/v1/live?environment=staging").await.body["items"][0]["deploymentId"], "cart-7");
    // News of one of them, which change how long it took, don't guess what is not there.
    record(&world, &[event("cart-3", -5 * HOUR - 50, "IN_PROGRESS")]).await;
    world.restart();
    let rebuilder = world.rebuilder();
    let found = rebuilder.rebuild(at(-2 * DAY), at(DAY)).await.unwrap();
    assert_eq!(rebuilder.repair(found).await.unwrap().items, 8 - 1, "the news brought one of them");
    assert_eq!(outlook(&world, "next", 60).await["expected"]["from"], 8);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_is_told_late_of_a_landing_changes_how_long_it_took() {
    let world = World::new().await;
    landings(&world, 7).await;
    record(&world, &[event("late", 100, "COMPLETED"), event("next", 200, "IN_PROGRESS")]).await;
    assert_eq!(outlook(&world, "next", 260).await["expected"], json!(null), "when it began is not known");
    world.wire.reset();
    record(&world, &[event("late", 0, "IN_PROGRESS")]).await;
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["GetItem", "TransactWriteItems"], "the entry, which is written anew");
    let expected = outlook(&world, "next", 260).await["expected"].clone();
    assert_eq!((&expected["from"], &expected["seconds"]), (&json!(8), &json!(120.0)));
    world.expect_state_is_history().await;
    // What comes after a landing, such as cleaning up, says nothing new of it, and costs what it did.
    for (seconds, status) in [(300, "IN_PROGRESS"), (310, "COMPLETED")] {
        world.wire.reset();
        record(&world, &[stage("late", seconds, "CLEANUP", status)]).await;
        let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
        assert_eq!(operations, ["TransactWriteItems"]);
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_stall_is_told_once_with_its_stage_and_once_when_it_goes_on() {
    let mut world = World::new().await;
    landings(&world, 8).await;
    // Slow after 340 seconds: twice what 170 are, of what nineteen of twenty took at most.
    record(&world, &[event("next", 0, "IN_PROGRESS"), stage("next", 10, "BUILD", "IN_PROGRESS")]).await;
    record(&world, &[event_with("waits", 0, "PENDING", &json!({"service": "other"}))]).await;
    assert_eq!(tick(&world, 340).await, (json!(0), vec![]));
    let stalled = json!(["STUCK", "next", "BUILD", 65.0, at(10)]);
    assert_eq!(tick(&world, 341).await, (json!(1), vec![stalled]), "an hour is not waited for");
    assert_eq!(outlook(&world, "next", 341).await["pace"], "STALLED");
    let cell = world.get_at("/v1/live?environment=staging&service=cart&active=true", at(341)).await.body;
    assert_eq!(cell["items"][0]["active"][0]["stuck"], true, "{cell}");
    for seconds in [401, 461] {
        // A new instance, too, knows that it was told.
        world.restart();
        assert_eq!(tick(&world, seconds).await, (json!(1), vec![]), "it stays counted");
    }
    assert_eq!(world.post_at(&stage("next", 500, "BUILD", "COMPLETED"), at(500)).await.status, 201);
    let resumed = json!(["RESUMED", "next", null, null, at(10)]);
    assert_eq!(tick(&world, 521).await, (json!(0), vec![resumed]));
    assert_eq!(outlook(&world, "next", 521).await["pace"], "SLOW");
    world.restart();
    assert_eq!(tick(&world, 581).await, (json!(0), vec![]), "once");
    let again = json!(["STUCK", "next", null, null, at(500)]);
    assert_eq!(tick(&world, 800).await, (json!(1), vec![again]), "it fell silent again");
    // Its end is told as such.
    assert_eq!(world.post_at(&event("next", 850, "COMPLETED"), at(850)).await.status, 201);
    assert_eq!(tick(&world, 861).await, (json!(0), vec![]));
    // What waits never stalls, however long; and of what ended nothing is told later.
    assert_eq!(tick(&world, 20 * HOUR).await, (json!(0), vec![]));
}

#[tokio::test]
async fn what_usually_takes_hours_is_not_stuck_after_one() {
    let world = World::new().await;
    for n in 0..8 {
        record(&world, &landed(&format!("long-{n}"), "cart", (n - 9) * 2 * HOUR, 2 * HOUR)).await;
    }
    record(&world, &[event("next", 0, "IN_PROGRESS")]).await;
    record(&world, &[event_with("alone", 0, "IN_PROGRESS", &json!({"environment": "production"}))]).await;
    // Of `alone` nothing is expected: an hour of silence is too long.
    assert_eq!(tick(&world, HOUR - 1).await, (json!(0), vec![]));
    let alone = json!(["STUCK", "alone", null, null, at(0)]);
    assert_eq!(tick(&world, HOUR).await, (json!(1), vec![alone]));
    assert_eq!(tick(&world, 4 * HOUR).await, (json!(1), vec![]));
    let next = json!(["STUCK", "next", null, null, at(0)]);
    assert_eq!(tick(&world, 4 * HOUR + 1).await, (json!(2), vec![next]));
}

#[tokio::test]
async fn what_fifty_landings_say_costs_one_query_of_few_units() {
    let world = World::new().await;
    landings(&world, 60).await;
    record(&world, &[event("next", 0, "IN_PROGRESS")]).await;
    // Settings are read at most once a minute.
    world.get_at("/v1/deployments/next", at(60)).await;
    world.wire.reset();
    let asked = world.get_at("/v1/deployments/next", at(60)).await.body;
    assert_eq!((&asked["expected"]["from"], &asked["expected"]["of"]), (&json!(50), &json!("place")));
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["GetItem", "Query"]);
    assert!(world.wire.units() <= 4.0, "{}", world.wire.units());
}
