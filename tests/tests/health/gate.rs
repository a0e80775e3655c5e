//! A version of which something bad was measured is remembered: the gate denies it until it is cleared.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, of_place, record, with};

async fn decision(world: &World, query: &str) -> (Value, Value) {
    let answer = world.get(&format!("/v1/gate?service=cart&environment=production&{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let check = answer.body["checks"].as_array().unwrap().iter().find(|check| check["check"] == "notBad").unwrap();
    (answer.body["decision"].clone(), check.clone())
}

#[tokio::test]
async fn what_went_badly_in_one_environment_is_denied_along_the_path_until_it_is_cleared() {
    let mut world = World::new().await;
    let gate = json!({"notBad": true});
    let environments = json!([{"name": "staging"}, {"name": "production", "gate": gate}]);
    assert_eq!(world.apply(&json!({"environments": environments})).await.status, 201);
    let staging = json!({"environment": "staging"});
    record(
        &world,
        &[
            with(event("s-1", -9000, "COMPLETED", "1"), &staging),
            with(event("s-2", -3600, "COMPLETED", "2"), &staging),
            with(of_place(-3500, &json!({"errorRate": 20})), &staging),
            // After its watch, and of what ran before: of neither version.
            with(of_place(-100, &json!({"errorRate": 30})), &staging),
        ],
    )
    .await;
    assert_eq!(decision(&world, "version=1").await.0, json!("ALLOW"));
    let (denied, check) = decision(&world, "version=2").await;
    assert_eq!((denied, &check["outcome"]), (json!("DENY"), &json!("FAILED")));
    let says = "2 went badly in staging (s-2): errorRate was 20, above 5 at 2026-03-01T11:01:40.000Z; it passes for \
                another version, or once it is cleared: deployment-status bad clear cart@2 --reason WHY";
    assert_eq!(check["detail"], json!(says));
    let evidence = &check["evidence"][0];
    assert_eq!((&evidence["kind"], &evidence["deploymentId"]), (&json!("MEASURED"), &json!("s-2")));
    // At other times: before it was measured, and as it was known before it was.
    assert_eq!(decision(&world, &format!("version=2&asOf={}", at(-3501))).await.0, json!("ALLOW"));
    assert_eq!(decision(&world, &format!("version=2&asOf={}", at(-3500))).await.0, json!("DENY"));
    let cleared = json!({"type": "verdict", "service": "cart", "version": "2", "outcome": "CLEARED", "reason": "r",
                         "occurredAt": at(-50)});
    record(&world, &[cleared]).await;
    assert_eq!(decision(&world, "version=2").await.0, json!("ALLOW"));
    assert_eq!(decision(&world, &format!("version=2&asOf={}", at(-51))).await.0, json!("DENY"));
    // What is measured anew speaks against it anew.
    record(&world, &[with(event("s-3", -40, "COMPLETED", "2"), &staging)]).await;
    record(&world, &[with(of_place(-30, &json!({"healthScore": 10})), &staging)]).await;
    assert_eq!(decision(&world, "version=2").await.0, json!("DENY"));
}

/// What the gate of production says of version 1 by `provenIn` and `notBad`.
async fn outcomes(world: &World, query: &str) -> [Value; 2] {
    let answer = world.get(&format!("/v1/gate?service=cart&environment=production&version=1&{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    [0, 2].map(|nth| answer.body["checks"][nth]["outcome"].clone())
}

async fn asking() -> World {
    let mut world = World::new().await;
    let gate = json!({"notBad": true, "provenIn": "staging"});
    let environments = json!([{"name": "staging", "aliases": ["stage"]}, {"name": "production", "gate": gate}]);
    let settings = json!({"environments": environments, "health": {"healthScore": 50}});
    assert_eq!(world.apply(&settings).await.status, 201);
    world
}

/// An event of `cart` in staging.
fn staged(seconds: i64, status: &str, more: &Value) -> Value {
    with(with(event("s-1", seconds, status, "1"), &json!({"environment": "stage"})), more)
}

#[tokio::test]
async fn what_its_own_events_say_denies_it_too_by_the_bounds_of_its_landing_in_any_order() {
    let check = |status, seconds| staged(seconds, status, &json!({"type": "stage", "stage": "HEALTH_CHECK"}));
    let score = |score: f64| json!({"metrics": {"healthScore": score}});
    let begun = || staged(-3600, "IN_PROGRESS", &json!({}));
    let landed = |more: &Value| staged(-3500, "COMPLETED", more);
    let at_bound = landed(&score(50.0));
    // Whatever comes first: by the settings of the landing, which were none yet for what is long over.
    for (events, expected) in [
        (vec![begun(), landed(&json!({}))], ["PASSED", "PASSED"]),
        (vec![begun(), landed(&score(80.0))], ["PASSED", "PASSED"]),
        (vec![begun(), landed(&score(79.9))], ["FAILED", "FAILED"]),
        (vec![begun(), landed(&json!({"metrics": {"errorRate": 5}}))], ["PASSED", "PASSED"]),
        (vec![begun(), landed(&json!({"metrics": {"errorRate": 5.1}}))], ["FAILED", "FAILED"]),
        (vec![begun(), at_bound], ["FAILED", "FAILED"]),
        (vec![begun(), check("IN_PROGRESS", -3590), check("FAILED", -3580), landed(&json!({}))], ["FAILED", "FAILED"]),
        (vec![begun(), check("COMPLETED", -3580), landed(&json!({}))], ["PASSED", "PASSED"]),
        // At the end of the watch, and after it.
        (vec![begun(), landed(&json!({})), check("FAILED", -1700)], ["FAILED", "FAILED"]),
        (vec![begun(), landed(&json!({})), check("FAILED", -1699)], ["PASSED", "PASSED"]),
        // What never landed was not proven; and a plain failure is not bad.
        (vec![begun(), check("FAILED", -3580)], ["FAILED", "PASSED"]),
        (vec![begun(), check("FAILED", -3580), staged(-3500, "FAILED", &json!({}))], ["FAILED", "PASSED"]),
    ] {
        let mut reversed = events.clone();
        reversed.reverse();
        for events in [&events, &reversed] {
            let world = asking().await;
            record(&world, events).await;
            assert_eq!(outcomes(&world, "").await, expected.map(Value::from), "{events:?}");
            world.expect_state_is_history().await;
        }
    }
}

#[tokio::test]
async fn what_went_badly_is_not_proven_until_it_is_cleared_also_if_it_landed_again() {
    let world = asking().await;
    record(&world, &[staged(-3600, "COMPLETED", &json!({}))]).await;
    assert_eq!(outcomes(&world, "").await, ["PASSED", "PASSED"]);
    let staging = json!({"environment": "staging"});
    record(&world, &[with(of_place(-3000, &json!({"errorRate": 9})), &staging)]).await;
    assert_eq!(outcomes(&world, "").await, ["FAILED", "FAILED"]);
    assert_eq!(outcomes(&world, &format!("asOf={}", at(-3001))).await, ["PASSED", "PASSED"]);
    record(&world, &[with(event("s-2", -600, "COMPLETED", "1"), &staging)]).await;
    assert_eq!(outcomes(&world, "").await, ["FAILED", "FAILED"]);
    let cleared = json!({"type": "verdict", "service": "cart", "version": "1", "outcome": "CLEARED", "reason": "r",
                         "environment": "stage", "occurredAt": at(-50)});
    record(&world, &[cleared]).await;
    assert_eq!(outcomes(&world, "").await, ["PASSED", "PASSED"]);
    assert_eq!(outcomes(&world, &format!("asOf={}", at(-51))).await, ["FAILED", "FAILED"]);
}

#[tokio::test]
async fn its_own_measurements_take_a_call_for_each_landing_and_others_none() {
    let mut calls = Vec::new();
    for more in [json!({}), json!({"metrics": {"healthScore": 100}}), json!({"metrics": {"healthScore": 99}})] {
        let world = asking().await;
        record(&world, &[staged(-3600, "COMPLETED", &more), with(event("p-1", -3000, "COMPLETED", "1"), &more)]).await;
        outcomes(&world, "").await;
        world.wire.reset();
        assert_eq!(outcomes(&world, "").await, ["PASSED", "PASSED"]);
        calls.push(world.wire.calls().len());
    }
    assert_eq!((calls[1] - calls[0], calls[2] - calls[0]), (0, 2), "{calls:?}");
}
