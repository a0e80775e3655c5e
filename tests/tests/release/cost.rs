//! What releases cost, counted.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, put, status, world};
use crate::gate::cost::items;

/// The write units of each event of a deployment.
async fn written(world: &World, more: &Value) -> Vec<f64> {
    let mut units = Vec::new();
    for (seconds, step) in [(-60, "IN_PROGRESS"), (-50, "VALIDATING"), (-40, "COMPLETED")] {
        world.wire.reset();
        assert_eq!(world.post(&event("cart@2 production", seconds, step, more)).await.status, 201);
        let calls = world.wire.calls();
        let writes = calls.iter().filter(|call| call.operation == "TransactWriteItems");
        units.push(writes.map(|call| call.units).sum());
    }
    units
}

#[tokio::test]
async fn a_deployment_pays_for_the_lines_that_it_stands_in_once_and_without_any_nothing() {
    let plain = written(&world().await, &json!({})).await;
    let named = written(&world().await, &json!({"release": "7", "artifact": "cart.tar"})).await;
    let more: Vec<f64> = named.iter().zip(&plain).map(|(named, plain)| named - plain).collect();
    // Two units each: of the release, of the artifact, the day of the release, and its note of the version.
    assert_eq!(more, [8.0, 0.0, 0.0], "{named:?} {plain:?}");
}

#[tokio::test]
async fn a_release_of_two_hundred_services_costs_its_cells_however_long_their_history_is() {
    let mut costs = Vec::new();
    for landings in [2, 30] {
        let world = world().await;
        let mut events = Vec::new();
        for service in 0..200 {
            let landings = if service < 10 { landings } else { 2 };
            for version in 0..landings {
                let mut event =
                    event(&format!("s-{service:03}@{version} production"), version - 100, "COMPLETED", &json!({}));
                event["commit"] = json!(format!("c0ffee{service:03}{version:02}"));
                events.push(event);
            }
        }
        for some in events.chunks(100) {
            assert_eq!(world.post_at(&json!(some), at(0)).await.status, 200);
        }
        let services: serde_json::Map<String, Value> =
            (0..200).map(|n| (format!("s-{n:03}"), json!(if n < 10 { landings - 1 } else { 1 }.to_string()))).collect();
        let declared = put(&world, "7", &json!({"services": services}), None, 0).await;
        assert_eq!(declared.status, 201, "{declared:?}");
        world.wire.reset();
        assert!(status(&world, "7", "environment=production").await.ends_with(": complete"));
        costs.push((world.wire.calls().len(), world.wire.rounds()));
    }
    let [few, many] = costs.as_slice() else { panic!("{costs:?}") };
    assert_eq!(few, many, "flat in the length of history");
    // The settings, the declaration, the cells, when the environment was retired, what landed first where a cell does
    // not say it.
    assert!(many.0 <= 6 && many.1 <= 5, "{costs:?}");
}

#[tokio::test]
async fn a_gate_that_asks_for_a_small_release_reads_at_most_ten_items() {
    let world = world().await;
    for service in ["cart", "web"] {
        let landed = event(&format!("{service}@2 staging"), -60, "COMPLETED", &json!({"release": "7"}));
        assert_eq!(world.post(&landed).await.status, 201);
    }
    let question = "/v1/gate?service=cart&environment=production&version=2";
    world.get(question).await;
    world.wire.reset();
    assert_eq!(world.get(question).await.body["checks"][5]["outcome"], "PASSED");
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert!(items(&world) <= 10, "{} items by {operations:?}", items(&world));
}
