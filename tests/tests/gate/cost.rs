//! What a gate reads: items and round trips, counted.

use serde_json::{Value, json};
use tests::World;

use super::{ask, event, expect, world};

/// How many items the calls since the last reset read.
pub(crate) fn items(world: &World) -> usize {
    let read = |call: &tests::Call| {
        let answer: Value = serde_json::from_str(&call.response).unwrap_or_default();
        let listed = answer["Items"].as_array().map_or(0, Vec::len);
        let batch = answer["Responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, items)| items.as_array().map_or(0, Vec::len));
        listed + usize::from(answer.get("Item").is_some()) + batch.sum::<usize>()
    };
    world.wire.calls().iter().map(read).sum()
}

#[tokio::test]
async fn the_usual_gate_reads_at_most_ten_items_whatever_the_length_of_the_logs() {
    for deployed in [3, 60] {
        let world = world().await;
        for (environment, behind) in [("staging", 0), ("production", 1)] {
            for n in 0..deployed - behind {
                let id = format!("{environment}-{n}");
                let begin = event(&id, -5000 + 60 * n, environment, "IN_PROGRESS", &n.to_string());
                let end = event(&id, -4990 + 60 * n, environment, "COMPLETED", &n.to_string());
                world.post(&json!([begin, end])).await;
            }
        }
        let newest = format!("version={0}&commit=c0ffee{0}", deployed - 1);
        ask(&world, &newest).await;
        world.wire.reset();
        expect(&world, &newest, "ALLOW", "PPPPPN").await;
        let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
        assert!(items(&world) <= 10, "{deployed}: {} items by {operations:?}", items(&world));
        // Six of these ask whether anything was observed of what landed.
        assert!(operations.len() <= 16, "{deployed}: {operations:?}");
        assert!(world.wire.rounds() <= 5, "{deployed}: {} rounds, {operations:?}", world.wire.rounds());
        // One that landed long ago takes the log since then.
        world.wire.reset();
        expect(&world, "version=1&commit=c0ffee1", "ALLOW", "PPPPPN").await;
        let read = items(&world);
        assert!(read <= 14 + 2 * usize::try_from(deployed).unwrap(), "{deployed}: {read} items");
    }
}
