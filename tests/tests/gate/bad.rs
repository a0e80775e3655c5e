//! Bad versions: called so and cleared, undone long ago, and listed.

use serde_json::{Value, json};
use tests::World;
use tests::world::{Answer, at};

use super::{ask, event, expect, world};

fn verdict(outcome: &str, version: &str, seconds: i64) -> Value {
    json!({"type": "verdict", "service": "cart", "version": version, "outcome": outcome,
           "reason": format!("{outcome} at {seconds}"), "occurredAt": at(seconds), "triggeredBy": {"actor": "ada"}})
}

fn with(mut event: Value, more: &Value) -> Value {
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn bad(world: &World, query: &str) -> Answer {
    world.get(&format!("/v1/bad?{query}")).await
}

/// Version, commit and state of all that is listed, and why.
fn listed(answer: &Answer) -> Vec<(Value, Value, Vec<Value>)> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    let why = |item: &Value| item["evidence"].as_array().unwrap().iter().map(|e| e["why"].clone()).collect();
    items.iter().map(|item| (item["version"].clone(), item["state"].clone(), why(item))).collect()
}

#[tokio::test]
async fn what_someone_calls_bad_stays_out_until_someone_clears_it() {
    let world = world().await;
    world.post(&event("s-2", -3600, "staging", "COMPLETED", "2")).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    let answer = world.post(&verdict("BAD", "2", -100)).await;
    assert_eq!((answer.status, &answer.body["deploymentId"]), (201, &json!("verdicts:cart")), "{}", answer.body);
    assert_eq!(world.post(&verdict("BAD", "2", -100)).await.status, 200, "once");
    // Called bad everywhere, it is not proven either.
    expect(&world, "version=2", "DENY", "FPFPPN").await;
    // What was built from its commit landed as 2, so it is 2; another commit is not.
    expect(&world, "version=other&commit=c0ffee2", "DENY", "FPFPPN").await;
    expect(&world, "version=2&commit=abcdef1", "DENY", "FFFPPN").await;
    let denied = ask(&world, "version=2").await.body;
    let check = &denied["checks"][2];
    let said = "2 was called bad by ada at 2026-03-01T11:58:20.000Z: BAD at -100; it passes for another version, or \
                once it is cleared: deployment-status bad clear cart@2 --reason WHY";
    assert_eq!(check["detail"], said);
    let evidence = &check["evidence"][0];
    assert_eq!((&evidence["kind"], &evidence["by"]), (&json!("MARKED"), &json!("ada")));
    assert_eq!((&evidence["reason"], &evidence["at"]), (&json!("BAD at -100"), &json!(at(-100))));
    // Before then, and before it was known, it was not.
    expect(&world, &format!("version=2&asOf={}", at(-101)), "ALLOW", "PPPPPN").await;
    expect(&world, &format!("version=2&asOf={}", at(-100)), "DENY", "FPFPPN").await;
    world.post_at(&verdict("CLEARED", "2", -50), at(600)).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    expect(&world, &format!("version=2&asOf={}", at(-51)), "DENY", "FPFPPN").await;
    let known = format!("/v1/gate?service=cart&environment=production&version=2&asOf={0}&knownAt={0}", at(0));
    assert_eq!(world.get_at(&known, at(700)).await.body["decision"], "DENY", "the clearing was not known then");
    // What comes after the clearing counts anew.
    world.post(&verdict("BAD", "2", -40)).await;
    expect(&world, "version=2", "DENY", "FPFPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_verdict_on_an_environment_is_cleared_there_or_everywhere_and_is_found_by_version_or_commit() {
    let world = world().await;
    world.post(&event("s-2", -3600, "staging", "COMPLETED", "2")).await;
    let of_commit = json!({"commit": "c0ffee2", "version": null, "environment": "prod"});
    world.post(&with(verdict("BAD", "", -100), &of_commit)).await;
    expect(&world, "version=2&commit=c0ffee2", "DENY", "PPFPPN").await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    for (elsewhere, seconds) in ["abroad", "stage"].into_iter().zip(-95..) {
        let cleared = json!({"commit": "c0ffee2", "environment": elsewhere});
        world.post(&with(verdict("CLEARED", "2", seconds), &cleared)).await;
        expect(&world, "version=2&commit=c0ffee2", "DENY", "PPFPPN").await;
    }
    let cleared = json!({"commit": "c0ffee2", "environment": "production"});
    world.post(&with(verdict("CLEARED", "2", -90), &cleared)).await;
    expect(&world, "version=2&commit=c0ffee2", "ALLOW", "PPPPPN").await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    // Of another service, and under the other name of this one.
    world.post(&with(verdict("BAD", "2", -80), &json!({"service": "search"}))).await;
    expect(&world, "version=2&commit=c0ffee2", "ALLOW", "PPPPPN").await;
    world.post(&with(verdict("BAD", "2", -80), &json!({"service": "shop-cart"}))).await;
    expect(&world, "version=2&commit=c0ffee2", "DENY", "FPFPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn clearing_holds_against_a_rollback_before_it_and_not_against_one_after_it() {
    let world = world().await;
    for version in ["1", "2"] {
        world.post(&event(&format!("s-{version}"), -3600, "staging", "COMPLETED", version)).await;
        world.post(&event(&format!("p-{version}"), -300, "production", "COMPLETED", version)).await;
    }
    world.post(&event("p-2", -200, "production", "ROLLED_BACK", "2")).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    let clearing = world.post(&verdict("CLEARED", "2", -200)).await;
    assert_eq!(clearing.status, 201);
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    world.post(&verdict("CLEARED", "2", -199)).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    let cleared = ask(&world, "version=2").await.body;
    let said = "2 is not bad in staging, production, abroad; it was cleared by ada at 2026-03-01T11:56:41.000Z";
    assert_eq!(cleared["checks"][2]["detail"], said);
    world.post(&event("p-3", -100, "production", "ROLLED_BACK", "2")).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_was_undone_before_it_completed_is_bad_however_much_landed_since() {
    let world = world().await;
    world.post(&event("s-2", -9000, "staging", "COMPLETED", "2")).await;
    world.post(&event("p-2", -8000, "production", "ROLLED_BACK", "2")).await;
    world.post(&event("p-9", -8000, "production", "FAILED", "9")).await;
    for n in 0..15 {
        world.post(&event(&format!("p-1-{n}"), -7000 + n, "production", "COMPLETED", "1")).await;
    }
    expect(&world, "version=2&commit=c0ffee2", "DENY", "PPFPPN").await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    expect(&world, "version=9&commit=c0ffee9", "DENY", "FFPPPN").await;
    let before = format!("version=2&commit=c0ffee2&asOf={}", at(-8001));
    assert_eq!(ask(&world, &before).await.body["checks"][2]["outcome"], "PASSED");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn bad_versions_are_listed_with_why_and_cleared_ones_when_they_are_asked_for() {
    let world = world().await;
    world.post(&event("p-2", -8000, "production", "ROLLED_BACK", "2")).await;
    world.post(&event("s-3", -7000, "staging", "COMPLETED", "3")).await;
    world.post(&event("s-3", -6900, "staging", "FAILED", "3")).await;
    world.post(&with(verdict("BAD", "4", -100), &json!({"environment": "staging"}))).await;
    world.post(&with(verdict("BAD", "1", -100), &json!({"service": "search"}))).await;
    world.post(&with(verdict("CLEARED", "2", -50), &json!({"commit": "c0ffee2"}))).await;
    let (bad_one, cleared) = (json!("BAD"), json!("CLEARED"));
    let (marked, rolled_back, failed) = (json!("MARKED"), json!("ROLLED_BACK"), json!("FAILED_AFTER_COMPLETING"));
    let three = (json!("3"), bad_one.clone(), vec![failed]);
    let four = (json!("4"), bad_one.clone(), vec![marked.clone()]);
    let search = (json!("1"), bad_one.clone(), vec![marked]);
    assert_eq!(listed(&bad(&world, "").await), [three.clone(), four.clone(), search.clone()]);
    assert_eq!(listed(&bad(&world, "service=search").await), [search]);
    assert_eq!(listed(&bad(&world, "service=cart&environment=stage").await), [three.clone(), four.clone()]);
    let in_production = listed(&bad(&world, "service=cart&environment=production").await);
    assert_eq!(in_production, [three.clone(), four.clone()], "in staging, which is on its path");
    let two = |state: Value| (json!("2"), state, vec![rolled_back.clone()]);
    let with_cleared = bad(&world, "service=shop-cart&cleared=true").await;
    assert_eq!(listed(&with_cleared), [two(cleared), three, four]);
    let why = &with_cleared.body["items"][0]["evidence"][0];
    assert_eq!(why["cleared"], json!({"by": "ada", "at": at(-50), "reason": "CLEARED at -50"}));
    assert_eq!((&why["deploymentId"], &why["environment"]), (&json!("p-2"), &json!("production")));
    let then = bad(&world, &format!("service=cart&asOf={}", at(-7000))).await;
    assert_eq!(listed(&then), [two(bad_one)]);
    // In pages of one.
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let page = bad(&world, &format!("cleared=true&limit=1{cursor}")).await;
        pages.extend(listed(&page).into_iter().map(|(version, ..)| version));
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, [json!("2"), json!("3"), json!("4"), json!("1")]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn to_clear_one_build_of_a_version_lets_no_other_in() {
    let world = world().await;
    let of = |commit: &str| json!({"commit": commit});
    world.post(&with(event("s-2", -3600, "staging", "COMPLETED", "2"), &of("aaaaaaa1"))).await;
    world.post(&with(verdict("BAD", "2", -100), &of("aaaaaaa1"))).await;
    world.post(&with(verdict("CLEARED", "2", -50), &of("bbbbbbb2"))).await;
    expect(&world, "version=2", "DENY", "FPFPPN").await;
    assert_eq!(listed(&bad(&world, "").await).len(), 1, "the list says the same");
    world.post(&with(verdict("CLEARED", "2", -40), &of("aaaaaaa1"))).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    assert_eq!(listed(&bad(&world, "").await), []);
    // So it is with what was undone.
    world.post(&with(event("p-2", -30, "production", "ROLLED_BACK", "2"), &of("aaaaaaa1"))).await;
    world.post(&with(verdict("CLEARED", "2", -20), &of("bbbbbbb2"))).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_commit_that_is_called_bad_is_found_by_the_version_that_landed_from_it() {
    let world = world().await;
    for (version, commit, seconds) in [("3", "ccccccc3", -3600), ("4", "ddddddd4", -3500)] {
        let id = format!("s-{version}");
        let landed = event(&id, seconds, "staging", "COMPLETED", version);
        world.post(&with(landed, &json!({"commit": commit}))).await;
    }
    let of_commit = json!({"version": null, "commit": "ccccccc3"});
    world.post(&with(verdict("BAD", "", -100), &of_commit)).await;
    expect(&world, "version=3", "DENY", "FPFPPN").await;
    expect(&world, "version=4", "ALLOW", "PPPPPN").await;
    // However much landed since.
    for n in 0..15 {
        world.post(&event(&format!("s-1-{n}"), -3400 + n, "staging", "COMPLETED", &format!("1.{n}"))).await;
    }
    expect(&world, "version=3", "DENY", "FPFPPN").await;
    expect(&world, "version=4", "ALLOW", "PPPPPN").await;
    // Nobody knows the commit of this one.
    world.post(&with(event("s-5", -3300, "staging", "COMPLETED", "5"), &json!({"commit": null}))).await;
    let denied = ask(&world, "version=5").await.body;
    let detail = denied["checks"][2]["detail"].as_str().unwrap();
    assert!(detail.contains("no commit of 5 is known, so it may be this one: name it with --commit"), "{detail}");
    expect(&world, "version=5&commit=eeeeeee5", "ALLOW", "PPPPPN").await;
    expect(&world, "version=5&commit=ccccccc3", "DENY", "FPFPPN").await;
    world.post(&with(verdict("CLEARED", "", -50), &of_commit)).await;
    expect(&world, "version=5", "ALLOW", "PPPPPN").await;
    expect(&world, "version=3", "ALLOW", "PPPPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_was_undone_before_an_environment_stays_out_of_it_until_it_is_cleared_there() {
    let world = world().await;
    world.post(&event("s-2", -3600, "staging", "COMPLETED", "2")).await;
    world.post(&event("s-2", -3500, "staging", "FAILED", "2")).await;
    world.post(&event("s-3", -3400, "staging", "COMPLETED", "2")).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    let cleared =
        |environment: &str, seconds: i64| with(verdict("CLEARED", "2", seconds), &json!({"environment": environment}));
    world.post(&cleared("production", -90)).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    world.post(&cleared("stage", -80)).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    // A clearing in an earlier environment does not lift what happened in a later one.
    world.post(&event("p-2", -70, "production", "ROLLED_BACK", "2")).await;
    world.post(&cleared("staging", -60)).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    world.post(&verdict("CLEARED", "2", -50)).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_was_put_back_by_hand_is_bad_only_where_a_rollback_is_a_failure() {
    for (is_failure, decision, listed) in [(true, "DENY", 1), (false, "ALLOW", 0)] {
        let mut world = World::new().await;
        let settings = json!({
            "environments": [{"name": "production", "gate": {"notBad": true}}],
            "health": {"rollbackIsFailure": is_failure},
        });
        assert_eq!(world.apply(&settings).await.status, 201);
        for (id, version, status, seconds) in [
            ("c-1", "1", "COMPLETED", -300),
            ("c-2", "2", "COMPLETED", -200),
            ("c-2", "2", "ROLLED_BACK", -100),
            ("c-3", "3", "COMPLETED", -90),
            ("c-3", "3", "FAILED", -80),
        ] {
            let event = json!({"deploymentId": id, "service": "cart", "environment": "production",
                               "version": version, "status": status, "occurredAt": at(seconds)});
            assert_eq!(world.post(&event).await.status, 201);
        }
        let gate = |version: &str| format!("/v1/gate?service=cart&environment=production&version={version}");
        assert_eq!(world.get(&gate("2")).await.body["decision"], decision);
        // What failed after it had completed is bad either way.
        assert_eq!(world.get(&gate("3")).await.body["decision"], "DENY");
        let bad = world.get("/v1/bad").await.body["items"].as_array().unwrap().len();
        assert_eq!(bad, listed + 1);
    }
}
