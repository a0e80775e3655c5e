//! That an environment is retired: recorded under the environment, in whatever order, and nowhere taken for a
//! deployment.

use domain::identifiers::{Environment, Identifier as _};
use domain::{Moment, Timestamp};
use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

use super::{enveloped, event, event_with, record};

/// That an environment was retired at some seconds after noon.
fn retirement(environment: &str, seconds: i64) -> Value {
    json!({"type": "retirement", "environment": environment, "occurredAt": at(seconds)})
}

fn named(environment: &str) -> Environment {
    Environment::parse(environment).unwrap()
}

/// When an environment was retired, as is read back.
async fn retired(world: &World, environment: &str) -> Vec<Moment> {
    world.reader().retirements(&named(environment)).await.unwrap()
}

fn moments(seconds: &[i64]) -> Vec<Moment> {
    seconds.iter().map(|seconds| Moment::from(at(*seconds))).collect()
}

#[tokio::test]
async fn a_retirement_is_recorded_once_and_its_history_is_that_of_any() {
    let world = World::new().await;
    assert_eq!(retired(&world, "staging").await, []);
    for (seconds, sequence) in [(20, 1), (10, 2)] {
        let answer = world.post_at(&retirement("staging", seconds), at(3600)).await;
        let receipt = &answer.body;
        assert_eq!((answer.status, &receipt["deploymentId"]), (201, &json!("environment:staging")), "{answer:?}");
        assert_eq!((&receipt["sequence"], &receipt["status"]), (&json!(sequence), &json!("COMPLETED")));
    }
    let again = world.post_at(&retirement("staging", 20), at(7200)).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")));
    assert_eq!(retired(&world, "staging").await, moments(&[10, 20]), "in their order, whatever order they came in");

    let path = "/v1/deployments/environment:staging";
    let trail = world.get(&format!("{path}/events")).await.body;
    let events: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|item| &item["event"]).collect();
    let kept = |seconds: i64| {
        json!({
            "type": "retirement", "environment": "staging", "occurredAt": at(seconds), "source": "native",
            "deploymentId": "environment:staging", "status": "COMPLETED", "attempt": 1,
        })
    };
    assert_eq!(events, [&kept(20), &kept(10)]);
    let verified = world.get(&format!("{path}/verify")).await.body;
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(2)), "{verified}");
    let shown = world.get(path).await.body;
    assert_eq!((&shown["environment"], &shown["status"]), (&json!("staging"), &json!("COMPLETED")), "{shown}");
    assert_eq!(world.get(&format!("{path}/events?format=cdevents")).await.body["items"], json!([]));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn an_id_means_one_retirement() {
    let world = World::new().await;
    let with_id = |seconds: i64| {
        let mut event = retirement("staging", seconds);
        event["eventId"] = json!("cleanup-1");
        event
    };
    record(&world, &[with_id(10)]).await;
    assert_eq!(world.post_at(&with_id(20), at(3600)).await.status, 409);
    assert_eq!(retired(&world, "staging").await, moments(&[10]));
    // The same id says something else of another environment.
    let mut other = with_id(20);
    other["environment"] = json!("production");
    record(&world, &[other]).await;
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn an_environment_of_any_name_has_a_history_of_its_own() {
    let world = World::new().await;
    let (long, other) = ("生".repeat(128), format!("{}产", "生".repeat(127)));
    let names = ["production", "PR #12", "PR@20@2312", "Größe", "🚀 prod", "a/events", "x§n", &long, &other];
    let mut ids = std::collections::BTreeSet::new();
    for (seconds, name) in (0..).zip(names) {
        let answer = world.post_at(&retirement(name, seconds), at(3600)).await;
        assert_eq!(answer.status, 201, "{name}: {answer:?}");
        let id = answer.body["deploymentId"].as_str().unwrap().to_owned();
        let trail = world.get(&format!("/v1/deployments/{id}/events")).await;
        assert_eq!(trail.body["items"][0]["event"]["environment"], name, "{trail:?}");
        assert_eq!(world.get(&format!("/v1/deployments/{id}/verify")).await.body["intact"], true);
        ids.insert(id);
    }
    assert_eq!(ids.len(), names.len(), "{ids:?}");
    let asked = names.map(named).into_iter().chain([named("another")]).collect::<Vec<_>>();
    let all = world.reader().retirements_of(&asked).await.unwrap();
    let expected = (0..).zip(names).map(|(seconds, name)| (named(name), moments(&[seconds])));
    assert_eq!(all, expected.collect());
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_clock_ahead_retires_nothing_after_the_receipt() {
    let world = World::new().await;
    assert_eq!(world.post_at(&retirement("staging", 100), at(0)).await.status, 201);
    assert_eq!(retired(&world, "staging").await, [Moment { at: at(0), ahead: true }]);
    world.expect_state_is_history().await;
}

/// Every list, count and figure of deployments and incidents, three hours after noon.
async fn about_deployments(world: &World) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for path in [
        "/v1/deployments",
        "/v1/deployments?environment=staging",
        "/v1/deployments?environment=preview",
        "/v1/deployments?service=unknown",
        "/v1/deployments?service=cart&environment=staging",
        "/v1/deployments/active",
        "/v1/incidents",
        "/v1/incidents?environment=staging",
        "/v1/metrics",
        "/v1/metrics?environment=staging&hours=72",
    ] {
        answers.push((path.to_owned(), world.get_at(path, at(3 * 3600)).await.body));
    }
    answers
}

#[tokio::test]
async fn a_retirement_is_no_deployment_wherever_these_are_listed_counted_or_notified() {
    let world = World::new().await;
    let version = |version: &str| json!({"version": version});
    record(
        &world,
        &[
            event_with("d-1", 0, "COMPLETED", &version("1")),
            event_with("d-2", 60, "IN_PROGRESS", &version("2")),
            event_with("incident:1", 70, "IN_PROGRESS", &json!({"type": "incident"})),
        ],
    )
    .await;
    world.publish().await.unwrap();
    let before = about_deployments(&world).await;
    world.wire.reset();
    record(&world, &[retirement("staging", 100), retirement("preview", 110)]).await;
    world.publish().await.unwrap();
    assert_eq!((world.wire.metrics(), world.wire.messages().len()), (vec![], 0), "neither counted nor notified");
    assert_eq!(about_deployments(&world).await, before);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_retirement_on_a_bus_is_read_under_any_detail_type_and_a_wrong_one_is_put_aside() {
    let world = World::new().await;
    let other_type = enveloped(&retirement("preview", 20), 2, 60).replace("Deployment Event", "Environment Retired");
    let service = json!({"type": "retirement", "environment": "preview", "occurredAt": at(30), "service": "cart"});
    let bodies = [enveloped(&retirement("preview", 10), 1, 60), other_type, enveloped(&service, 3, 60)];
    assert_eq!(world.queue(&bodies, at(3600)).await.unwrap(), Vec::<usize>::new());
    assert_eq!(retired(&world, "preview").await, moments(&[10, 20]));
    let rejected = world.get("/v1/rejected").await.body;
    let errors: Vec<&Value> = rejected["items"].as_array().unwrap().iter().map(|item| &item["errors"]).collect();
    assert_eq!(errors.len(), 1, "{rejected}");
    assert!(errors[0][0]["detail"].as_str().unwrap().contains("a `removal` takes one service out"), "{errors:?}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn an_environment_that_a_tool_deleted_is_retired_under_the_name_that_a_rule_gives_it() {
    let mut world = World::new().await;
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/cdevents/environment-deleted.json");
    let deleted = |id: &str| {
        let mut event: Value = std::fs::read_to_string(sample).unwrap().parse().unwrap();
        event["subject"]["id"] = json!(id);
        event
    };
    let time = Moment::from(Timestamp::parse("2026-03-01T11:30:00Z").unwrap());
    let receipt = world.post(&deleted("preview/12")).await;
    assert_eq!((receipt.status, &receipt.body["deploymentId"]), (201, &json!("environment:preview@2f12")));
    assert_eq!(retired(&world, "preview/12").await, [time]);

    world.change_rules(&json!([
        {"source": "cdevents", "when": {"environment": "cluster-7/*"}, "environment": "production"},
        {"source": "cdevents", "when": {"environment": "{service}@*"}, "environment": "shared"},
        {"source": "cdevents", "when": {"environment": "scratch-*"}, "deployment": false},
    ]));
    let in_detail = enveloped(&deleted("cluster-7/prod"), 1, 60).replace("Deployment Event", "CDEvent");
    assert_eq!(world.send(&Door::Queue, in_detail.as_bytes()).await, Ok(Taken::Done));
    assert_eq!(retired(&world, "production").await, [time]);
    assert_eq!(retired(&world, "cluster-7/prod").await, []);
    let with_service = world.post(&deleted("cart@1")).await;
    assert_eq!(with_service.body["deploymentId"], "environment:shared", "a rule's service is no part of it");
    assert_eq!(world.post(&deleted("scratch-1")).await.body["outcome"], "ignored");
    let wrong = world.post(&deleted("unknown")).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (400, &json!("environment")), "{wrong:?}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_retirement_and_deployments_of_its_environment_arrive_in_any_order_and_each_keeps_its_history() {
    let world = World::new().await;
    let mixed = json!([event("d-1", 0, "COMPLETED"), retirement("staging", 50), event("d-1", 10, "FAILED")]);
    let receipts = world.post_at(&mixed, at(3600)).await.body;
    let ids: Vec<&Value> = receipts.as_array().unwrap().iter().map(|receipt| &receipt["deploymentId"]).collect();
    assert_eq!(ids, ["d-1", "environment:staging", "d-1"]);
    assert_eq!(world.get("/v1/deployments/d-1").await.body["eventCount"], 2);
    assert_eq!(retired(&world, "staging").await, moments(&[50]));
    world.expect_state_is_history().await;
}
