//! The state can be lost: history brings it back, item by item the same, and never over news.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use recorder::Repaired;
use serde_json::json;
use tests::World;
use tests::world::at;

use super::{enveloped, event, event_with, record};

type Item = HashMap<String, AttributeValue>;

const DAY: i64 = 24 * 60 * 60;

/// All items of the state by their keys, without a cell's revision, which counts writes, and without
/// the catalog's `unknown`, where a deployment was listed until its name came: history as a whole does
/// not say that it ever was.
async fn state(world: &World) -> BTreeMap<(String, String), Item> {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.state).send().await.unwrap();
    let key = |item: &Item, name: &str| item[name].as_s().unwrap().clone();
    let mut items: Vec<Item> = scanned.items.unwrap();
    for item in &mut items {
        item.remove("revision");
    }
    let items = items.into_iter().map(|item| ((key(&item, "pk"), key(&item, "sk")), item));
    // That something came late is noted for those who keep days, and is no part of what history says.
    let is_said = |pk: &str, sk: &str| pk != "FIGURES" && (pk != "CATALOG" || !sk.contains("unknown"));
    items.filter(|((pk, sk), _)| is_said(pk, sk)).collect()
}

async fn remove(world: &World, (pk, sk): &(String, String)) {
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let text = |value: &String| AttributeValue::S(value.clone());
    client.delete_item().table_name(table).key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
}

/// Rebuilds and repairs with a new instance, which remembers nothing.
async fn repair(world: &mut World) -> Repaired {
    world.restart();
    let rebuilder = world.rebuilder();
    rebuilder.repair(rebuilder.rebuild(at(-DAY), at(DAY)).await.unwrap()).await.unwrap()
}

/// Deployments that completed, failed, were rolled back, moved by a late name, and one still running; an
/// incident that is resolved, one that is not; an environment that was retired twice; and an event that was refused.
async fn history() -> World {
    let world = World::new().await;
    record(
        &world,
        &[
            event_with("d-1", 0, "COMPLETED", &json!({"version": "1"})),
            event_with("d-2", 10, "COMPLETED", &json!({"version": "2"})),
            event_with("d-2", 20, "ROLLED_BACK", &json!({"version": "2"})),
            event_with("d-3", 30, "FAILED", &json!({"version": "3"})),
            json!({"deploymentId": "d-4", "status": "COMPLETED", "occurredAt": at(40)}),
            event_with("d-4", 35, "IN_PROGRESS", &json!({"version": "4"})),
            event("d-5", 50, "IN_PROGRESS"),
            event_with("incident:1", 51, "IN_PROGRESS", &json!({"type": "incident"})),
            event_with("incident:1", 52, "COMPLETED", &json!({"type": "incident"})),
            event_with("incident:2", 53, "IN_PROGRESS", &json!({"type": "incident"})),
            json!({"type": "retirement", "environment": "PR #12", "occurredAt": at(54)}),
            json!({"type": "retirement", "environment": "PR #12", "occurredAt": at(53)}),
            json!({"type": "observation", "deploymentId": "d-1", "metrics": {"errorRate": 9}, "occurredAt": at(5)}),
            json!({"type": "observation", "service": "cart", "environment": "staging", "metrics": {"errorRate": 1},
                   "occurredAt": at(-DAY)}),
        ],
    )
    .await;
    let refused = enveloped(&json!({"deploymentId": "d-6", "status": "DONE"}), 1, 60);
    assert_eq!(world.queue(&[refused], at(3600)).await.unwrap(), Vec::<usize>::new());
    world
}

