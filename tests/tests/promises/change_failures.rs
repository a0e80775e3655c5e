//! Change failures: what counts against which deployment, whatever the order in which it was told.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event_with, record};

fn version(id: &str, seconds: i64, status: &str, version: &str) -> Value {
    event_with(id, seconds, status, &json!({"version": version}))
}

fn incident(id: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = event_with(&format!("incident:{id}"), seconds, status, &json!({"type": "incident"}));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// What is counted in the two days before noon.
async fn dora(world: &World) -> Value {
    let answer = world.get("/v1/metrics?hours=48").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["dora"].clone()
}

/// The deployment that each incident counts against.
async fn blamed(world: &World) -> Vec<(String, Value)> {
    let listed = world.get_at("/v1/incidents", at(3600)).await.body;
    let one = |item: &Value| (item["incidentId"].as_str().unwrap().to_owned(), item["deploymentId"].clone());
    listed["items"].as_array().unwrap().iter().map(one).collect()
}

fn failures(undone: u64, failed_after: u64, judged_bad: u64, incidents: u64, total: u64) -> Value {
    json!({
        "undone": undone, "failedAfter": failed_after, "judgedBad": judged_bad, "incidents": incidents, "total": total,
    })
}

/// A story is told forwards and backwards, and gives the same.
async fn told(story: &[Value]) -> World {
    let (world, other) = (World::new().await, World::new().await);
    record(&world, story).await;
    record(&other, &story.iter().rev().cloned().collect::<Vec<_>>()).await;
    assert_eq!(dora(&world).await, dora(&other).await);
    assert_eq!(blamed(&world).await, blamed(&other).await);
    world.expect_state_is_history().await;
    world
}

#[tokio::test]
async fn an_incident_counts_against_what_was_live_when_it_began_if_that_landed_shortly_before() {
    let hour = 3600;
    let world = told(&[
        version("one", -40 * hour, "COMPLETED", "1"),
        // More than a day after it.
        incident("late", -15 * hour, "COMPLETED", &json!({})),
        version("two", -10 * hour, "COMPLETED", "2"),
        // In its last moment, while it was the newest; open.
        incident("open", -5 * hour, "IN_PROGRESS", &json!({})),
        version("three", -4 * hour, "COMPLETED", "3"),
        // It names what ran before.
        incident("names", -3 * hour, "COMPLETED", &json!({"version": "2"})),
        incident("unheard-of", -3 * hour - 1, "COMPLETED", &json!({"version": "9"})),
        incident("elsewhere", -3 * hour - 2, "COMPLETED", &json!({"service": "search"})),
    ])
    .await;
    assert_eq!(
        blamed(&world).await,
        [
            ("incident:names", json!("two")),
            ("incident:unheard-of", Value::Null),
            ("incident:elsewhere", Value::Null),
            ("incident:open", json!("two")),
            ("incident:late", Value::Null),
        ]
        .map(|(id, of)| (id.to_owned(), of))
    );
    let dora = dora(&world).await;
    assert_eq!(dora["changeFailures"], failures(0, 0, 0, 1, 1));
    assert_eq!(dora["changeFailureRate"], 100.0 / 3.0);
    // One recovery of both incidents: to the next that landed, an hour after the first of them began.
    assert_eq!(dora["medianTimeToRestoreSeconds"], 3600.0);
    assert_eq!(dora["deploymentReworkRate"], 100.0 / 3.0, "what restored it");
    // At the very end of the time in which it is suspected, and a millisecond later.
    for (ahead, of) in [(0, json!("first")), (1, Value::Null)] {
        let began = at(-2 * hour).plus_millis(ahead);
        let opening = incident("1", 0, "IN_PROGRESS", &json!({"occurredAt": began}));
        let world = told(&[version("first", -26 * hour, "COMPLETED", "1"), opening]).await;
        assert_eq!(blamed(&world).await, [("incident:1".to_owned(), of)]);
    }
}

#[tokio::test]
async fn an_old_version_that_is_deployed_anew_undoes_what_it_replaces() {
    let story = [
        version("one", -9000, "COMPLETED", "1"),
        version("two", -8000, "COMPLETED", "2"),
        version("one-again", -7000, "COMPLETED", "1"),
        version("three", -6000, "COMPLETED", "3"),
        // The same again is no way back.
        version("three-again", -5000, "COMPLETED", "3"),
    ];
    let mut world = told(&story).await;
    let found = dora(&world).await;
    assert_eq!(found["changeFailures"], failures(1, 0, 0, 0, 1));
    assert_eq!((&found["changeFailureRate"], &found["deploymentReworkRate"]), (&json!(20.0), &json!(20.0)));
    assert_eq!(found["medianTimeToRestoreSeconds"], 1000.0, "from when it landed");
    world.apply(&json!({"health": {"rollbackIsFailure": false}})).await;
    assert_eq!(dora(&world).await["changeFailures"], failures(0, 0, 0, 0, 0));
}

#[tokio::test]
async fn what_was_measured_badly_counts_until_it_is_cleared() {
    let measured = |id: &str, seconds: i64, metrics: Value| json!({"type": "observation", "deploymentId": id, "metrics": metrics, "occurredAt": at(seconds)});
    let of_place = json!({
        "type": "observation", "service": "mail", "environment": "staging", "metrics": {"healthScore": 10},
        "occurredAt": at(-8990),
    });
    let world = told(&[
        event_with("mail", -9000, "COMPLETED", &json!({"service": "mail", "version": "7"})),
        of_place,
        version("bad", -8000, "COMPLETED", "1"),
        measured("bad", -7900, json!({"errorRate": 9})),
        version("good", -7000, "COMPLETED", "2"),
        measured("good", -6900, json!({"errorRate": 1})),
        // Its own event says so; and of this one after its watch.
        event_with("own", -6000, "COMPLETED", &json!({"version": "3", "metrics": {"healthScore": 50}})),
        version("later", -5000, "COMPLETED", "4"),
        measured("later", -3000, json!({"errorRate": 90})),
    ])
    .await;
    let found = dora(&world).await;
    assert_eq!(found["changeFailures"], failures(0, 0, 3, 0, 3), "mail, bad and own");
    let cleared = json!({
        "type": "verdict", "service": "cart", "version": "1", "outcome": "CLEARED", "reason": "measured wrong",
        "occurredAt": at(-100),
    });
    assert_eq!(world.post(&cleared).await.status, 201);
    assert_eq!(dora(&world).await["changeFailures"], failures(0, 0, 2, 0, 2));
}

#[tokio::test]
async fn what_the_settings_call_production_counts_where_no_environment_is_named() {
    let mut world = World::new().await;
    let to = |id: &str, environment: &str| event_with(id, -60, "COMPLETED", &json!({"environment": environment}));
    record(&world, &[to("a", "staging"), to("b", "live"), to("c", "live-eu"), to("d", "L")]).await;
    let counted = async |world: &World, query: &str| {
        let body = world.get(&format!("/v1/metrics?{query}")).await.body;
        (body["deployments"]["completed"].clone(), body["environments"].clone())
    };
    assert_eq!(counted(&world, "").await, (json!(4), json!({"names": null, "because": "all"})));
    let environments = json!([
        {"name": "staging"}, {"name": "live", "aliases": ["L"], "production": true},
        {"name": "live-eu", "production": true},
    ]);
    world.apply(&json!({"environments": environments})).await;
    let production = json!({"names": ["live", "L", "live-eu"], "because": "production"});
    assert_eq!(counted(&world, "").await, (json!(3), production));
    let asked = json!({"names": ["staging"], "because": "asked"});
    assert_eq!(counted(&world, "environment=staging").await, (json!(1), asked));
}
