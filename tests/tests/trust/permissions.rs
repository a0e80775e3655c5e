//! With a list of permissions, what none of them allows is refused through every door, and nothing of it is recorded.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;
use tests::doors::{Door, Taken};
use tests::world::at;

use super::{event, role, sample};

/// Who may do what in these tests.
fn settings() -> Value {
    json!({
        "environments": [{"name": "staging"}, {"name": "production", "aliases": ["prod"]}],
        "permissions": [
            {"who": "anonymous", "may": ["settings"]},
            {"who": role("deploy-pay", "*"), "may": ["report"], "services": ["pay"], "environments": ["production"]},
            {"who": role("deploy-staging", "*"), "may": ["report", "record"], "environments": ["staging"]},
            {"who": "oidc:repo:shop/*", "may": ["report", "declare"], "services": ["cart"], "doors": ["events"]},
            {"who": "webhook:github:example/*", "may": ["report"], "environments": ["staging"]},
            {"who": "eventbridge:111122223333:*", "may": ["report"], "environments": ["staging"]},
        ],
        "rules": [{"source": "github", "when": {"repository": "example/{service}"}, "environment": "staging"}],
    })
}

async fn world() -> World {
    let mut world = World::new().await;
    assert_eq!(world.apply(&settings()).await.status, 201);
    world
}

/// Everything that is recorded and everything that follows from it, but for what was refused.
async fn all(world: &World) -> Vec<String> {
    let (client, tables) = (world.embedded.client(), &world.embedded.tables);
    let mut all = Vec::new();
    for table in [&tables.history, &tables.state] {
        let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
        let told = ["pk", "sk", "hash", "summary", "revision", "entry"];
        let item = |item: &HashMap<String, AttributeValue>| format!("{:?}", told.map(|name| item.get(name).cloned()));
        all.extend(items.iter().filter(|one| !one["pk"].as_s().unwrap().starts_with("REJECTED")).map(item));
    }
    all.sort();
    all
}

