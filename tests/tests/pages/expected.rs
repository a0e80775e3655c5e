//! What is expected of a deployment, as its page says it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, page, text, within};

/// The facts at the head of a deployment's page, by their names.
async fn facts(world: &World, id: &str) -> BTreeMap<String, String> {
    let page = page(world, &format!("/deployments/{id}")).await;
    let facts = all(&page, "dl.facts > div").into_iter();
    facts.map(|fact| (text(within(fact, "dt")[0]), text(within(fact, "dd")[0]))).collect()
}

#[tokio::test]
async fn the_page_of_a_deployment_says_what_is_usual_that_it_stalled_and_what_was_before_it() {
    let world = World::new().await;
    let event = |id: &str, seconds: i64, more: Value| {
        let mut event = json!({"deploymentId": id, "service": "cart", "environment": "staging", "version": format!("{id}.0"),
                               "occurredAt": at(seconds)});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let stage = |status: &str| json!({"type": "stage", "stage": "BUILD", "status": status});
    for n in 1..=8 {
        let (id, began) = (format!("d-{n}"), (n - 9) * 3600);
        let events = [
            event(&id, began, json!({"status": "IN_PROGRESS"})),
            event(&id, began, stage("IN_PROGRESS")),
            event(&id, began + 60, stage("COMPLETED")),
            event(&id, began + 120, json!({"status": "COMPLETED"})),
        ];
        assert_eq!(world.post(&json!(events)).await.status, 200);
    }
    let begun = [event("next", -600, json!({"status": "IN_PROGRESS"})), event("next", -400, stage("IN_PROGRESS"))];
    assert_eq!(world.post(&json!(begun)).await.status, 200);
    let next = facts(&world, "next").await;
    assert_eq!(next["Usually takes"], "2 min 95 % within 2 min, by the last 8 of this service here");
    assert_eq!(
        next["Pace"],
        "stalled takes more than 5 min, nothing reported for 6 minutes ; in BUILD, which usually takes 1 min"
    );
    assert!(next["Before it"].starts_with("d-8.0 landed "), "{next:?}");
    let page = page(&world, "/deployments/next").await;
    assert_eq!(all(&page, "dl.facts progress.stalled").len(), 1, "how far it is beside that");
    let stages = text(all(&page, "table.stages tbody")[0]);
    assert!(stages.contains("usually 1 min"), "{stages}");
    // Of what has landed nothing is late, and of the first nothing was before it.
    let first = facts(&world, "d-1").await;
    assert!(!first.contains_key("Pace") && !first.contains_key("Before it"), "{first:?}");
}
