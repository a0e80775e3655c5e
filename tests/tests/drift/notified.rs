//! Drift of high severity is notified once when it is new, and once when it is over.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use super::{DAY, HOUR, landed, record, settings};

pub(super) async fn tick(world: &World, seconds: i64) -> Result<Value, String> {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(seconds), "region": "eu-central-1", "resources": ["arn:aws:events:eu-central-1:1:rule/tick"], "detail": {},
    });
    world.wire.reset();
    world.processor.handle(&event.to_string(), at(seconds)).await.map_err(|error| error.to_string())
}

/// The messages of drift of the last tick: status, service, and the services of its findings.
pub(super) fn told(world: &World) -> Vec<String> {
    let drift = world.wire.messages().into_iter().filter(|message| message["type"] == "DRIFT");
    let of = |message: std::collections::BTreeMap<String, String>| {
        let service = message.get("service").map_or("*", String::as_str).to_owned();
        format!("{} {service} {}", message["status"], message["severity"])
    };
    drift.map(of).collect()
}

async fn world() -> World {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let none = json!({});
    record(
        &world,
        vec![
            landed(-3 * DAY, "staging", "cart", "1", &none),
            landed(-2 * DAY, "production", "cart", "1", &none),
            landed(-3 * DAY, "staging", "search", "1", &none),
            landed(-2 * DAY, "production", "search", "hotfix", &none),
        ],
    )
    .await;
    world
}

#[tokio::test]
async fn the_first_look_tells_all_together_and_later_ones_what_is_new_and_what_is_over() {
    let mut world = world().await;
    tick(&world, 0).await.unwrap();
    assert_eq!(told(&world), ["DIGEST * warning"]);
    record(&world, vec![landed(-60, "production", "cart", "hotfix", &json!({}))]).await;
    for seconds in [60, 1800, HOUR - 1] {
        world.restart();
        tick(&world, seconds).await.unwrap();
        assert_eq!(told(&world), [""; 0], "{seconds}: it is not due");
    }
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), ["NEW cart warning"]);
    tick(&world, 2 * HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0], "once");
    record(&world, vec![landed(-30, "production", "search", "1", &json!({}))]).await;
    world.rebuilder().rebuild(at(-3 * DAY), at(DAY)).await.unwrap();
    world.restart();
    tick(&world, 3 * HOUR).await.unwrap();
    assert_eq!(told(&world), ["ENDED search info"], "and a rebuild tells nothing again");
    tick(&world, 4 * HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0]);
}

#[tokio::test]
async fn what_could_not_be_sent_is_sent_later_and_two_ticks_send_once() {
    let world = world().await;
    world.wire.decide(|_, operation, _| if operation == "PublishBatch" { Fault::Internal } else { Fault::None });
    assert!(tick(&world, 0).await.is_err());
    let failed: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
    world.wire.heal();
    tick(&world, 60).await.unwrap();
    assert_eq!(told(&world), [""; 0], "another process may still be at it");
    tick(&world, 300).await.unwrap();
    assert_eq!(told(&world), ["DIGEST * warning"]);
    let sent = world.wire.messages().iter().find(|message| message["type"] == "DRIFT").unwrap()["dedupeId"].clone();
    assert!(failed.is_empty() || failed.contains(&sent), "{failed:?}");
    record(&world, vec![landed(-60, "production", "cart", "hotfix", &json!({}))]).await;
    world.wire.reset();
    let (one, other) = (world.another_processor(), world.another_processor());
    let now = at(300 + HOUR);
    let (one, other) = tokio::join!(one.tick(now), other.tick(now));
    one.unwrap();
    other.unwrap();
    assert_eq!(told(&world), ["NEW cart warning"]);
}

#[tokio::test]
async fn many_at_once_are_told_together_and_a_tick_that_is_not_due_reads_one_item() {
    let world = world().await;
    tick(&world, 0).await.unwrap();
    let many = (0..12).flat_map(|n| {
        let name = format!("s-{n:02}");
        [landed(-100, "staging", &name, "1", &json!({})), landed(-90, "production", &name, "hotfix", &json!({}))]
    });
    record(&world, many.collect()).await;
    tick(&world, 60).await.unwrap();
    let looks = world.wire.calls().iter().filter(|call| call.request.contains("\"DRIFT\"")).count();
    assert_eq!(looks, 1, "the item that says when it is due");
    assert!(world.wire.calls().iter().all(|call| !call.request.contains("\"LIVE#")), "and no cells");
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), ["DIGEST * warning"]);
    let calls = world.wire.calls();
    let body = calls.iter().find(|call| call.operation == "PublishBatch").unwrap().request.clone();
    assert!(body.contains("12+new") || body.contains("12%20new") || body.contains("12 new"), "{body}");
}

/// The messages of drift of the last tick.
fn messages(world: &World) -> Vec<Value> {
    let drift = world.wire.messages().into_iter().filter(|message| message["type"] == "DRIFT");
    drift.map(|message| json!(message)).collect()
}

#[tokio::test]
async fn who_listens_to_an_environment_is_told_all_of_it() {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let none = json!({});
    let services: Vec<String> = (0..60).map(|n| format!("s-{n:02}")).collect();
    let mut events = vec![
        landed(-9 * DAY, "staging", "wide", "1", &json!({"region": "eu"})),
        landed(-8 * DAY, "staging", "wide", "2", &json!({"region": "us"})),
    ];
    for name in &services {
        events.push(landed(-100, "staging", name, "1", &none));
        events.push(landed(-90, "production", name, "hotfix", &none));
    }
    record(&world, events).await;
    tick(&world, 0).await.unwrap();
    let of = |environment: &str| -> Vec<Value> {
        messages(&world).into_iter().filter(|message| message["environment"] == environment).collect()
    };
    assert_eq!((of("staging").len(), messages(&world).len()), (1, 3), "{:?}", messages(&world));
    let bodies: Vec<String> = world.wire.calls().iter().map(|call| call.request.clone()).collect();
    let bodies = bodies.concat();
    for name in services {
        let body = format!("{name}+runs+hotfix");
        assert!(bodies.contains(&body) || bodies.contains(&body.replace('+', "%20")), "{name} is in none");
    }
    let ids: std::collections::BTreeSet<String> =
        messages(&world).iter().map(|message| message["dedupeId"].to_string()).collect();
    assert_eq!(ids.len(), 3);
    tick(&world, HOUR).await.unwrap();
    assert_eq!(told(&world), [""; 0], "all of it was told");
}
