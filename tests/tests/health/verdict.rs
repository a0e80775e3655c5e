//! Verdicts: from what was observed, said and done to how a deployment went.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, of, of_place, record, state, verdict, with};

/// A state without reasons.
fn only(state: &str) -> (Value, Vec<Value>) {
    (json!(state), vec![])
}

fn bad(rules: &[&str]) -> (Value, Vec<Value>) {
    (json!("BAD"), rules.iter().map(|rule| json!(rule)).collect())
}

#[tokio::test]
async fn what_is_measured_in_a_place_is_of_what_ran_there_then() {
    let world = World::new().await;
    record(
        &world,
        &[
            event("c-1", -7200, "COMPLETED", "1"),
            event("c-2", -3600, "COMPLETED", "2"),
            of_place(-3601, &json!({"errorRate": 20})),
            of_place(-3000, &json!({"errorRate": 7.5, "healthScore": 99})),
            of_place(-2400, &json!({"errorRate": 40})),
            of_place(-60, &json!({"errorRate": 90})),
        ],
    )
    .await;
    // Measured after the watch of the first, and before the second landed.
    assert_eq!(state(&world, "c-1", "").await, only("UNOBSERVED"));
    assert_eq!(state(&world, "c-2", "").await, bad(&["errorRate"]));
    let found = verdict(&world, "c-2", "").await;
    let reason = &found["reasons"][0];
    assert_eq!(
        [&reason["observed"], &reason["bound"], &reason["baseline"], &reason["count"]],
        [&json!(40.0), &json!(5.0), &Value::Null, &json!(2)],
        "{found}"
    );
    assert_eq!(
        [&reason["first"], &reason["last"], &reason["at"]],
        [&json!(at(-3000)), &json!(at(-2400)), &json!(at(-2400))]
    );
    assert_eq!((&found["since"], &found["outside"]), (&json!(at(-3000)), &json!(0)), "{found}");
    assert_eq!(reason["evidence"][0]["deploymentId"], json!("observations:production:cart:2026-03-01T11"));
    // As it was at other times.
    for (seconds, expected) in [(-3600, only("WATCHING")), (-3001, only("WATCHING")), (-3000, bad(&["errorRate"]))] {
        assert_eq!(state(&world, "c-2", &format!("asOf={}", at(seconds))).await, expected, "{seconds}");
    }
    for (seconds, expected) in [(-5401, "WATCHING"), (-5400, "UNOBSERVED")] {
        assert_eq!(state(&world, "c-1", &format!("asOf={}", at(seconds))).await, only(expected), "{seconds}");
    }
}

#[tokio::test]
async fn the_order_of_arrival_changes_no_byte() {
    let events = [
        event("c-1", -7200, "COMPLETED", "1"),
        event("c-2", -3600, "IN_PROGRESS", "2"),
        event("c-2", -3500, "COMPLETED", "2"),
        of_place(-3550, &json!({"errorRate": 20})),
        of_place(-3400, &json!({"errorRate": 30})),
        with(of("c-2", -3300, &json!({"latencyP95Ms": 130})), &json!({"baseline": {"latencyP95Ms": 100}})),
        with(of("c-2", -3250, &json!({"latencyP95Ms": 130})), &json!({"baseline": {"latencyP95Ms": 0}})),
        event("c-3", -3200, "COMPLETED", "3"),
        of_place(-3100, &json!({"healthScore": 50})),
    ];
    let mut verdicts = Vec::new();
    for turned in 0..events.len() {
        let (mut forth, world) = (events.to_vec(), World::new().await);
        forth.rotate_left(turned);
        if turned % 2 == 1 {
            forth.reverse();
        }
        record(&world, &forth).await;
        let of_each =
            [verdict(&world, "c-1", "").await, verdict(&world, "c-2", "").await, verdict(&world, "c-3", "").await];
        verdicts.push(serde_json::to_string(&of_each).unwrap());
        world.expect_state_is_history().await;
    }
    assert!(verdicts.iter().all(|found| *found == verdicts[0]), "{verdicts:#?}");
    let found: Value = serde_json::from_str(&verdicts[0]).unwrap();
    let rules =
        |n: usize| found[n]["reasons"].as_array().unwrap().iter().map(|r| r["rule"].clone()).collect::<Vec<_>>();
    assert_eq!(rules(1), vec![json!("errorRate"), json!("latencyP95Ms")], "{found}");
    assert_eq!(found[1]["reasons"][1]["baseline"], json!(100.0));
    assert_eq!(rules(2), vec![json!("healthScore")], "{found}");
}

