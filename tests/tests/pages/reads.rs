//! What a page reads is bounded, however much there is.

use serde_json::{Value, json};
use tests::World;

use super::event;

/// A service in three environments with many deployments, among many other services.
async fn large() -> World {
    let world = World::new().await;
    let mut events = Vec::new();
    for n in 0..120 {
        let environment = ["development", "staging", "production"][n % 3];
        let status = if n % 7 == 0 { "FAILED" } else { "COMPLETED" };
        let seconds = -3600 * i64::try_from(n).unwrap() - 60;
        events.push(event(&format!("cart-{n}"), seconds, "cart", environment, &format!("1.{}", n / 3), status));
    }
    for n in 0..60 {
        for (environment, version) in [("staging", "2"), ("production", "1")] {
            let id = format!("s{n}-{environment}");
            events.push(event(&id, -7200, &format!("service-{n:02}"), environment, version, "COMPLETED"));
        }
    }
    for some in events.chunks(100) {
        let answer = world.post(&json!(some)).await;
        let recorded = |one: &Value| one["outcome"] == "recorded";
        assert!(answer.body.as_array().unwrap().iter().all(recorded), "{answer:?}");
    }
    world
}

#[tokio::test]
async fn pages_of_things_take_a_bounded_number_of_calls() {
    let mut world = large().await;
    let gate = json!({"provenIn": "staging", "soakMinutes": 10, "notBad": true, "nothingActive": true});
    let environments = json!([{"name": "development"}, {"name": "staging"}, {"name": "production", "gate": gate}]);
    assert_eq!(world.apply(&json!({"environments": environments})).await.status, 201);
    for (path, most) in [
        ("/services/cart", 24),
        ("/services/service-07", 18),
        ("/environments/production", 120),
        ("/deployments/cart-60", 20),
        ("/search?q=1.7", 32),
        ("/search?q=0123456789abcdef0123456789abcdef01234567", 40),
        ("/search?q=cart", 8),
    ] {
        // Settings are read at most once a minute.
        world.page(path).await;
        world.wire.reset();
        let (status, _, document) = world.page(path).await;
        assert!(matches!(status, 200 | 303), "{path}: {document}");
        let calls = world.wire.calls().len();
        eprintln!("{path}: {calls} calls in {} rounds, {} units", world.wire.rounds(), world.wire.units());
        assert!(calls <= most, "{path}: {calls} calls");
    }
}
