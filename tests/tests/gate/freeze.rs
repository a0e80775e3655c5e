//! A freeze: declared while all runs, in force within a minute, over by itself.

use serde_json::json;
use tests::World;
use tests::world::at;

use super::{event, outcomes, settings};

#[tokio::test]
async fn a_freeze_applies_within_a_minute_is_seen_as_of_then_and_ends_by_itself() {
    let mut world = World::new().await;
    let mut without = settings();
    without["freezes"] = json!([]);
    assert_eq!(world.apply(&without).await.status, 201);
    assert_eq!(world.post(&event("s-2", -1200, "staging", "COMPLETED", "2")).await.status, 201);
    let gate = "/v1/gate?service=cart&environment=production&version=2";
    let decided = async |world: &World, seconds: i64, as_of: &str| {
        let answer = world.get_at(&format!("{gate}{as_of}"), at(seconds)).await;
        (outcomes(&answer).0, answer.body["settings"].clone())
    };
    let (allowed, denied) = (|version: u64| ("ALLOW".to_owned(), json!(version)), ("DENY".to_owned(), json!(2)));
    assert_eq!(decided(&world, 10, "").await, allowed(1));

    // Nothing is deployed, and nobody tells the function that answers.
    let mut frozen = without.clone();
    frozen["freezes"] = json!([{"name": "audit", "environments": ["production"], "from": at(0), "to": at(600)}]);
    let json = [("content-type", "application/json")];
    let applied = world.request("PUT", "/v1/settings", &json, frozen.to_string().as_bytes(), at(20)).await.unwrap();
    assert_eq!(applied.status, 201, "{applied:?}");
    assert_eq!(decided(&world, 69, "").await, allowed(1), "what it holds is no minute old");
    assert_eq!(decided(&world, 71, "").await, denied);
    assert_eq!(decided(&world, 599, "").await, denied);
    let detail = world.get_at(gate, at(599)).await.body["checks"][4]["detail"].clone();
    let until = at(600);
    assert_eq!(
        detail,
        format!(
            "the freeze audit holds for cart in production; it passes at {until}, or when the settings except cart"
        )
    );
    assert_eq!(decided(&world, 600, "").await, allowed(2), "no settings were applied for it to end");

    // Later still, of each time by the settings of then.
    let as_of = |seconds: i64| format!("&asOf={}", at(seconds));
    for (seconds, then) in [(10, allowed(1)), (19, allowed(1)), (21, denied.clone()), (599, denied), (600, allowed(2))]
    {
        assert_eq!(decided(&world, 86_400, &as_of(seconds)).await, then, "as of {seconds}");
    }
}