#[tokio::test]
async fn its_own_events_say_how_it_went() {
    let world = World::new().await;
    let metrics = |metrics: Value| json!({"metrics": metrics});
    let check = json!({"type": "stage", "stage": "HEALTH_CHECK", "error": {"message": "2 of 3 answer"}});
    record(
        &world,
        &[
            with(event("good", -3600, "COMPLETED", "1"), &metrics(json!({"healthScore": 98.5, "errorRate": 0.1}))),
            with(event("sick", -3500, "COMPLETED", "2"), &metrics(json!({"healthScore": 79}))),
            event("failed", -3400, "IN_PROGRESS", "3"),
            with(event("failed", -3350, "FAILED", "3"), &check),
            event("failed", -3340, "FAILED", "3"),
            event("plain", -3330, "FAILED", "4"),
            event("back", -3300, "COMPLETED", "5"),
            event("back", -60, "ROLLED_BACK", "5"),
            event("late", -50, "COMPLETED", "6"),
            event("late", -40, "FAILED", "6"),
            event("new", -30, "COMPLETED", "7"),
            event("begun", -20, "IN_PROGRESS", "8"),
        ],
    )
    .await;
    for (id, expected) in [
        ("good", only("GOOD")),
        ("sick", bad(&["healthScore"])),
        ("failed", bad(&["healthCheck"])),
        ("back", bad(&["rolledBack"])),
        ("late", bad(&["failedAfterCompleting"])),
        ("new", only("WATCHING")),
        // A plain failure is a failure, and no verdict; what has not landed has none.
        ("plain", (Value::Null, vec![])),
        ("begun", (Value::Null, vec![])),
    ] {
        assert_eq!(state(&world, id, "").await, expected, "{id}");
    }
    let found = verdict(&world, "failed", "").await;
    assert_eq!(found["reasons"][0]["evidence"][0]["reason"], json!("2 of 3 answer"), "{found}");
    // What was observed of what was rolled back since is read, and explained.
    record(&world, &[of("back", -10, &json!({"errorRate": 100}))]).await;
    let found = verdict(&world, "back", "").await;
    assert_eq!((&found["outside"], found["reasons"].as_array().unwrap().len()), (&json!(1), 1), "{found}");
}

#[tokio::test]
async fn bounds_are_those_of_when_it_was_received_and_of_the_place() {
    let mut world = World::new().await;
    let health = |error_rate: f64| {
        json!({
            "environments": [{"name": "production", "health": {"errorRate": error_rate}}],
            "services": [{"name": "pay", "health": {"errorRate": 50}}],
        })
    };
    record(&world, &[event("c-1", -600, "COMPLETED", "1")]).await;
    record(&world, &[with(event("p-1", -600, "COMPLETED", "1"), &json!({"service": "pay"}))]).await;
    assert_eq!(world.apply(&health(1.0)).await.status, 201);
    let rate = json!({"errorRate": 3});
    assert_eq!(world.post_at(&of_place(-500, &rate), at(60)).await.status, 201);
    assert_eq!(world.post_at(&of("p-1", -500, &rate), at(60)).await.status, 201);
    let at_later = |id: &str| format!("/v1/deployments/{id}?asOf={}", at(61));
    let then = world.get_at(&at_later("c-1"), at(120)).await.body["verdict"].clone();
    assert_eq!((&then["state"], &then["reasons"][0]["bound"]), (&json!("BAD"), &json!(1.0)), "{then}");
    let of_pay = world.get_at(&at_later("p-1"), at(120)).await.body["verdict"].clone();
    assert_eq!(of_pay["state"], json!("WATCHING"), "what is said of the service counts first: {of_pay}");
    // A bound that changes later changes nothing of it.
    let (json, body) = ([("content-type", "application/json")], health(90.0).to_string());
    let applied = world.request("PUT", "/v1/settings", &json, body.as_bytes(), at(180)).await.unwrap();
    assert_eq!(applied.status, 201, "{}", applied.body);
    let after = world.get_at(&at_later("c-1"), at(240)).await.body["verdict"].clone();
    assert_eq!(after, then);
}

