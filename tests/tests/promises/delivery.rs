//! Metrics over a window: what counts for what, counted by hand, in whole answers.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, published, record};

const DAY: i64 = 24 * 60 * 60;

fn no_failures() -> Value {
    json!({"undone": 0, "failedAfter": 0, "judgedBad": 0, "incidents": 0, "total": 0})
}

/// An answer in which nothing ended, of the hours before noon.
fn nothing(hours: i64) -> Value {
    let none = json!({"completed": 0, "failed": 0, "rolledBack": 0, "cancelled": 0});
    // The window ends with the minute that noon begins.
    let period = |end: i64| json!({"from": at(60 - (end + 1) * 3600), "to": at(60 - end * 3600), "outcomes": none});
    json!({
        "environment": null, "environments": {"names": null, "because": "all"}, "service": null, "team": null, "release": null, "from": at(60 - hours * 3600), "to": at(60),
        "deployments": none, "successRate": null, "durationSeconds": null, "stages": [],
        "dora": {
            "deploymentsPerDay": 0.0, "changeFailures": no_failures(), "changeFailureRate": null,
            "deploymentReworkRate": null,
            "medianLeadTimeSeconds": null, "medianTimeToRestoreSeconds": null,
        },
        "trend": (0..hours).rev().map(period).collect::<Vec<_>>(), "groups": null, "previous": null,
    })
}

/// The same with these members instead.
fn instead(mut answer: Value, members: &Value) -> Value {
    answer.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    answer
}

fn stage(id: &str, seconds: i64, name: &str, status: &str, attempt: u32) -> Value {
    event_with(id, seconds, status, &json!({"type": "stage", "stage": name, "attempt": attempt}))
}

fn attempt(id: &str, seconds: i64, status: &str, attempt: u32) -> Value {
    event_with(id, seconds, status, &json!({"attempt": attempt}))
}

/// One event that belongs elsewhere.
fn elsewhere(id: &str, seconds: i64, status: &str) -> Value {
    event_with(id, seconds, status, &json!({"service": "search", "environment": "production"}))
}

/// Ten deployments: the name of each says what happened to it.
fn story() -> Vec<Value> {
    vec![
        // Took 300 s, 3100 s after its commit; its stages 100 s and none that is known.
        event_with("well", -7200, "IN_PROGRESS", &json!({"committedAt": at(-10_000)})),
        stage("well", -7100, "DEPLOYMENT", "IN_PROGRESS", 1),
        stage("well", -7000, "DEPLOYMENT", "COMPLETED", 1),
        stage("well", -6950, "CHECK", "COMPLETED", 1),
        event("well", -6900, "COMPLETED"),
        // Its second attempt took 500 s, 2000 s after its commit; its stage failed once and then took 200 s.
        event_with("second-try", -6000, "IN_PROGRESS", &json!({"committedAt": at(-7300)})),
        stage("second-try", -5950, "DEPLOYMENT", "FAILED", 1),
        event("second-try", -5900, "FAILED"),
        attempt("second-try", -5800, "IN_PROGRESS", 2),
        stage("second-try", -5700, "DEPLOYMENT", "IN_PROGRESS", 2),
        stage("second-try", -5500, "DEPLOYMENT", "COMPLETED", 2),
        attempt("second-try", -5300, "COMPLETED", 2),
        // Never reached anything.
        event("failed", -4000, "IN_PROGRESS"),
        stage("failed", -3990, "DEPLOYMENT", "IN_PROGRESS", 1),
        stage("failed", -3950, "DEPLOYMENT", "ROLLED_BACK", 1),
        event("failed", -3940, "FAILED"),
        // Had been there for 400 s.
        event_with("rolled-back", -3600, "IN_PROGRESS", &json!({"committedAt": at(-3500)})),
        event("rolled-back", -3400, "COMPLETED"),
        event("rolled-back", -3000, "ROLLED_BACK"),
        // Restored after 1000 s by the next one, of which nothing but its end is known.
        event("broke", -2900, "COMPLETED"),
        event("broke", -2700, "FAILED"),
        event("mended", -1700, "COMPLETED"),
        event("given-up", -1600, "IN_PROGRESS"),
        stage("given-up", -1550, "CHECK", "CANCELLED", 1),
        event("given-up", -1500, "CANCELLED"),
        // Elsewhere, in 100 s; and what has not ended, and what brings no version.
        elsewhere("elsewhere", -1000, "IN_PROGRESS"),
        elsewhere("elsewhere", -900, "COMPLETED"),
        event("running", -100, "IN_PROGRESS"),
        stage("running", -90, "DEPLOYMENT", "COMPLETED", 1),
        event_with("removal", -50, "COMPLETED", &json!({"type": "removal"})),
    ]
}

