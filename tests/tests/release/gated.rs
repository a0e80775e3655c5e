//! The gate's check that a release is complete in the environment before.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use super::{event, post, put, world};

async fn check(world: &World, version: &str, more: &str) -> (String, Value) {
    let question = format!("/v1/gate?service=cart&environment=production&version={version}{more}");
    let answer = world.get(&question).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let check = answer.body["checks"][5].clone();
    assert_eq!(check["check"], "releaseComplete");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let allowed = answer.body["decision"] == "ALLOW";
    assert_eq!(allowed, check["outcome"] == "PASSED", "{answer:?}");
    (format!("{} {}", text(&check["outcome"]), text(&check["detail"])), check["evidence"].clone())
}

async fn expect(world: &World, version: &str, more: &str, expected: &str) {
    let (told, _) = check(world, version, more).await;
    assert!(told.starts_with(expected), "{version}{more}: {told}");
}

#[tokio::test]
async fn a_version_goes_on_when_the_release_that_it_belongs_to_is_complete_before() {
    let world = world().await;
    expect(&world, "2", "", "PASSED cart 2 belongs to no release").await;
    let of_7 = json!({"release": "7"});
    post(&world, &[event("cart@2 staging", -600, "COMPLETED", &of_7)]).await;
    expect(&world, "2", "", "PASSED 7 is complete in staging").await;
    expect(&world, "3", "", "PASSED cart 3 belongs to no release").await;
    post(&world, &[event("search@4 staging", -500, "FAILED", &of_7)]).await;
    expect(&world, "2", "", "FAILED not complete in staging: 7 (search failed)").await;
    let (_, evidence) = check(&world, "2", "").await;
    assert_eq!((&evidence[0]["kind"], &evidence[0]["release"]), (&json!("INCOMPLETE"), &json!("7")));
    // A declaration counts from when it was made, for the environment that it names.
    put(&world, "decl", &json!({"services": {"shop-cart": "3", "web": "1"}, "environments": ["prod"]}), None, -300)
        .await;
    put(&world, "far", &json!({"services": {"cart": "3"}, "environments": ["abroad"]}), None, -300).await;
    expect(&world, "3", "", "FAILED not complete in staging: decl (cart runs something else, web was never deployed)")
        .await;
    post(
        &world,
        &[
            event("cart@3 staging", -200, "COMPLETED", &json!({})),
            event("web@1 staging", -100, "COMPLETED", &json!({})),
        ],
    )
    .await;
    expect(&world, "3", "", "PASSED decl is complete in staging").await;
    // As of earlier times, each as it was decided then.
    let then = |seconds: i64| format!("&asOf={0}&knownAt={0}", at(seconds));
    expect(
        &world,
        "3",
        &format!("&asOf={}", at(-150)),
        "FAILED not complete in staging: decl (web was never deployed)",
    )
    .await;
    expect(&world, "3", &format!("&asOf={}", at(-301)), "PASSED cart 3 belongs to no release").await;
    expect(&world, "2", &format!("&asOf={}", at(-550)), "PASSED 7 is complete in staging").await;
    // All was recorded at noon, but for what was declared.
    expect(&world, "3", &then(-1), "FAILED not complete in staging: decl (cart was never deployed, web was never")
        .await;
    expect(&world, "3", &then(0), "PASSED decl is complete in staging").await;
}

#[tokio::test]
async fn before_the_first_environment_there_is_nothing_to_be_complete() {
    let mut world = World::new().await;
    world.apply(&json!({"environments": [{"name": "production", "gate": {"releaseComplete": true}}]})).await;
    expect(&world, "2", "", "PASSED no environment stands before production").await;
}

#[tokio::test]
async fn more_releases_than_are_looked_at_are_not_allowed_and_what_can_t_be_read_is_no_answer() {
    let world = world().await;
    post(&world, &[event("cart@2 staging", -600, "COMPLETED", &json!({"release": "7"}))]).await;
    world.get("/v1/gate?service=cart&environment=production&version=2").await;
    world.wire.reset();
    expect(&world, "2", "", "PASSED 7").await;
    let calls = world.wire.calls().len();
    for broken in 0..calls {
        world.wire.decide(move |number, _, _| if number == broken { Fault::Before } else { Fault::None });
        let question = "/v1/gate?service=cart&environment=production&version=2";
        if let Ok(answer) = world.request("GET", question, &[], b"", at(0)).await {
            assert!(answer.status >= 500, "call {broken}: {answer:?}");
        }
    }
    world.wire.decide(|_, _, _| Fault::None);
    for n in 0..=10 {
        put(&world, &format!("r-{n}"), &json!({"services": {"cart": "2"}}), None, 0).await;
    }
    expect(&world, "2", "", "FAILED cart 2 may belong to more releases than are looked at").await;
}