#[tokio::test]
async fn what_someone_calls_bad_is_bad_until_it_is_cleared_with_all_that_was_before() {
    let world = World::new().await;
    let said = |outcome: &str, seconds: i64| {
        json!({
            "type": "verdict", "service": "cart", "version": "2", "outcome": outcome, "reason": "loses orders",
            "occurredAt": at(seconds), "triggeredBy": {"actor": "ada"},
        })
    };
    record(
        &world,
        &[event("c-2", -3600, "COMPLETED", "2"), of_place(-3500, &json!({"errorRate": 60})), said("BAD", -600)],
    )
    .await;
    assert_eq!(state(&world, "c-2", "").await, bad(&["errorRate", "marked"]));
    let found = verdict(&world, "c-2", "").await;
    assert_eq!(found["reasons"][1]["evidence"][0]["by"], json!("ada"), "{found}");
    record(&world, &[said("CLEARED", -300)]).await;
    assert_eq!(state(&world, "c-2", "").await, only("UNOBSERVED"));
    assert_eq!(state(&world, "c-2", &format!("asOf={}", at(-301))).await, bad(&["errorRate", "marked"]));
}

#[tokio::test]
async fn an_incident_that_began_where_it_ran_makes_it_suspected_unless_it_is_explained() {
    let world = World::new().await;
    let incident = |name: &str, seconds: i64, more: Value| {
        let id = format!("incident:{name}");
        with(event(&id, seconds, "IN_PROGRESS", "x"), &with(json!({"type": "incident", "version": null}), &more))
    };
    record(&world, &[event("c-1", -91_000, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
    record(&world, &[incident("other", -600, json!({"service": "pay"}))]).await;
    record(&world, &[incident("explained", -500, json!({"version": "1"}))]).await;
    record(&world, &[incident("before", -3601, json!({"version": "1"}))]).await;
    assert_eq!(state(&world, "c-2", "").await, only("UNOBSERVED"));
    record(&world, &[incident("ours", -400, json!({"notes": "5 % of payments fail"}))]).await;
    assert_eq!(state(&world, "c-2", "").await, (json!("SUSPECT"), vec![json!("incident")]));
    assert_eq!(state(&world, "c-2", &format!("asOf={}", at(-401))).await, only("UNOBSERVED"));
    let found = verdict(&world, "c-2", "").await;
    let evidence = &found["reasons"][0]["evidence"][0];
    assert_eq!(
        (&evidence["deploymentId"], &evidence["reason"]),
        (&json!("incident:ours"), &json!("5 % of payments fail"))
    );
    // What ran before is not suspected of what began once something else ran.
    assert_eq!(state(&world, "c-1", "").await, only("UNOBSERVED"));
    // That names it, it is of it; and a clearing of its version explains it.
    record(&world, &[incident("named", -300, json!({"version": "2"}))]).await;
    assert_eq!(verdict(&world, "c-2", "").await["reasons"][0]["count"], json!(2));
    record(
        &world,
        &[json!({"type": "verdict", "service": "cart", "version": "2", "outcome": "CLEARED", "reason": "r",
                            "occurredAt": at(-200)})],
    )
    .await;
    assert_eq!(state(&world, "c-2", "").await, only("UNOBSERVED"));
}

#[tokio::test]
async fn who_asks_by_a_clock_that_is_behind_is_answered() {
    let world = World::new().await;
    assert_eq!(world.post_at(&event("c-1", 30, "COMPLETED", "1"), at(60)).await.status, 201);
    assert_eq!(verdict(&world, "c-1", "").await, Value::Null, "by that clock it has not landed yet");
}
