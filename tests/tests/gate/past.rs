//! What a gate would have decided at another time.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, settings, world};

async fn ask(world: &World, more: &str, now: i64) -> Value {
    let path = format!("/v1/gate?service=cart&environment=production&version=2&{more}");
    let answer = world.get_at(&path, at(now)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_decision_is_the_same_when_it_is_computed_again_for_its_time() {
    let mut world = world().await;
    let mut decided = vec![ask(&world, "", 0).await];
    let story = [
        event("s-2", 60, "staging", "COMPLETED", "2"),
        event("p-1", 120, "production", "IN_PROGRESS", "1"),
        event("p-1", 180, "production", "COMPLETED", "1"),
        event("p-2", 900, "production", "COMPLETED", "2"),
        event("p-2", 960, "production", "ROLLED_BACK", "2"),
        event("s-3", 1020, "staging", "COMPLETED", "1"),
    ];
    for (step, now) in story.iter().zip((60..).step_by(180)) {
        world.post_at(step, at(now + 1000)).await;
        decided.push(ask(&world, "", now + 1001).await);
    }
    // Told late: it was not known when the others were decided.
    world.post_at(&event("s-0", 30, "staging", "COMPLETED", "2"), at(3000)).await;
    world.post_at(&event("s-0", 40, "staging", "ROLLED_BACK", "2"), at(3000)).await;
    let mut changed = settings();
    changed["environments"][1]["gate"] = json!({});
    let (json, changed) = ([("content-type", "application/json")], changed.to_string());
    let put = world.request("PUT", "/v1/settings", &json, changed.as_bytes(), at(4000));
    assert_eq!(put.await.unwrap().status, 201);
    world.restart();
    assert_eq!(ask(&world, "", 5000).await["settings"], 2);
    let decisions: Vec<&Value> = decided.iter().map(|decided| &decided["decision"]).collect();
    assert!(decisions.contains(&&json!("ALLOW")) && decisions.contains(&&json!("DENY")), "{decisions:?}");
    for then in &decided {
        let time = then["at"].as_str().unwrap();
        assert_eq!(ask(&world, &format!("asOf={time}&knownAt={time}"), 5000).await, *then);
    }
}

#[tokio::test]
async fn before_the_first_settings_those_count_and_later_each_version_in_its_time() {
    let mut world = World::new().await;
    world.post(&event("s-2", -7200, "staging", "COMPLETED", "2")).await;
    assert_eq!(ask(&world, "asOf=2026-03-01T11:30:00.000Z", 0).await["settings"], 0, "nothing was ever applied");
    assert_eq!(world.apply(&settings()).await.status, 201);
    let open = json!({"freezes": [{"name": "f", "from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}]});
    let json = [("content-type", "application/json")];
    world.request("PUT", "/v1/settings", &json, open.to_string().as_bytes(), at(600)).await.unwrap();
    world.restart();
    for (time, settings, decision) in [(-1, 1, "ALLOW"), (599, 1, "ALLOW"), (600, 2, "DENY"), (700, 2, "DENY")] {
        let answer = ask(&world, &format!("asOf={}", at(time)), 700).await;
        assert_eq!(
            (&answer["settings"], &answer["decision"]),
            (&json!(settings), &json!(decision)),
            "{time}: {answer:#}"
        );
    }
}

#[tokio::test]
async fn of_the_past_the_ten_deployments_that_were_created_last_are_looked_at() {
    let world = world().await;
    world.post(&event("s-2", -9000, "staging", "COMPLETED", "2")).await;
    world.post(&event("p-old", -5000, "production", "IN_PROGRESS", "1")).await;
    for number in 0..10 {
        world.post(&event(&format!("p-{number}"), -4000 + number, "production", "IN_PROGRESS", "1")).await;
        world.post(&event(&format!("p-{number}"), -3000 + number, "production", "FAILED", "1")).await;
    }
    let active = async |query: &str| -> Vec<String> {
        let answer = ask(&world, query, 0).await;
        let evidence = answer["checks"][3]["evidence"].as_array().unwrap().clone();
        evidence.iter().map(|evidence| evidence["deploymentId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(active("").await, ["p-old"]);
    assert_eq!(active(&format!("asOf={}", at(-1))).await, Vec::<String>::new(), "ten were created since");
    assert_eq!(active(&format!("asOf={}", at(-3998))).await, ["p-0", "p-1", "p-2", "p-old"]);
    assert_eq!(active(&format!("asOf={}&deploymentId=p-1", at(-3999))).await, ["p-0", "p-old"]);
    assert_eq!(
        active(&format!("asOf={}&knownAt={}", at(-3998), at(-1))).await,
        Vec::<String>::new(),
        "all was told later"
    );
}

#[tokio::test]
async fn what_is_told_later_of_a_time_does_not_change_what_was_active_then() {
    let world = world().await;
    world.post_at(&event("p-1", 60, "production", "IN_PROGRESS", "1"), at(61)).await;
    let decided = ask(&world, "", 100).await;
    assert_eq!(decided["checks"][3]["outcome"], "FAILED", "{decided:#}");
    let mut told = 0;
    let mut tell = async |deployments: usize| {
        for _ in 0..deployments {
            told += 1;
            let late = |status| event(&format!("late-{told}"), 100, "production", status, "1");
            let answer = world.post_at(&json!([late("IN_PROGRESS"), late("FAILED")]), at(1000)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    };
    let then = format!("asOf={0}&knownAt={0}", at(100));
    tell(11).await;
    assert_eq!(ask(&world, &then, 5000).await, decided);
    // Where so much was told later that what was active then is not found, nothing is said to be inactive.
    tell(200).await;
    let check = ask(&world, &then, 5000).await["checks"][3].clone();
    assert_eq!(check["outcome"], "FAILED", "{check:#}");
    assert!(check["detail"].as_str().unwrap().starts_with("so many deployments of cart to production"), "{check:#}");
}