#[tokio::test]
async fn a_window_is_counted_as_by_hand_in_whatever_order_events_came() {
    let mut answers = Vec::new();
    for reversed in [false, true] {
        let world = World::new().await;
        let mut story = story();
        if reversed {
            story.reverse();
        }
        record(&world, &story).await;
        let expected = instead(
            nothing(3),
            &json!({
                "deployments": {"completed": 4, "failed": 2, "rolledBack": 1, "cancelled": 1},
                "successRate": 100.0 * 4.0 / 7.0,
                "durationSeconds": {"count": 3, "average": 300.0, "p50": 300.0, "p95": 500.0, "maximum": 500.0},
                "stages": [
                    {
                        "stage": "CHECK",
                        "outcomes": {"completed": 1, "failed": 0, "rolledBack": 0, "cancelled": 1},
                        "successRate": 100.0,
                        "durationSeconds": null,
                    },
                    {
                        "stage": "DEPLOYMENT",
                        "outcomes": {"completed": 2, "failed": 1, "rolledBack": 1, "cancelled": 0},
                        "successRate": 50.0,
                        "durationSeconds": {"count": 2, "average": 150.0, "p50": 100.0, "p95": 200.0, "maximum": 200.0},
                    },
                ],
                "dora": {
                    // Six reached their environment in an eighth of a day; of 100, 2000 and 3100 s, and of
                    // 400 and 1000 s, the one in the middle or the lower of two.
                    "deploymentsPerDay": 48.0,
                    "changeFailures": {"undone": 1, "failedAfter": 1, "judgedBad": 0, "incidents": 0, "total": 2},
                    "changeFailureRate": 100.0 * 2.0 / 6.0,
                    // What came after the one that broke restored it.
                    "deploymentReworkRate": 100.0 / 6.0,
                    "medianLeadTimeSeconds": 2000.0,
                    "medianTimeToRestoreSeconds": 400.0,
                },
                "trend": [
                    {"from": at(60 - 3 * 3600), "to": at(60 - 2 * 3600), "outcomes": {"completed": 0, "failed": 0, "rolledBack": 0, "cancelled": 0}},
                    {"from": at(60 - 2 * 3600), "to": at(60 - 3600), "outcomes": {"completed": 2, "failed": 1, "rolledBack": 0, "cancelled": 0}},
                    {"from": at(60 - 3600), "to": at(60), "outcomes": {"completed": 2, "failed": 1, "rolledBack": 1, "cancelled": 1}},
                ],
            }),
        );
        let answer = world.get("/v1/metrics?hours=3").await;
        assert_eq!((answer.status, &answer.body), (200, &expected), "reversed: {reversed}");
        answers.push(answer.headers["etag"].clone());
        world.expect_state_is_history().await;
    }
    assert_eq!(answers[0], answers[1], "byte by byte");
}

#[tokio::test]
async fn environment_and_service_each_leave_the_others_out() {
    let world = World::new().await;
    record(&world, &story()).await;
    let one = json!({"completed": 1, "failed": 0, "rolledBack": 0, "cancelled": 0});
    let mut period = nothing(1)["trend"][0].clone();
    period["outcomes"] = one.clone();
    let alone = json!({
        "deployments": one, "successRate": 100.0, "trend": [period],
        "durationSeconds": {"count": 1, "average": 100.0, "p50": 100.0, "p95": 100.0, "maximum": 100.0},
        "dora": {
            "deploymentsPerDay": 24.0, "changeFailures": no_failures(), "changeFailureRate": 0.0,
            "deploymentReworkRate": 0.0,
            "medianLeadTimeSeconds": null, "medianTimeToRestoreSeconds": null,
        },
    });
    for (environment, service, members) in [
        (Some("production"), None, &alone),
        (None, Some("search"), &alone),
        (Some("production"), Some("search"), &alone),
        (Some("staging"), Some("search"), &json!({})),
        (Some("production"), Some("cart"), &json!({})),
        (Some("nowhere"), None, &json!({})),
        (None, Some("nothing"), &json!({})),
    ] {
        let named = |name: &str, value: Option<&str>| value.map_or(String::new(), |value| format!("&{name}={value}"));
        let question = format!("/v1/metrics?hours=1{}{}", named("environment", environment), named("service", service));
        let expected = instead(nothing(1), members);
        let counted = match environment {
            Some(name) => json!({"names": [name], "because": "asked"}),
            None => json!({"names": null, "because": "all"}),
        };
        let named = json!({"environment": environment, "environments": counted, "service": service});
        let expected = instead(expected, &named);
        assert_eq!(world.get(&question).await.body, expected, "{question}");
    }
    let (all, cart) = (world.get("/v1/metrics").await.body, world.get("/v1/metrics?service=cart").await.body);
    assert_eq!((&all["deployments"]["completed"], &cart["deployments"]["completed"]), (&json!(4), &json!(3)));
    let (stages, staging) = (&cart["stages"], world.get("/v1/metrics?environment=staging").await.body);
    assert_eq!((stages, &cart["dora"]), (&staging["stages"], &staging["dora"]), "all of staging is cart");
}

