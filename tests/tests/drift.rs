//! `GET /v1/drift`: where what runs is not what it should be, from the events on.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

mod cost;
mod incomplete;
mod notified;

fn settings() -> Value {
    json!({
        "environments": [
            {"name": "staging"},
            {"name": "production", "aliases": ["prod"], "production": true, "staleAfterDays": 30}],
        "lagging": {"deployments": 2, "days": 10},
    })
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn landed(seconds: i64, environment: &str, service: &str, version: &str, more: &Value) -> Value {
    let mut event = json!({
        "deploymentId": format!("{service}-{environment}-{version}-{seconds}"), "service": service, "status": "COMPLETED",
        "environment": environment, "version": version, "occurredAt": at(seconds),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn record(world: &World, events: Vec<Value>) {
    for some in events.chunks(100) {
        let answer = world.post(&json!(some)).await;
        let recorded = |receipt: &Value| receipt["outcome"] == "recorded";
        assert!(answer.body.as_array().unwrap().iter().all(recorded), "{answer:?}");
    }
}

/// What is found: `high UNSEEN production/cart`.
async fn found(world: &World, query: &str) -> Vec<String> {
    let answer = world.get(&format!("/v1/drift{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = |of: &Value| of.as_str().unwrap_or("*").to_owned();
    let finding = |of: &Value| {
        format!("{} {} {}/{}", text(&of["severity"]), text(&of["kind"]), text(&of["environment"]), text(&of["service"]))
    };
    answer.body["items"].as_array().unwrap().iter().map(finding).collect()
}

/// Of each kind one, and two services in order.
async fn drifting() -> World {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let none = json!({});
    let by_hand = json!({"triggeredBy": "MANUAL"});
    let mut events = vec![
        landed(-20 * DAY, "staging", "cart", "1", &json!({"buildNumber": "1"})),
        landed(-19 * DAY, "production", "cart", "1", &json!({"buildNumber": "1"})),
        landed(-2 * DAY, "staging", "cart", "4", &json!({"buildNumber": "4"})),
        landed(-DAY, "production", "cart", "4", &json!({"buildNumber": "4"})),
        landed(-3 * DAY, "staging", "search", "1", &none),
        landed(-2 * DAY, "production", "search", "1", &none),
        landed(-HOUR, "production", "search", "hotfix", &by_hand),
        landed(-40 * DAY, "staging", "old", "1", &none),
        landed(-40 * DAY, "production", "old", "1", &none),
        landed(-12 * DAY, "staging", "old", "2", &none),
        landed(-9 * DAY, "production", "wide", "1", &json!({"region": "eu"})),
        landed(-8 * DAY, "production", "wide", "2", &json!({"region": "us"})),
        landed(-HOUR, "production", "checkout", "1", &none),
        landed(-HOUR, "production", "chekout", "1", &none),
    ];
    events.extend((0..7).map(|n| landed(-9 * DAY + n * HOUR, "production", "quiet", &n.to_string(), &none)));
    record(&world, events).await;
    world
}

#[tokio::test]
async fn each_kind_is_found_the_worst_first() {
    let world = drifting().await;
    let all = found(&world, "?limit=100").await;
    assert_eq!(
        all,
        [
            "high MIXED production/wide",
            "high UNSEEN production/search",
            "medium STALE production/old",
            "medium LAGGING production/old",
            "medium BY_HAND production/search",
            "low ORPHANED staging/old",
            "low SILENT production/quiet",
            "low BUILD_GAP production/cart",
            "low LOOKALIKE */checkout",
        ]
    );
    assert_eq!(found(&world, "?kind=STALE").await, ["medium STALE production/old"]);
    assert_eq!(found(&world, "?environment=staging").await, ["low ORPHANED staging/old"]);
    assert_eq!(found(&world, "?environment=prod&kind=MIXED").await, ["high MIXED production/wide"], "by its alias");
    assert_eq!(found(&world, "?environment=nowhere").await, [""; 0]);
    assert_eq!(found(&world, "?severity=high").await, all[..2]);
    assert_eq!(found(&world, "?severity=medium&environment=production").await, all[2..5]);
    assert_eq!(found(&world, "?severity=low&limit=100").await, all[5..]);
    assert_eq!(found(&world, "?severity=high&kind=STALE").await, [""; 0], "it never is");
    assert_eq!(
        found(&world, "?service=search").await,
        ["high UNSEEN production/search", "medium BY_HAND production/search"]
    );
    assert_eq!(found(&world, "?service=nothing").await, [""; 0]);
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("/v1/drift?limit=2{cursor}")).await.body;
        pages.push(answer["items"].as_array().unwrap().len());
        let Some(next) = answer["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, [2, 2, 2, 2, 1]);
    let body = world.get("/v1/drift?kind=UNSEEN").await.body;
    assert_eq!((&body["asOf"], &body["settings"]), (&Value::Null, &json!(1)));
    let finding = &body["items"][0];
    assert_eq!(finding["what"], "search runs hotfix, which never landed in staging");
    assert_eq!((&finding["since"], &finding["release"]), (&json!(at(-HOUR)), &Value::Null));
    assert_eq!(finding["evidence"][0]["deploymentId"], format!("search-production-hotfix-{}", -HOUR));
    assert_eq!(finding["evidence"][1]["environment"], "staging");
}

#[tokio::test]
async fn drift_as_of_a_time_is_what_it_was_then_by_the_settings_of_then() {
    let mut world = drifting().await;
    let then = format!("?limit=100&asOf={}", at(-7 * DAY - HOUR));
    assert_eq!(
        found(&world, &then).await,
        ["medium STALE production/old", "low SILENT production/quiet",],
        "not mixed for a day yet, and not lagging for ten"
    );
    assert_eq!(found(&world, &format!("?asOf={}", at(-50 * DAY))).await, [""; 0]);
    // What is applied now changes nothing of the past.
    let later = at(10 * HOUR);
    let mut strict = settings();
    strict["lagging"]["days"] = json!(1);
    let body = strict.to_string();
    let answer = world
        .request("PUT", "/v1/settings", &[("content-type", "application/json")], body.as_bytes(), later)
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    world.restart();
    let lagging = async |query: &str| {
        let body = world.get_at(&format!("/v1/drift?kind=ORPHANED{query}"), at(11 * HOUR)).await.body;
        (body["items"].as_array().unwrap().len(), body["settings"].clone())
    };
    assert_eq!(lagging("").await, (1, json!(2)));
    assert_eq!(lagging(&format!("&asOf={}", at(-3 * DAY))).await, (0, json!(1)));
    assert_eq!(lagging(&format!("&asOf={}", at(10 * HOUR + 1))).await, (1, json!(2)));
}

#[tokio::test]
async fn an_environment_that_was_retired_has_no_drift_and_as_of_before_it_has() {
    let world = drifting().await;
    let retired = json!({"type": "retirement", "environment": "production", "occurredAt": at(-60)});
    assert_eq!(world.post(&retired).await.status, 201);
    assert_eq!(found(&world, "").await, [""; 0], "staging is the end of the path");
    let before = format!("?environment=production&asOf={}", at(-120));
    assert_eq!(found(&world, &before).await.len(), 7);
    // A service that was removed has none either.
    let world = drifting().await;
    let removed = json!({"type": "removal", "deploymentId": "r", "status": "COMPLETED", "environment": "production",
                         "service": "wide", "occurredAt": at(-60)});
    assert_eq!(world.post(&removed).await.status, 201);
    assert_eq!(found(&world, "?kind=MIXED").await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_named() {
    let world = World::new().await;
    for (query, field) in [
        ("kind=LOST", "kind"),
        ("kind=unseen", "kind"),
        ("environment=%20x", "environment"),
        ("asOf=soon", "asOf"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("services=cart", "services"),
        ("service=%20x", "service"),
        ("severity=worst", "severity"),
        ("severity=HIGH", "severity"),
    ] {
        let answer = world.get(&format!("/v1/drift?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_release_that_lacks_something_is_found_where_it_was_deployed_once_it_is_a_day_old() {
    let mut world = World::new().await;
    world.apply(&settings()).await;
    let release = json!({"release": "autumn"});
    record(
        &world,
        vec![
            landed(-3 * DAY, "staging", "cart", "2", &release),
            landed(-3 * DAY, "staging", "search", "2", &release),
            landed(-DAY - 60, "production", "cart", "2", &release),
        ],
    )
    .await;
    let incomplete = ["high INCOMPLETE production/*"];
    assert_eq!(found(&world, "?kind=INCOMPLETE").await, incomplete);
    assert_eq!(found(&world, "?kind=INCOMPLETE&environment=staging").await, [""; 0]);
    let item = world.get("/v1/drift?kind=INCOMPLETE").await.body["items"][0].clone();
    assert_eq!(item["what"], "release autumn is not complete: search is not in place");
    assert_eq!((&item["release"], &item["since"]), (&json!("autumn"), &json!(at(-DAY - 60))));
    // A day before nobody could know whether it was still on its way.
    let then = at(-60);
    assert_eq!(found(&world, &format!("?kind=INCOMPLETE&asOf={then}")).await, [""; 0]);
    record(&world, vec![landed(-60, "production", "search", "2", &release)]).await;
    assert_eq!(found(&world, "?kind=INCOMPLETE").await, [""; 0], "it is complete");
    assert_eq!(found(&world, &format!("?kind=INCOMPLETE&asOf={}", at(-61))).await, [""; 0]);
}
