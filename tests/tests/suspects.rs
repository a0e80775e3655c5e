//! `GET /v1/suspects`: what changed before something went wrong, from the events on.

use domain::Timestamp;
use serde_json::{Value, json};
use tests::World;
use tests::world;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// So many seconds after it went wrong, which was two hours ago.
fn at(seconds: i64) -> Timestamp {
    world::at(seconds - 2 * HOUR)
}

fn settings() -> Value {
    json!({
        "environments": [
            {"name": "staging"}, {"name": "production", "aliases": ["prod"], "production": true}],
        "services": [
            {"name": "checkout", "dependsOn": ["payments"]},
            {"name": "payments", "aliases": ["pay"], "dependsOn": ["ledger"]},
            {"name": "ledger", "dependsOn": ["checkout"]}],
    })
}

/// An event of a deployment that is called after its service, its version and its environment.
fn event(seconds: i64, environment: &str, thing: &str, status: &str, more: &Value) -> Value {
    let (service, version) = thing.split_once('@').unwrap();
    let mut event = json!({
        "deploymentId": format!("{service}-{version}-{environment}"), "service": service, "version": version,
        "environment": environment, "status": status, "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn record(world: &World, events: Vec<Value>) {
    let answer = world.post(&json!(events)).await;
    let recorded = |receipt: &Value| receipt["outcome"] == "recorded";
    assert!(answer.body.as_array().unwrap().iter().all(recorded), "{answer:?}");
}

async fn asked(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("/v1/suspects?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// What is suspected: `310 checkout-2-production`.
async fn suspected(world: &World, query: &str) -> Vec<String> {
    let items = asked(world, query).await["items"].as_array().unwrap().clone();
    items.iter().map(|of| format!("{} {}", of["score"], of["deploymentId"].as_str().unwrap())).collect()
}

/// An afternoon: at 0 checkout goes wrong in production.
async fn afternoon() -> World {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let none = json!({});
    let by_hand = json!({"triggeredBy": "MANUAL", "links": {"pipeline": "https://example.com/7"}});
    let done = "COMPLETED";
    record(
        &world,
        vec![
            event(-50 * HOUR, "staging", "checkout@1", done, &none),
            event(-49 * HOUR, "production", "checkout@1", done, &none),
            event(-48 * HOUR, "staging", "checkout@2", done, &none),
            event(-3 * HOUR, "production", "checkout@2", done, &none),
            event(-50 * HOUR, "staging", "pay@7", done, &none),
            event(-30 * MINUTE, "prod", "pay@8", done, &by_hand),
            event(-HOUR, "production", "ledger@3", "IN_PROGRESS", &none),
            event(-5 * MINUTE, "production", "search@1", done, &none),
            event(-5 * MINUTE, "staging", "search@2", done, &none),
            // After it.
            event(MINUTE, "production", "checkout@3", done, &none),
            event(2 * MINUTE, "production", "ledger@3", "FAILED", &none),
        ],
    )
    .await;
    world
}

#[tokio::test]
async fn what_changed_before_is_ranked_and_what_came_after_is_absent() {
    let world = afternoon().await;
    let when = at(0);
    let body = asked(&world, &format!("service=checkout&at={when}")).await;
    assert_eq!(
        body,
        json!({
            "service": "checkout", "environments": ["production"], "settings": 1,
            "from": Value::String(body["from"].as_str().unwrap().to_owned()), "at": body["at"],
            "items": [
                {
                    "deploymentId": "checkout-2-production", "service": "checkout", "environment": "production",
                    "region": null, "version": "2", "commit": null, "landedAt": at(-3 * HOUR), "score": 320, "links": {},
                    "reasons": ["it changed checkout itself", "it landed 3 hours before"],
                },
                {
                    "deploymentId": "pay-8-prod", "service": "payments", "environment": "production",
                    "region": null, "version": "8", "commit": null, "landedAt": at(-30 * MINUTE), "score": 266,
                    "links": {"pipeline": "https://example.com/7"},
                    "reasons": [
                        "checkout depends on payments", "it landed 30 minutes before", "it came by hand",
                        "its version had not landed in staging before",
                    ],
                },
                {
                    "deploymentId": "ledger-3-production", "service": "ledger", "environment": "production",
                    "region": null, "version": "3", "commit": null, "landedAt": null, "score": 245, "links": {},
                    "reasons": ["checkout depends on ledger, through payments", "it was under way then"],
                },
                {
                    "deploymentId": "search-1-production", "service": "search", "environment": "production",
                    "region": null, "version": "1", "commit": null, "landedAt": at(-5 * MINUTE), "score": 149,
                    "links": {},
                    "reasons": [
                        "it changed something else in the environment", "it landed 5 minutes before",
                        "its version had not landed in staging before",
                    ],
                },
            ],
            "nextCursor": null,
        })
    );
}

#[tokio::test]
async fn the_window_the_environment_and_the_page_can_be_chosen() {
    let world = afternoon().await;
    let when = at(0);
    let all = suspected(&world, &format!("service=checkout&at={when}")).await;
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = asked(&world, &format!("service=checkout&at={when}&limit=1{cursor}")).await;
        paged.extend(body["items"].as_array().unwrap().iter().map(|of| of["deploymentId"].clone()));
        let Some(next) = body["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged.len(), all.len(), "{paged:?}");
    assert!(paged.iter().zip(&all).all(|(id, line)| line.ends_with(id.as_str().unwrap())), "{paged:?}");
    let short = suspected(&world, &format!("service=checkout&at={when}&window=10m")).await;
    assert_eq!(short, ["245 ledger-3-production", "130 search-1-production"]);
    let staging = suspected(&world, &format!("service=checkout&at={when}&environment=staging")).await;
    assert_eq!(staging, ["139 search-2-staging"]);
    // An alias of the service and of the environment asks the same.
    let alias = suspected(&world, &format!("service=pay&at={when}&environment=prod")).await;
    assert_eq!(alias.first().map(String::as_str), Some("356 pay-8-prod"));
}

#[tokio::test]
async fn what_was_rolled_back_since_is_known_to_be_bad() {
    let world = afternoon().await;
    let query = format!("service=search&at={}", at(0));
    assert_eq!(suspected(&world, &query).await[0], "349 search-1-production");
    record(&world, vec![event(9 * MINUTE, "production", "search@1", "ROLLED_BACK", &json!({"rollbackTo": "0"}))]).await;
    assert_eq!(suspected(&world, &query).await[0], "359 search-1-production");
    // Seen from after that, the rollback is what changed last.
    let body = asked(&world, &format!("service=search&at={}", at(10 * MINUTE))).await;
    let reasons = &body["items"][0]["reasons"];
    assert_eq!(reasons[1], "it was rolled back 1 minute before", "{body}");
    assert_eq!(reasons[2], "it went back to an earlier version", "{body}");
}

#[tokio::test]
async fn a_long_log_is_read_back_to_the_begin_of_the_window() {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let landings: Vec<Value> = (1..=40)
        .map(|nth| event(-nth * 10 * MINUTE, "production", &format!("checkout@{}", 100 - nth), "COMPLETED", &json!({})))
        .collect();
    record(&world, landings).await;
    let found = suspected(&world, &format!("service=checkout&at={}&limit=100&window=5h", at(0))).await;
    // 300 minutes before is no longer within it.
    assert_eq!(found.len(), 29, "{found:?}");
    let earlier = suspected(&world, &format!("service=checkout&at={}&window=30m", at(-200 * MINUTE))).await;
    assert_eq!(earlier.len(), 3, "{earlier:?}");
}

#[tokio::test]
async fn without_settings_all_environments_are_looked_at_and_nothing_depends_on_anything() {
    let world = World::new().await;
    let none = json!({});
    record(
        &world,
        vec![
            event(-HOUR, "staging", "cart@1", "COMPLETED", &none),
            event(-HOUR, "production", "cart@1", "COMPLETED", &none),
            event(-HOUR, "production", "search@1", "COMPLETED", &none),
        ],
    )
    .await;
    let body = asked(&world, &format!("service=cart&at={}", at(0))).await;
    assert_eq!((&body["environments"], &body["settings"]), (&json!(["staging", "production"]), &json!(0)));
    let ids: Vec<&str> =
        body["items"].as_array().unwrap().iter().map(|of| of["deploymentId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["cart-1-production", "cart-1-staging", "search-1-production"]);
    let nothing = asked(&world, &format!("service=nosuch&at={}", at(-2 * HOUR))).await;
    assert_eq!(nothing["items"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_said() {
    let world = World::new().await;
    let refused = |query: &str| {
        let path = format!("/v1/suspects?{query}");
        let world = &world;
        async move {
            let answer = world.get(&path).await;
            assert_eq!(answer.status, 400, "{answer:?}");
            answer.body["errors"].as_array().unwrap().iter().map(|of| of["field"].clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(refused("").await, ["service", "at"]);
    assert_eq!(refused("service=cart&at=10:42").await, ["at"]);
    assert_eq!(refused(&format!("service=cart&at={}&window=8d", at(0))).await, ["window"]);
    assert_eq!(refused(&format!("service=cart&at={}&cursor=x", at(0))).await, ["cursor"]);
}