#[tokio::test]
async fn late_events_change_what_a_deployment_counts_for_and_where() {
    let world = World::new().await;
    let counts =
        async |question: &str| world.get(&format!("/v1/metrics?hours=2{question}")).await.body["deployments"].clone();
    let outcomes = |completed: u64, failed: u64, rolled_back: u64| json!({"completed": completed, "failed": failed, "rolledBack": rolled_back, "cancelled": 0});
    let nameless = |seconds, status: &str| json!({"deploymentId": "d-1", "occurredAt": at(seconds), "status": status});
    record(&world, &[nameless(-5000, "COMPLETED")]).await;
    assert_eq!(counts("&environment=unknown&service=unknown").await, outcomes(1, 0, 0));
    // Where it went is learned late.
    record(&world, &[event("d-1", -5600, "IN_PROGRESS")]).await;
    assert_eq!(counts("&environment=unknown").await, outcomes(0, 0, 0));
    assert_eq!(counts("&environment=staging&service=cart").await, outcomes(1, 0, 0));
    let metrics = world.get("/v1/metrics?hours=2").await.body;
    assert_eq!(metrics["durationSeconds"]["maximum"], 600.0, "and how long it took, of its late beginning");
    assert_eq!(metrics["trend"][0]["outcomes"], outcomes(1, 0, 0));
    // That it was rolled back, an hour after it completed: it ended then, and in no other way.
    record(&world, &[event("d-1", -1400, "ROLLED_BACK")]).await;
    let metrics = world.get("/v1/metrics?hours=2").await.body;
    assert_eq!(metrics["trend"][0]["outcomes"], outcomes(0, 0, 0));
    assert_eq!(metrics["trend"][1]["outcomes"], outcomes(0, 0, 1));
    assert_eq!(metrics["dora"]["medianTimeToRestoreSeconds"], 3600.0);
    // A failure that came too late to count: it was before the rollback.
    record(&world, &[event("d-1", -2000, "FAILED")]).await;
    assert_eq!(counts("").await, outcomes(0, 0, 1));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_is_opened_again_is_gone_until_it_ends_again() {
    let world = World::new().await;
    record(&world, &[event("d-1", -100, "IN_PROGRESS"), event("d-1", -50, "COMPLETED")]).await;
    assert_eq!(world.get("/v1/metrics?hours=1").await.body["deployments"]["completed"], 1);
    record(&world, &[attempt("d-1", -40, "IN_PROGRESS", 2)]).await;
    assert_eq!(world.get("/v1/metrics?hours=1").await.body, nothing(1));
    record(&world, &[attempt("d-1", -30, "FAILED", 2)]).await;
    let metrics = world.get("/v1/metrics?hours=1").await.body;
    assert_eq!((&metrics["deployments"]["failed"], &metrics["successRate"]), (&json!(1), &json!(0.0)));
    assert_eq!(metrics["dora"]["changeFailureRate"], 100.0, "its first attempt had completed");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_was_rolled_back_counts_once_and_in_cloudwatch_twice() {
    let world = World::new().await;
    record(&world, &[event("d-1", -50, "COMPLETED"), event("d-1", -40, "ROLLED_BACK")]).await;
    world.publish().await.unwrap();
    let rate = published(&world, "DeploymentSuccessRate", &[("Environment", "staging")]);
    assert_eq!(rate, [(0.0, 1.0), (100.0, 1.0)], "half of two");
    assert_eq!(world.get("/v1/metrics").await.body["successRate"], 0.0, "none of one");
}

#[tokio::test]
async fn what_an_earlier_version_recorded_counts_after_a_rebuild() {
    let mut world = World::new().await;
    record(&world, &[event("d-1", -50, "COMPLETED")]).await;
    let expected = world.get("/v1/metrics?hours=1").await.body;
    let (client, table) = (world.embedded.client(), world.embedded.tables.state.clone());
    let key = |name: &str| AttributeValue::S(name.to_owned());
    let forget = client.update_item().table_name(&table).key("pk", key("DEPLOYMENT#d-1")).key("sk", key("SUMMARY"));
    forget.update_expression("REMOVE finishedMonth, finishedKey, figures").send().await.unwrap();
    let drop = DeleteGlobalSecondaryIndexAction::builder().index_name("by-finished").build().unwrap();
    let drop = GlobalSecondaryIndexUpdate::builder().delete(drop).build();
    client.update_table().table_name(&table).global_secondary_index_updates(drop).send().await.unwrap();
    assert!(world.request("GET", "/v1/metrics", &[], b"", at(0)).await.is_err(), "there is no such index");

    dynamodb::create(&client, &world.embedded.tables).await.unwrap();
    assert_eq!(world.get("/v1/metrics?hours=1").await.body, nothing(1));

    world.restart();
    let rebuilder = world.rebuilder();
    rebuilder.repair(rebuilder.rebuild(at(-DAY), at(DAY)).await.unwrap()).await.unwrap();
    assert_eq!(world.get("/v1/metrics?hours=1").await.body, expected);
    world.expect_state_is_history().await;
}