#[tokio::test]
async fn a_state_that_is_lost_comes_back_whole() {
    let mut world = history().await;
    let before = state(&world).await;
    for key in before.keys() {
        remove(&world, key).await;
    }
    assert_eq!(state(&world).await, BTreeMap::new());

    let repaired = repair(&mut world).await;
    assert_eq!(repaired, Repaired { items: before.len(), changed_meanwhile: 0 });
    assert_eq!(state(&world).await, before);
    world.expect_state_is_history().await;
    assert_eq!(repair(&mut world).await, Repaired::default(), "there is nothing left to do");

    record(&world, &[event("d-5", 70, "COMPLETED")]).await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn each_item_comes_back_when_it_alone_is_lost_or_wrong() {
    let mut world = history().await;
    let before = state(&world).await;
    for key in before.keys() {
        remove(&world, key).await;
        assert_eq!(repair(&mut world).await, Repaired { items: 1, changed_meanwhile: 0 }, "{key:?}");
        assert_eq!(state(&world).await, before, "{key:?}");
    }
    let stray = BTreeMap::from([("pk", "LIVE#staging#cart"), ("sk", "MISS#0#d-9#FAILED")]);
    let like = before.iter().find(|((pk, _), _)| pk == "LIVE#staging#cart").unwrap().1.clone();
    let stray: Item = like
        .into_iter()
        .chain(stray.iter().map(|(k, v)| ((*k).to_owned(), AttributeValue::S((*v).to_owned()))))
        .collect();
    let put = world.embedded.client().put_item().table_name(&world.embedded.tables.state);
    put.set_item(Some(stray)).send().await.unwrap();
    assert_eq!(repair(&mut world).await, Repaired { items: 1, changed_meanwhile: 0 }, "a stray entry goes");
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn what_was_recorded_since_is_not_written_over() {
    let mut world = history().await;
    for key in state(&world).await.keys() {
        remove(&world, key).await;
    }
    world.restart();
    let found = world.rebuilder().rebuild(at(-DAY), at(DAY)).await.unwrap();
    // Its first summary, for the state is lost: the rebuild that was begun before knows of none.
    record(&world, &[event("d-7", 80, "COMPLETED")]).await;
    let newer = state(&world).await;
    let repaired = world.rebuilder().repair(found).await.unwrap();
    assert_eq!(
        repaired.changed_meanwhile, 10,
        "the place that d-7 went to: its cell, five entries of its log, what landed, and what was undone"
    );
    for (key, item) in newer {
        assert_eq!(state(&world).await[&key], item, "{key:?}");
    }
    assert_eq!(repair(&mut world).await, Repaired { items: 10, changed_meanwhile: 0 });
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn in_a_system_at_work_nothing_is_found_that_is_only_new() {
    const EVENTS: u64 = 150;
    let world = World::new().await;
    let done = AtomicBool::new(false);
    let recording = async {
        for attempt in 1..=EVENTS {
            let more = json!({"version": attempt.to_string(), "attempt": attempt});
            record(&world, &[event_with("busy", 100, "COMPLETED", &more)]).await;
        }
        done.store(true, Ordering::Relaxed);
    };
    let rebuilder = world.rebuilder();
    let repairing = async {
        let mut looks = 0;
        while !done.load(Ordering::Relaxed) {
            let found = rebuilder.rebuild(at(3600), at(3600)).await.unwrap();
            assert!(found.is_right(), "{found:?}");
            looks += 1;
        }
        looks
    };
    let ((), looks) = futures_util::join!(recording, repairing);
    assert!(looks > 1, "they met");
    world.expect_state_is_history().await;
    assert_eq!(world.get("/v1/deployments/busy/verify").await.body["intact"], true);
}

#[tokio::test]
async fn what_the_index_of_days_does_not_list_yet_is_left_alone() {
    let mut world = history().await;
    let before = state(&world).await;
    let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
    let listed = client.scan().table_name(table).send().await.unwrap().items.unwrap();
    for mut item in listed.into_iter().filter(|item| item["pk"] == AttributeValue::S("DEPLOYMENT#d-2".to_owned())) {
        item.insert("recordedDay".to_owned(), AttributeValue::S("2020-01-01".to_owned()));
        client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
    assert_eq!(repair(&mut world).await, Repaired::default());
    assert_eq!(state(&world).await, before);
}
