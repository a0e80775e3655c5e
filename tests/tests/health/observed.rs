//! Observations: histories of their own, which change no deployment.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{deployment, event, of, of_place, record, with};

const OF_PLACE: &str = "observations:production:cart:2026-03-01T11";

#[tokio::test]
async fn what_is_observed_stands_in_a_history_of_its_own_and_changes_no_deployment() {
    let world = World::new().await;
    record(&world, &[event("c-1", -600, "COMPLETED", "1")]).await;
    let before = deployment(&world, "c-1", "").await.body;
    let metrics = json!({"errorRate": 1.5, "errorCount": 3});
    for (observation, history) in
        [(of("c-1", -500, &metrics), "observations:c-1"), (of_place(-400, &metrics), OF_PLACE)]
    {
        let answer = world.post(&observation).await;
        assert_eq!((answer.status, &answer.body["deploymentId"]), (201, &json!(history)), "{}", answer.body);
        let again = world.post(&observation).await;
        assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{}", again.body);
        let verified = world.get(&format!("/v1/deployments/{history}/verify")).await;
        assert_eq!((&verified.body["intact"], &verified.body["events"]), (&json!(true), &json!(1)));
        let trail = world.get(&format!("/v1/deployments/{history}/events")).await;
        assert_eq!(trail.body["items"][0]["event"]["metrics"], metrics, "{}", trail.body);
    }
    let after = deployment(&world, "c-1", "").await.body;
    for field in ["status", "updatedAt", "finishedAt", "eventCount", "metrics", "flags", "attempt"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    for list in ["/v1/deployments", "/v1/deployments/active", "/v1/incidents"] {
        let listed = world.get(list).await.body["items"].as_array().unwrap().len();
        assert_eq!(listed, usize::from(list == "/v1/deployments"), "{list}");
    }
    let metrics = world.get("/v1/metrics").await.body;
    assert_eq!(metrics["deployments"]["completed"], json!(1), "{metrics}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_wrong_observation_is_refused_with_the_field_and_what_would_be_right() {
    let world = World::new().await;
    let good = of_place(-1, &json!({"errorRate": 1}));
    for (more, field, says) in [
        (json!({"occurredAt": null}), "occurredAt", "is required on an observation"),
        (json!({"service": null}), "service", "is required on an observation, with `environment`; or `deploymentId`"),
        (json!({"environment": "unknown"}), "environment", "is required on an observation"),
        (json!({"metrics": null}), "metrics", "must have healthScore, errorRate or latencyP95Ms"),
        (json!({"metrics": {"errorCount": 1}}), "metrics", "must have healthScore"),
        (json!({"metrics": {"errorRate": 101}}), "metrics.errorRate", "must be a number from 0 to 100"),
        (json!({"baseline": {"latency": 1}}), "baseline.latency", "unknown field"),
        (json!({"status": "COMPLETED"}), "status", "it changes no status"),
        (json!({"version": "1"}), "version", "what was live at `occurredAt`"),
        (json!({"stage": "TEST"}), "stage", "says only what was measured"),
        (json!({"deploymentId": "incident:1"}), "deploymentId", "must be a deployment"),
        (json!({"deploymentId": "observations:c-1"}), "deploymentId", "must be a deployment"),
    ] {
        let answer = world.post(&with(good.clone(), &more)).await;
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let found = |error: &Value| error["field"] == field && error["detail"].as_str().unwrap().contains(says);
        assert!(answer.status == 422 || answer.status == 400, "{more}: {}", answer.body);
        assert!(errors.iter().any(found), "{more}: {}", answer.body);
        assert_eq!(errors.len(), 1, "{more}: {}", answer.body);
    }
    for wrong in [
        with(event("c-1", -1, "COMPLETED", "1"), &json!({"baseline": {"errorRate": 1}})),
        event(OF_PLACE, -1, "COMPLETED", "1"),
    ] {
        let answer = world.post(&wrong).await;
        assert!(answer.status == 422 || answer.status == 400, "{}", answer.body);
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn who_may_report_of_a_place_may_observe_there_and_nowhere_else() {
    let mut world = World::new().await;
    let who = "arn:aws:sts::111122223333:assumed-role/cart/*";
    let cart = "arn:aws:sts::111122223333:assumed-role/cart/1";
    let settings = json!({"permissions": [
        {"who": "anonymous", "may": ["settings", "report"]},
        {"who": who, "may": ["report"], "services": ["cart"], "environments": ["production"]},
    ]});
    assert_eq!(world.apply(&settings).await.status, 201);
    let rate = json!({"errorRate": 50});
    let here = json!({"service": "cart", "environment": "production"});
    let elsewhere = json!({"service": "pay", "environment": "production"});
    for (observation, expected) in [
        (of_place(-1, &rate), 201),
        (with(of_place(-2, &rate), &elsewhere), 403),
        // Whose deployment that is, nobody says.
        (of("pay-1", -3, &rate), 403),
        (with(of("pay-1", -4, &rate), &elsewhere), 403),
        // Of whatever deployment it says it is, it counts only in the place that it names.
        (with(of("pay-1", -5, &rate), &here), 201),
        (with(of("c-1", -6, &rate), &here), 201),
    ] {
        let answer = world.post_as(cart, &observation).await;
        assert_eq!(answer.status, expected, "{observation}: {}", answer.body);
    }
    // What others observed of a deployment takes no right from those whose it is.
    assert_eq!(world.post(&with(of("pay-1", -7, &rate), &elsewhere)).await.status, 201);
    record(&world, &[with(event("pay-1", -20, "COMPLETED", "1"), &elsewhere)]).await;
    let verdict = super::verdict(&world, "pay-1", "").await;
    assert_eq!((&verdict["state"], &verdict["reasons"][0]["count"]), (&json!("BAD"), &json!(1)), "{verdict}");
    assert_eq!(verdict["reasons"][0]["first"], json!(at(-7)));
}

#[tokio::test]
async fn a_line_that_was_removed_or_altered_is_found_and_comes_back() {
    let world = World::new().await;
    record(&world, &[of_place(-400, &json!({"errorRate": 1})), of("c-1", -300, &json!({"errorRate": 2}))]).await;
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
    let lines: Vec<_> = items.iter().filter(|item| item["pk"].as_s().unwrap().starts_with("OBSERVED#")).collect();
    assert_eq!(lines.len(), 2, "{items:?}");
    let removed = client.delete_item().table_name(table).key("pk", lines[0]["pk"].clone());
    removed.key("sk", lines[0]["sk"].clone()).send().await.unwrap();
    let mut altered = lines[1].clone();
    let text = altered["observed"].as_s().unwrap().replace("errorRate", "healthScore");
    altered.insert("observed".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(text));
    client.put_item().table_name(table).set_item(Some(altered)).send().await.unwrap();
    let found = world.get("/v1/verify?day=2026-03-01&limit=100").await.body;
    let problems = |item: &Value| item["problems"].as_array().unwrap().len();
    let wrong = found["items"].as_array().unwrap().iter().map(problems).sum::<usize>();
    assert_eq!(wrong, 2, "{found}");
    let rebuilder = world.rebuilder();
    let rebuilt = rebuilder.rebuild(at(-86_400), at(86_400)).await.unwrap();
    assert_eq!(rebuilt.differences.len(), 2, "{:?}", rebuilt.differences);
    assert_eq!(rebuilder.repair(rebuilt).await.unwrap().items, 2);
    world.expect_state_is_history().await;
}
