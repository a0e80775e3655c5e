//! What people were told of what runs stands in the matrix, for one call, until it is taken back or something else runs.

use std::collections::BTreeMap;

use domain::follows::judged::Noted;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, of, of_place, record, with};

const DAY: i64 = 24 * 3600;

/// Records and publishes.
async fn tell(world: &World, events: &[Value]) {
    record(world, events).await;
    world.publish().await.unwrap();
}

/// The verdicts of the cells, each after its version.
async fn shown(world: &World, query: &str) -> Vec<String> {
    let answer = world.get(&format!("/v1/live?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.body["items"].as_array().unwrap().clone();
    let version = |cell: &Value| cell["version"].as_str().unwrap_or("mixed").to_owned();
    items.iter().map(|cell| format!("{} {}", version(cell), cell["verdict"].as_str().unwrap_or("-"))).collect()
}

async fn notes(world: &World) -> BTreeMap<String, Noted> {
    let notes = world.reader().noted_verdicts().await.unwrap();
    notes.into_iter().map(|(id, noted)| (id.to_string(), noted)).collect()
}

#[tokio::test]
async fn what_was_told_of_what_runs_stands_in_its_cell_and_nowhere_else() {
    let world = World::new().await;
    tell(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["2 -"]);
    tell(&world, &[of_place(-3500, &json!({"errorRate": 20}))]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["2 BAD"]);
    assert_eq!(shown(&world, "verdict=true&service=cart").await, ["2 BAD"]);
    assert_eq!(shown(&world, "").await, ["2 -"], "only where it is asked for");
    // What had been told by a time is not kept: an answer about the past says nothing of it.
    let then = format!("verdict=true&asOf={}", at(-1));
    assert_eq!(shown(&world, &then).await, ["2 -"]);
    assert_eq!(shown(&world, &format!("verdict=true&knownAt={}", at(0))).await, ["2 -"]);
    // Something else runs, and then the same again.
    tell(&world, &[event("c-3", -3000, "COMPLETED", "3")]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["3 -"]);
    tell(&world, &[event("c-3", -2900, "ROLLED_BACK", "3")]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["2 BAD"]);
    // Neither a rebuild nor its comparison touches it.
    let rebuilder = world.rebuilder();
    let found = rebuilder.rebuild(at(-DAY), at(DAY)).await.unwrap();
    assert_eq!(found.differences, [""; 0]);
    rebuilder.repair(found).await.unwrap();
    assert_eq!(shown(&world, "verdict=true").await, ["2 BAD"]);
    let cleared = json!({"type": "verdict", "service": "cart", "version": "2", "outcome": "CLEARED",
                         "reason": "the probe was wrong", "triggeredBy": {"actor": "ana"}, "occurredAt": at(-10)});
    tell(&world, &[cleared]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["2 -"]);
    assert!(!notes(&world).await.contains_key("c-2"));
}

#[tokio::test]
async fn the_newest_verdict_counts_and_of_regions_the_worst() {
    let world = World::new().await;
    let place = |region: &str| json!({"region": region});
    tell(
        &world,
        &[
            with(event("c-eu", -7200, "COMPLETED", "1"), &place("eu")),
            with(event("c-us", -7100, "COMPLETED", "2"), &place("us")),
        ],
    )
    .await;
    let incident = json!({"type": "incident", "deploymentId": "incident:1", "service": "cart",
                          "environment": "production", "status": "IN_PROGRESS", "occurredAt": at(-3600)});
    tell(&world, &[incident]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["mixed SUSPECT"]);
    tell(&world, &[of("c-us", -6900, &json!({"healthScore": 1}))]).await;
    assert_eq!(shown(&world, "verdict=true").await, ["mixed BAD"]);
    assert_eq!(notes(&world).await, [("c-eu".into(), Noted::Suspect), ("c-us".into(), Noted::Bad)].into());
    // What is bad no more is still suspected, of which people were told before: the cell says what is so now.
    let cleared = json!({"type": "verdict", "service": "cart", "version": "2", "outcome": "CLEARED", "reason": "r",
                         "triggeredBy": {"actor": "ana"}, "occurredAt": at(-10)});
    tell(&world, &[cleared]).await;
    let states = [super::state(&world, "c-us", "").await.0, super::state(&world, "c-eu", "").await.0];
    let noted = notes(&world).await;
    let expected = |id: &str| noted.get(id).map_or(json!(null), |noted| json!(noted));
    for (id, state) in ["c-us", "c-eu"].into_iter().zip(states) {
        let is_against = ["BAD", "SUSPECT"].map(Value::from).contains(&state);
        assert_eq!(expected(id), if is_against { state } else { json!(null) }, "{id}");
    }
}

#[tokio::test]
async fn a_matrix_reads_all_of_it_in_one_call_and_what_can_not_run_any_more_is_forgotten() {
    let world = World::new().await;
    tell(&world, &[event("c-0", -7200, "COMPLETED", "0"), of("c-0", -7100, &json!({"errorRate": 20}))]).await;
    assert_eq!(notes(&world).await, [("c-0".into(), Noted::Bad)].into());
    for service in ["cart", "web", "search"] {
        let other = json!({"service": service, "environment": "staging"});
        tell(&world, &[with(event(&format!("s-{service}"), -7200, "COMPLETED", "1"), &other)]).await;
    }
    let count = async |query: &str| {
        world.wire.reset();
        world.get(&format!("/v1/live?{query}")).await;
        (world.wire.calls().len(), world.wire.rounds())
    };
    count("difference=true").await;
    let ((calls, rounds), more) = (count("limit=100").await, count("limit=100&verdict=true").await);
    assert_eq!(more, (calls + 1, rounds), "one call more, and nobody waits for it");
    // Beyond what a cell remembers of its log, nothing of it can run again.
    let landings: Vec<Value> =
        (1..=30).map(|n| event(&format!("c-{n}"), -7000 + n * 60, "COMPLETED", &n.to_string())).collect();
    tell(&world, &landings).await;
    assert_eq!(notes(&world).await.len(), 1, "a landing costs nothing");
    tell(&world, &[of("c-30", -5100, &json!({"errorRate": 20}))]).await;
    assert_eq!(notes(&world).await, [("c-30".into(), Noted::Bad)].into());
}

#[tokio::test]
async fn the_pages_say_it_with_a_symbol_and_a_word() {
    let world = World::new().await;
    tell(&world, &[event("c-1", -7200, "COMPLETED", "1"), of_place(-7100, &json!({"errorRate": 20}))]).await;
    for (path, of) in [
        ("/live", "td.is-wrong"),
        ("/services/cart", "main"),
        ("/environments/production", "main"),
        ("/", "li.is-wrong"),
    ] {
        let (status, _, document) = world.page(path).await;
        assert_eq!(status, 200, "{path}");
        let page = Html::parse_document(&document);
        let there = Selector::parse(&format!("{of} .said.bad, {of} span.said.bad")).unwrap();
        let said: Vec<String> = page.select(&there).map(|said| said.text().collect::<String>()).collect();
        assert!(said.iter().any(|said| said.trim_start_matches("verdict: ") == "bad"), "{path}: {said:?}");
    }
    let (_, _, wrong) = world.page("/live?only=wrong").await;
    assert!(wrong.contains("href=\"/deployments/c-1\""), "it wants a look");
    let (_, _, overview) = world.page("/").await;
    assert!(overview.contains("cart 1 is bad in production"), "{overview}");
}
