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
