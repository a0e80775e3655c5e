//! What drift reads: calls and units, counted.

use serde_json::json;
use tests::World;
use tests::world::at;

use super::{HOUR, landed, record};

/// So many environments, in the order of the path.
fn environments(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("stage-{n}")).collect()
}

/// So many services in environments, each with so many landings of builds that a pipeline brought; some lag, some
/// are regional, some are silent.
async fn world(services: i64, stages: usize, landings: i64) -> World {
    let mut world = World::new().await;
    let path: Vec<_> = environments(stages).into_iter().map(|name| json!({"name": name})).collect();
    world.apply(&json!({"environments": path})).await;
    let mut events = Vec::new();
    for landing in 0..landings {
        for (nth, environment) in (0..).zip(environments(stages)) {
            for service in 0..services {
                let behind = if service % 3 == 0 { nth } else { 0 };
                let version = 2 * (landing - behind).max(0);
                let more = json!({
                    "buildNumber": version.to_string(), "commit": format!("c0ffee{version}"),
                    "region": if service % 5 == 0 { ["eu", "us"].get(usize::try_from(landing % 2).unwrap()) } else { None },
                });
                let ago = (landings - landing) * HOUR - nth * 60;
                events.push(landed(
                    -ago - if service % 4 == 0 { 90 * 24 * HOUR } else { 0 },
                    &environment,
                    &format!("service-{service:03}"),
                    &version.to_string(),
                    &more,
                ));
            }
        }
    }
    record(&world, events).await;
    world.wire.reset();
    world
}

#[tokio::test]
async fn drift_of_all_places_costs_the_same_however_long_their_history_is() {
    let mut costs = Vec::new();
    let services = 3;
    // More than a tail, and more than a page of a log.
    for landings in [104, 112] {
        let world = world(services, 3, landings).await;
        let mut cost = |query: &str, found: usize| {
            assert!(found > 0, "{query}");
            let (calls, units) = (world.wire.calls().len(), world.wire.units());
            costs.push((query.to_owned(), calls, units.to_string(), world.wire.rounds()));
            world.wire.reset();
        };
        for query in ["", "?kind=UNSEEN", "?kind=LAGGING", "?kind=SILENT", "?kind=BY_HAND"] {
            let items = world.get(&format!("/v1/drift{query}")).await.body["items"].as_array().unwrap().len();
            if query.is_empty() || items > 0 {
                cost(query, items);
            } else {
                cost(query, 1);
            }
        }
        let as_of = format!("?asOf={}", at(-30 * HOUR));
        let items = world.get(&format!("/v1/drift{as_of}")).await.body["items"].as_array().unwrap().len();
        assert!(items > 0);
        world.wire.reset();
    }
    let (few, many) = costs.split_at(costs.len() / 2);
    assert_eq!(few, many);
    for (query, calls, units, rounds) in few {
        println!("{query}: {calls} calls, {units} units, {rounds} rounds");
    }
}

#[tokio::test]
async fn two_hundred_services_in_eight_environments_are_read_in_a_page_each_and_batches() {
    let services = if tests::exhaustive() { 200 } else { 25 };
    let places = f64::from(8 * services);
    let world = world(i64::from(services), 8, 2).await;
    let answer = world.get("/v1/drift?limit=100").await;
    assert_eq!(answer.status, 200);
    let queries = world.wire.count("Query");
    // The settings, the catalog, retirements, and the cells of each environment.
    assert!(queries <= 14, "{queries} queries");
    assert!(world.wire.units() <= 2.5 * places, "{} units", world.wire.units());
    assert!(world.wire.rounds() <= 9, "{} rounds", world.wire.rounds());
    println!("all: {} calls, {} rounds", world.wire.calls().len(), world.wire.rounds());
    world.wire.reset();
    // The kinds that are looked for each hour.
    world.get("/v1/drift?kind=UNSEEN").await;
    println!("UNSEEN: {} calls, {} rounds", world.wire.calls().len(), world.wire.rounds());
    assert!(world.wire.rounds() <= 6, "{} rounds", world.wire.rounds());
    world.wire.reset();
    world.get("/v1/drift?kind=MIXED").await;
    assert_eq!(world.wire.count("BatchGetItem"), 0, "what cells say is not read again");
    assert!(world.wire.units() <= 0.6 * places, "{} units", world.wire.units());
}
