//! Success rates: 100 for each that succeeded and 0 for each that did not, so that the average over
//! any time is the rate, and nothing is no data.

use serde_json::{Value, json};
use tests::World;

use super::{event, event_with, published, record};

const ENVIRONMENT: (&str, &str) = ("Environment", "staging");

fn stage(id: &str, seconds: i64, name: &str, status: &str) -> Value {
    event_with(id, seconds, status, &json!({"type": "stage", "stage": name}))
}

#[tokio::test]
async fn the_average_of_the_endings_is_the_success_rate() {
    let world = World::new().await;
    record(
        &world,
        &[
            event("running", 0, "IN_PROGRESS"),
            event("given-up", 0, "CANCELLED"),
            stage("running", 1, "DEPLOYMENT", "IN_PROGRESS"),
            stage("running", 2, "DEPLOYMENT", "CANCELLED"),
        ],
    )
    .await;
    world.publish().await.unwrap();
    for rate in ["DeploymentSuccessRate", "StageSuccessRate"] {
        assert!(!json!(world.wire.metrics()).to_string().contains(rate), "nothing ended well or badly: no {rate}");
    }

    record(
        &world,
        &[
            event("well-1", 0, "COMPLETED"),
            event("well-2", 0, "COMPLETED"),
            // Once for each attempt and status, however often it is reported.
            event("well-2", 1, "COMPLETED"),
            event("badly", 0, "FAILED"),
            event_with("badly", 1, "COMPLETED", &json!({"attempt": 2})),
            event("back", 0, "COMPLETED"),
            event("back", 1, "ROLLED_BACK"),
        ],
    )
    .await;
    world.publish().await.unwrap();
    for dimensions in [vec![ENVIRONMENT], vec![ENVIRONMENT, ("Service", "cart")]] {
        let rate = published(&world, "DeploymentSuccessRate", &dimensions);
        assert_eq!(rate, [(0.0, 2.0), (100.0, 4.0)], "{dimensions:?}");
        for (metric, count) in
            [("DeploymentsCompleted", 4.0), ("DeploymentsFailed", 1.0), ("DeploymentsRolledBack", 1.0)]
        {
            assert_eq!(published(&world, metric, &dimensions), [(1.0, count)], "{metric}");
        }
    }
}

#[tokio::test]
async fn each_stage_has_its_own_success_rate() {
    let world = World::new().await;
    record(
        &world,
        &[
            stage("d-1", 0, "DEPLOYMENT", "COMPLETED"),
            stage("d-2", 0, "DEPLOYMENT", "COMPLETED"),
            stage("d-2", 1, "DEPLOYMENT", "COMPLETED"),
            stage("d-3", 0, "DEPLOYMENT", "FAILED"),
            stage("d-3", 0, "A name of their own", "FAILED"),
        ],
    )
    .await;
    world.publish().await.unwrap();
    let rate = |stage| published(&world, "StageSuccessRate", &[ENVIRONMENT, ("Stage", stage)]);
    assert_eq!(rate("DEPLOYMENT"), [(0.0, 1.0), (100.0, 2.0)]);
    assert_eq!(rate("A name of their own"), [(0.0, 1.0)]);
    let text = json!(world.wire.metrics()).to_string();
    assert!(!text.contains("DeploymentSuccessRate"), "a stage's success is never the deployment's");
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap().iter().filter(|d| d["MetricName"] == "StageSuccessRate") {
            assert_eq!(datum["Unit"], "Percent");
        }
    }
}

#[tokio::test]
async fn a_rate_counts_where_a_deployment_is_named_to_go_late() {
    let world = World::new().await;
    let nameless = |status: &str| json!({"deploymentId": "d-1", "status": status, "occurredAt": tests::world::at(0)});
    record(&world, &[nameless("COMPLETED"), event("d-1", -5, "IN_PROGRESS")]).await;
    world.publish().await.unwrap();
    for environment in ["unknown", "staging"] {
        let rate = published(&world, "DeploymentSuccessRate", &[("Environment", environment)]);
        assert_eq!(rate, [(100.0, 1.0)], "{environment}");
    }
}

#[tokio::test]
async fn a_day_has_at_most_500_new_sets_of_metrics_and_the_rest_counts_for_the_environment() {
    let world = World::new().await;
    for first in (0..600).step_by(100) {
        let events = (first..first + 100)
            .map(|n| event_with(&format!("d-{n}"), 0, "IN_PROGRESS", &json!({"service": format!("service-{n}")})));
        assert_eq!(world.post(&json!(events.collect::<Vec<_>>())).await.status, 200);
    }
    world.publish().await.unwrap();
    let (mut services, mut started) = (std::collections::BTreeSet::new(), 0.0);
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap() {
            match datum["Dimensions"].as_array().unwrap().as_slice() {
                [_, service] => drop(services.insert(service["Value"].to_string())),
                _ if datum["MetricName"] == "DeploymentsStarted" => started += datum["Counts"][0].as_f64().unwrap(),
                _ => {}
            }
        }
    }
    // The environment is the first of them.
    assert_eq!((services.len(), started), (499, 600.0));
}