#[tokio::test]
async fn nobody_ends_a_deployment_of_a_place_that_is_not_theirs() {
    let world = world().await;
    let pay = role("deploy-pay", "1");
    assert_eq!(world.post_as(&pay, &event("pay-1", -50, "IN_PROGRESS", &json!({"version": "2"}))).await.status, 201);
    let before = all(&world).await;
    let failed = json!({"deploymentId": "pay-1", "eventId": "x1", "status": "FAILED"});
    for caller in
        [role("deploy-staging", "1"), "oidc:repo:shop/cart:ref:x".to_owned(), "arn:aws:iam::1:user/eve".to_owned()]
    {
        for wrong in [
            failed.clone(),
            json!({"deploymentId": "pay-1", "status": "FAILED", "environment": "staging", "service": "pay"}),
            json!({"deploymentId": "pay-1", "status": "IN_PROGRESS", "attempt": 2}),
            json!({"deploymentId": "pay-1", "status": "COMPLETED", "type": "stage", "stage": "TEST"}),
            json!({"deploymentId": "pay-1", "status": "COMPLETED", "type": "note", "notes": "x"}),
            event("pay-2", -40, "COMPLETED", &json!({"environment": "prod"})),
            json!({"deploymentId": "pay-3", "status": "COMPLETED", "service": "pay"}),
            json!({"type": "retirement", "environment": "production", "occurredAt": at(-1)}),
            json!({"type": "verdict", "service": "pay", "version": "2", "outcome": "BAD", "reason": "x", "eventId": "v"}),
        ] {
            let refused = world.post_as(&caller, &wrong).await;
            let otherwise =
                refused.status == 409 && refused.body["detail"].as_str().unwrap().contains("pay-1 is a deployment");
            assert!(refused.status == 403 || otherwise, "{caller} {wrong}: {}", refused.body);
        }
    }
    let refused = world.post_as(&role("deploy-staging", "1"), &failed).await;
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(["deploy-staging", "report", "pay", "production"].iter().all(|word| detail.contains(word)), "{detail}");
    assert_eq!(all(&world).await, before, "nothing is recorded");
    // Its eventId is still free for who may use it.
    assert_eq!(world.post_as(&pay, &failed).await.status, 201);
    assert_eq!(world.get("/v1/deployments/pay-1").await.body["status"], "FAILED");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn through_a_queue_and_a_webhook_it_is_put_aside_and_rules_and_aliases_decide_what_it_is_of() {
    let world = world().await;
    let queued = |account: &str, detail: &Value| {
        json!({"source": "ci", "detail-type": "Deployment Event", "account": account, "time": at(0), "detail": detail})
            .to_string()
    };
    let staging = event("s-1", -9, "COMPLETED", &json!({"environment": "staging"}));
    let messages = [
        queued("111122223333", &event("p-1", -9, "COMPLETED", &json!({"environment": "prod"}))),
        queued("999922223333", &staging),
        queued("111122223333", &staging),
    ];
    assert_eq!(world.queue(&messages, at(0)).await.unwrap(), Vec::<usize>::new());
    assert_eq!(world.get("/v1/deployments/p-1").await.status, 404);
    assert_eq!(world.get("/v1/deployments/s-1").await.status, 200);
    // The rule makes it one of staging, whatever GitHub calls it, so the webhook may report it.
    let created = sample("github/deployment.created.json");
    let send = async |payload: &Value| {
        let door = Door::GitHub("deployment".to_owned());
        match world.send(&door, payload.to_string().as_bytes()).await.unwrap() {
            Taken::Answered(answer) => answer.status,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(send(&created).await, 201);
    let mut foreign = created.clone();
    foreign["repository"]["full_name"] = json!("elsewhere/storefront");
    assert_eq!(send(&foreign).await, 403);
    let rejected = world.get("/v1/rejected").await.body;
    let reasons: Vec<&Value> = rejected["items"].as_array().unwrap().iter().map(|item| &item["reason"]).collect();
    assert_eq!(reasons, [&json!("forbidden"); 3], "{rejected}");
    world.publish().await.unwrap();
    let metrics = json!(world.wire.metrics()).to_string();
    assert!(metrics.contains("EventsForbidden") && !metrics.contains("EventsRejected"), "{metrics}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_refusal_at_the_api_is_counted_and_each_of_an_array_is_judged_by_itself() {
    let world = world().await;
    let both = json!([
        event("s-1", -9, "COMPLETED", &json!({"environment": "staging"})),
        event("p-1", -9, "COMPLETED", &json!({})),
        event("p-2", -9, "COMPLETED", &json!({})),
    ]);
    world.wire.reset();
    let receipts = world.post_as(&role("deploy-staging", "1"), &both).await.body;
    assert_eq!(
        (&receipts[0]["outcome"], &receipts[1]["status"], &receipts[2]["status"]),
        (&json!("recorded"), &json!(403), &json!(403))
    );
    let metrics = world.wire.metrics();
    let data = metrics[0]["MetricData"].as_array().unwrap();
    assert_eq!((metrics.len(), data.len(), &data[0]["MetricName"]), (1, 2, &json!("EventsForbidden")), "{data:?}");
    assert!(json!(data).to_string().contains("\"Counts\":[2.0]"), "{data:?}");
}

#[tokio::test]
async fn judging_costs_no_call() {
    let world = world().await;
    let pay = role("deploy-pay", "1");
    world.post_as(&pay, &event("pay-1", -60, "IN_PROGRESS", &json!({}))).await;
    let stage = |name: &str| event("pay-1", -50, "IN_PROGRESS", &json!({"type": "stage", "stage": name}));
    world.wire.reset();
    assert_eq!(world.post_as(&pay, &stage("TEST")).await.status, 201);
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["TransactWriteItems"]);
    // Who has no right at all is refused before anything is read.
    world.wire.reset();
    assert_eq!(world.post_as("arn:aws:iam::1:user/eve", &stage("LATER")).await.status, 403);
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["PutMetricData"]);
}

#[tokio::test]
async fn a_release_is_declared_by_who_may_declare_all_that_it_has_and_had() {
    let world = world().await;
    let put = async |caller: &str, services: Value| {
        let body = json!({"services": services}).to_string();
        let json = [("content-type", "application/json")];
        world.request_as(caller, "PUT", "/v1/releases/7", &json, body.as_bytes()).await
    };
    let cart = "oidc:repo:shop/cart:ref:x";
    assert_eq!(put(cart, json!({"cart": "1"})).await.status, 201);
    let refused = put(cart, json!({"cart": "2", "pay": "1"})).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body["detail"].as_str().unwrap().contains("declare"), "{}", refused.body);
    assert_eq!(put(&role("deploy-pay", "1"), json!({"pay": "1"})).await.status, 403, "reporting is not declaring");
    assert_eq!(put(cart, json!({"cart": "1"})).await.status, 200, "what was declared stands");
}
