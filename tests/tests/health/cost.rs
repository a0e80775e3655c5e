//! What observing costs, in calls.

use serde_json::json;
use tests::World;

use super::{event, of, of_place, record};

fn operations(world: &World) -> Vec<String> {
    world.wire.calls().into_iter().map(|call| call.operation).collect()
}

#[tokio::test]
async fn an_observation_is_recorded_with_two_calls_and_read_with_few() {
    let world = World::new().await;
    record(&world, &[event("c-1", -600, "COMPLETED", "1"), of_place(-500, &json!({"errorRate": 1}))]).await;
    for (observation, expected) in [
        // The history of the hour is known to the process, that of the deployment is new to it.
        (of_place(-400, &json!({"errorRate": 1})), vec!["TransactWriteItems"]),
        (of("c-1", -400, &json!({"errorRate": 1})), vec!["BatchGetItem", "TransactWriteItems"]),
    ] {
        world.wire.reset();
        record(&world, &[observation]).await;
        assert_eq!(operations(&world), expected);
    }
    // Three of these ask for what is expected of it, where little has landed.
    for (id, most) in [("c-1", 13), ("observations:c-1", 1)] {
        world.wire.reset();
        super::deployment(&world, id, "").await;
        let read = operations(&world);
        assert!(read.len() <= most, "{id}: {read:?}");
    }
    // Where nothing was ever observed it is less.
    record(
        &world,
        &[json!({"deploymentId": "p-1", "service": "pay", "environment": "production", "version": "1",
                            "status": "COMPLETED", "occurredAt": tests::world::at(-60)})],
    )
    .await;
    world.wire.reset();
    super::deployment(&world, "p-1", "").await;
    assert_eq!(operations(&world).len(), 9, "{:?}", operations(&world));
}
