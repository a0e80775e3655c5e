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
    let declare = async |n: u32, version: &str, seconds: i64| {
        put(&world, &format!("r-{n:02}"), &json!({"services": {"cart": version}}), None, seconds).await
    };
    for n in 0..49 {
        declare(n, "2", -100).await;
    }
    expect(&world, "2", "", "PASSED 7, r-00, r-01, r-02, r-03 and 45 more are complete in staging").await;
    declare(49, "2", -90).await;
    expect(&world, "2", "", "FAILED cart 2 may belong to more releases than are looked at").await;
    // What it belonged to once does not count, but for a time at which it did.
    declare(3, "3", -80).await;
    expect(&world, "2", "", "PASSED 7, r-00, r-01, r-02, r-04 and 45 more are complete in staging").await;
    expect(&world, "2", &format!("&asOf={}", at(-85)), "FAILED cart 2 may belong to more releases").await;
}

#[tokio::test]
async fn a_release_counts_however_often_the_version_was_deployed_again_without_it() {
    let world = world().await;
    post(&world, &[event("cart@2 staging", -600, "COMPLETED", &json!({"release": "7"}))]).await;
    post(&world, &[event("search@4 staging", -500, "FAILED", &json!({"release": "7"}))]).await;
    let decided = check(&world, "2", "").await;
    assert_eq!(decided.0.split(';').next(), Some("FAILED not complete in staging: 7 (search failed)"));
    for n in 0..11 {
        let again = json!({"deploymentId": format!("again-{n}")});
        post(&world, &[event("cart@2 staging", -400 + n, "COMPLETED", &again)]).await;
    }
    assert_eq!(check(&world, "2", "").await, decided);
    // Nor does what is told later of that time change what was decided by then.
    for n in 0..11 {
        for status in ["IN_PROGRESS", "COMPLETED"] {
            let late = event("cart@2 staging", 0, status, &json!({"deploymentId": format!("late-{n}")}));
            assert_eq!(world.post_at(&late, at(1000)).await.status, 201);
        }
    }
    assert_eq!(check(&world, "2", &format!("&asOf={0}&knownAt={0}", at(0))).await, decided);
    // A release that was named later was not known then, and one that is no longer named does not count.
    let late = event("cart@2 staging", -450, "COMPLETED", &json!({"deploymentId": "late", "release": "8"}));
    assert_eq!(world.post_at(&late, at(1000)).await.status, 201);
    assert_eq!(check(&world, "2", &format!("&asOf={0}&knownAt={0}", at(0))).await, decided);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_release_counts_wherever_the_version_was_deployed_with_it() {
    let mut world = World::new().await;
    let gate = json!({"releaseComplete": true});
    let path = json!({"environments": [
        {"name": "development"}, {"name": "staging"}, {"name": "production", "gate": gate}]});
    assert_eq!(world.apply(&path).await.status, 201);
    let (of_5, plain) = (json!({"release": "5"}), json!({}));
    let removal = json!({"deploymentId": "gone", "type": "removal", "release": "6"});
    post(
        &world,
        &[
            event("cart@7 development", -90, "COMPLETED", &of_5),
            event("ui@7 development", -80, "COMPLETED", &of_5),
            event("cart@7 staging", -70, "COMPLETED", &plain),
            event("old@1 development", -60, "COMPLETED", &plain),
            event("cart@1 development", -50, "COMPLETED", &removal),
        ],
    )
    .await;
    expect(&world, "7", "", "FAILED not complete in staging: 5 (cart was skipped, ui was skipped)").await;
    expect(&world, "1", "", "PASSED cart 1 belongs to no release").await;
    // By its commit too, whatever version that was deployed as.
    let main = json!({"deploymentId": "main", "commit": "c0ffee9", "release": "9"});
    post(&world, &[event("cart@main development", -40, "COMPLETED", &main)]).await;
    expect(&world, "9", "&commit=c0ffee9", "FAILED not complete in staging: 9 (cart was skipped)").await;
    expect(&world, "9", "&commit=c0ffee8", "PASSED cart 9 belongs to no release").await;
}
