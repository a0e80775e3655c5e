//! Aliases: one environment, and one service, whatever senders call them.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

fn aliases() -> Value {
    json!({
        "environments": [{"name": "staging"}, {"name": "production", "aliases": ["Prod", "prd"]}],
        "services": [{"name": "cart", "aliases": ["shop-cart"]}],
    })
}

fn event(id: &str, status: &str, environment: &str, seconds: i64) -> Value {
    json!({"deploymentId": id, "status": status, "service": "cart", "environment": environment, "version": id, "occurredAt": at(seconds)})
}

#[tokio::test]
async fn what_the_sender_said_is_kept_with_what_is_recorded() {
    let mut world = World::new().await;
    world.apply(&aliases()).await;
    let mut sent = event("c-1", "COMPLETED", "Prod", -60);
    sent["service"] = json!("shop-cart");
    assert_eq!(world.post(&sent).await.status, 201);
    let found = world.get("/v1/deployments/c-1").await.body;
    assert_eq!(
        (&found["service"], &found["environment"], &found["flags"]),
        (&json!("cart"), &json!("production"), &json!([]))
    );
    let trail = world.get("/v1/deployments/c-1/events").await.body;
    let recorded = &trail["items"][0]["event"];
    assert_eq!(recorded["said"], json!({"environment": "Prod", "service": "shop-cart"}));
    assert_eq!(recorded["environment"], "production");
    assert_eq!(world.get("/v1/deployments/c-1/verify").await.body["intact"], true);
    // No sender can say what another said.
    for field in ["said", "replaces"] {
        let mut forged = event("c-2", "COMPLETED", "production", -60);
        forged[field] = json!({"environment": "x"});
        assert_eq!(world.post(&forged).await.status, 400, "{field}");
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_redelivery_after_an_alias_was_declared_or_changed_is_a_duplicate() {
    let mut world = World::new().await;
    let with_id = |mut event: Value| {
        event["eventId"] = json!("e-1");
        event
    };
    let (plain, named) = (event("d-1", "COMPLETED", "Prod", -60), with_id(event("d-2", "COMPLETED", "Prod", -60)));
    for event in [&plain, &named] {
        assert_eq!(world.post(event).await.status, 201);
    }
    world.apply(&aliases()).await;
    let third = event("d-3", "COMPLETED", "Prod", -50);
    assert_eq!(world.post(&third).await.status, 201);
    world.apply(&json!({"environments": [{"name": "live", "aliases": ["Prod"]}]})).await;
    for event in [&plain, &named, &third] {
        let answer = world.post(event).await;
        assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("duplicate")), "{event}");
    }
    // Another event under the same id is still a conflict.
    let mut other = with_id(event("d-2", "COMPLETED", "Prod", -60));
    other["version"] = json!("9");
    assert_eq!(world.post(&other).await.status, 409);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_deployment_that_began_under_an_alias_ends_under_the_name() {
    for later in ["production", "Prod", "prd"] {
        let mut world = World::new().await;
        assert_eq!(world.post(&event("d", "IN_PROGRESS", "Prod", -60)).await.status, 201);
        let refused = world.post(&event("d", "VALIDATING", "production", -50)).await;
        assert_eq!(refused.status, 409, "without an alias they are two");
        world.apply(&aliases()).await;
        for (status, seconds) in [("VALIDATING", -40), ("COMPLETED", -30)] {
            assert_eq!(world.post(&event("d", status, later, seconds)).await.status, 201, "{later}");
        }
        let found = world.get("/v1/deployments/d").await.body;
        assert_eq!((&found["environment"], &found["flags"]), (&json!("production"), &json!([])), "{later}");
        let live = world.get("/v1/live").await.body;
        assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
        assert_eq!(live["items"][0]["environment"], "production");
        assert_eq!(world.get("/v1/catalog").await.body["environments"], json!(["production"]));
        let elsewhere = world.post(&event("d", "COMPLETED", "staging", -20)).await;
        assert_eq!(elsewhere.status, 409, "another environment is still a conflict");
        world.publish().await.unwrap();
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn a_deployment_keeps_its_new_name_when_the_alias_goes_and_gets_the_next_when_it_is_renamed_again() {
    let mut world = World::new().await;
    let mut step = 0;
    let mut report = async |world: &World, environment: &str| {
        step += 1;
        let answer = world.post(&event("d", "IN_PROGRESS", environment, step - 100)).await;
        assert_eq!(answer.status, 201, "{environment}: {}", answer.body);
        let found = world.get("/v1/deployments/d").await.body;
        assert_eq!(found["flags"], json!([]), "{environment}");
        found["environment"].clone()
    };
    assert_eq!(report(&world, "Prod").await, "Prod");
    world.apply(&aliases()).await;
    assert_eq!(report(&world, "Prod").await, "production");
    // The alias is taken back: the deployment is where it is.
    world.apply(&json!({})).await;
    assert_eq!(report(&world, "production").await, "production");
    let refused = world.post(&event("d", "IN_PROGRESS", "Prod", -10)).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["detail"].as_str().unwrap().contains("cart to production; give Prod"), "{}", refused.body);
    // Another name for all of it.
    world.apply(&json!({"environments": [{"name": "live", "aliases": ["Prod", "production"]}]})).await;
    assert_eq!(report(&world, "Prod").await, "live");
    assert_eq!(report(&world, "production").await, "live");
    assert_eq!(report(&world, "live").await, "live");
    assert_eq!(world.get("/v1/deployments/d/verify").await.body["intact"], true);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_retirement_that_is_sent_again_retires_nothing_else() {
    let mut world = World::new().await;
    world.post(&event("runs", "COMPLETED", "production", -90)).await;
    let retirement = json!({"type": "retirement", "environment": "prod-old", "occurredAt": at(-80), "eventId": "gone"});
    let first = world.post(&retirement).await;
    assert_eq!((first.status, &first.body["deploymentId"]), (201, &json!("environment:prod-old")));
    let document = |alias: &str| json!({"environments": [{"name": "production", "aliases": [alias]}]});
    world.apply(&document("prod-old")).await;
    let again = world.post(&retirement).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{}", again.body);
    assert_eq!(world.get("/v1/live").await.body["items"][0]["environment"], "production");
    // Another one is of what the alias stands for.
    let another = json!({"type": "retirement", "environment": "prod-old", "occurredAt": at(-70), "eventId": "again"});
    assert_eq!(world.post(&another).await.body["deploymentId"], "environment:production");
    assert_eq!(world.get("/v1/live").await.body["items"], json!([]));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_question_by_an_alias_finds_the_name_and_what_was_recorded_under_the_alias() {
    let mut world = World::new().await;
    for (id, seconds) in [("old-1", -90), ("old-2", -80)] {
        world.post(&event(id, "COMPLETED", "Prod", seconds)).await;
    }
    world.apply(&aliases()).await;
    world.post(&event("new-1", "COMPLETED", "Prod", -70)).await;
    world.post(&event("new-2", "IN_PROGRESS", "prd", -60)).await;
    let ids = async |path: &str| -> Vec<String> {
        let body = world.get(path).await.body;
        let items = body["items"].as_array().unwrap_or_else(|| panic!("{path}: {body}"));
        items.iter().map(|item| item["deploymentId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("/v1/deployments?environment=Prod").await, ["new-2", "new-1", "old-2", "old-1"]);
    assert_eq!(ids("/v1/deployments?environment=Prod&service=shop-cart").await, ["new-2", "new-1", "old-2", "old-1"]);
    assert_eq!(ids("/v1/deployments?environment=production").await, ["new-2", "new-1"]);
    assert_eq!(ids("/v1/deployments/active?environment=prd").await, ["new-2"]);
    assert_eq!(ids("/v1/live?environment=Prod").await, ["new-1", "old-2"]);
    assert_eq!(ids("/v1/live?environment=prd&service=shop-cart").await, ["new-1"]);
    let metrics = world.get("/v1/metrics?environment=Prod&service=shop-cart").await.body;
    assert_eq!((&metrics["deployments"]["completed"], &metrics["environment"]), (&json!(3), &json!("production")));
    let catalog = world.get("/v1/catalog?service=shop-cart").await.body;
    assert_eq!(catalog["services"], json!([{"service": "cart", "environments": ["production", "Prod"]}]), "{catalog}");
    // Page by page, the same.
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/deployments?environment=Prod&limit=1{cursor}")).await.body;
        found.extend(page["items"].as_array().unwrap().iter().map(|item| item["deploymentId"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(found), json!(["new-2", "new-1", "old-2", "old-1"]));
}

#[tokio::test]
async fn without_aliases_nothing_is_guessed_but_people_are_told_what_looks_alike() {
    let mut world = World::new().await;
    let answers = [("a", "production"), ("b", "Prod"), ("c", "PRODUCTION"), ("d", "staging")];
    let mut told = Vec::new();
    for (id, environment) in answers {
        let answer = world.post(&event(id, "COMPLETED", environment, -60)).await;
        assert_eq!(answer.status, 201);
        told.push(answer.body["looksLike"].clone());
    }
    assert_eq!(told, [Value::Null, json!(["production"]), json!(["Prod", "production"]), Value::Null]);
    assert_eq!(world.get("/v1/live").await.body["items"].as_array().unwrap().len(), 4);
    let catalog = world.get("/v1/catalog").await.body;
    let pairs = json!([["PRODUCTION", "Prod"], ["PRODUCTION", "production"], ["Prod", "production"]]);
    assert_eq!(catalog["lookalikes"], pairs);
    world.apply(&aliases()).await;
    assert_eq!(
        world.post(&event("e", "COMPLETED", "prd", -50)).await.body["looksLike"],
        json!(["PRODUCTION"]),
        "what is an alias is no riddle"
    );
    assert_eq!(
        world.get("/v1/catalog").await.body["lookalikes"],
        json!([["PRODUCTION", "Prod"], ["PRODUCTION", "production"]])
    );
}

/// All that can be asked, as one text.
async fn everything(world: &World) -> String {
    let mut all = Vec::new();
    for path in [
        "/v1/live",
        "/v1/deployments?limit=100",
        "/v1/deployments/active",
        "/v1/catalog",
        "/v1/live?environment=Prod",
        "/v1/metrics?environment=prd",
        "/v1/deployments?service=shop-cart",
    ] {
        all.push(world.get(path).await.body.to_string());
    }
    all.join("\n")
}

/// All orders of `rest`, each behind `begun`.
fn orders(begun: &[usize], rest: &[usize]) -> Vec<Vec<usize>> {
    if rest.is_empty() {
        return vec![begun.to_vec()];
    }
    let each = rest.iter().flat_map(|next| {
        let begun = [begun, &[*next]].concat();
        orders(&begun, &rest.iter().copied().filter(|other| other != next).collect::<Vec<_>>())
    });
    each.collect()
}

#[tokio::test]
async fn each_order_of_five_events_under_four_names_leaves_the_same() {
    let mut events = [
        event("d-1", "IN_PROGRESS", "Prod", -90),
        event("d-1", "COMPLETED", "prd", -80),
        event("d-2", "COMPLETED", "production", -70),
        json!({"type": "retirement", "environment": "prd", "occurredAt": at(-60)}),
        event("d-3", "ROLLED_BACK", "Prod", -50),
    ];
    events[2]["service"] = json!("shop-cart");
    events[4]["rollbackTo"] = json!("d-1");
    let mut first: Option<String> = None;
    for order in orders(&[], &[0, 1, 2, 3, 4]).into_iter().step_by(tests::one_in(5)) {
        let mut world = World::new().await;
        world.apply(&aliases()).await;
        for nth in &order {
            assert_eq!(world.post(&events[*nth]).await.status, 201, "{order:?}");
        }
        world.expect_state_is_history().await;
        let left = everything(&world).await;
        assert_eq!(*first.get_or_insert_with(|| left.clone()), left, "{order:?}");
    }
}

#[tokio::test]
async fn in_any_order_and_each_event_twice_they_leave_the_same() {
    let mut runner = TestRunner::deterministic();
    let names = prop::sample::select(vec!["production", "Prod", "prd", "staging"]);
    let statuses = prop::sample::select(vec!["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "ROLLED_BACK"]);
    let told = prop::collection::vec((0..5usize, statuses, names, -3000i64..0), 4..24);
    let rounds = if tests::exhaustive() { 20 } else { 6 };
    for _ in 0..rounds {
        // A deployment is of one environment, whatever it is called.
        let events: Vec<Value> = told
            .new_tree(&mut runner)
            .unwrap()
            .current()
            .into_iter()
            .map(|(id, status, name, seconds)| {
                let name = if id == 4 {
                    "staging"
                } else if name == "staging" {
                    "prd"
                } else {
                    name
                };
                event(&format!("d-{id}"), status, name, seconds)
            })
            .collect();
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            let order = Just(events.clone()).prop_shuffle().new_tree(&mut runner).unwrap().current();
            let mut world = World::new().await;
            world.apply(&aliases()).await;
            for event in order.iter().chain(order.iter().rev()) {
                let status = world.post(event).await.status;
                assert!(matches!(status, 200 | 201), "{status}: {event}");
            }
            world.expect_state_is_history().await;
            outcomes.push(everything(&world).await);
        }
        assert_eq!(outcomes[0], outcomes[1], "{events:?}");
        assert_eq!(outcomes[0], outcomes[2], "{events:?}");
    }
}
