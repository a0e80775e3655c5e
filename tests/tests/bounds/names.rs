//! Names that somebody makes up by the thousand: all events are recorded, and metrics stay within their bounds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use crate::template::emitted::clock;

/// Each event is of an environment and a service of its own: a hundred in a request.
async fn flood(world: &World, prefix: &str, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(100) {
        let events: Vec<Value> = some
            .iter()
            .map(|n| {
                json!({
                    "deploymentId": format!("{prefix}-{n}"), "service": format!("s-{n}"), "status": "IN_PROGRESS",
                    "environment": format!("{prefix}-{n}"), "version": "1", "occurredAt": at(0),
                })
            })
            .collect();
        let answer = world.post(&json!(events)).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"));
    }
}

/// The distinct metrics that were published, and the sum of the values of each name.
#[derive(Default)]
struct Seen {
    metrics: BTreeSet<String>,
    sums: BTreeMap<String, f64>,
}

impl Seen {
    fn see(&mut self, world: &World) {
        for call in world.wire.metrics() {
            for datum in call["MetricData"].as_array().unwrap() {
                let name = datum["MetricName"].as_str().unwrap().to_owned();
                self.metrics.insert(format!("{name} {}", datum["Dimensions"]));
                let numbers = |of: &str| datum[of].as_array().unwrap().iter().map(|n| n.as_f64().unwrap());
                let sum: f64 = numbers("Values").zip(numbers("Counts")).map(|(value, count)| value * count).sum();
                *self.sums.entry(name).or_default() += sum;
            }
        }
        world.wire.reset();
    }

    fn sets(&self) -> usize {
        let sets: BTreeSet<&str> =
            self.metrics.iter().filter_map(|name| name.split_once(' ')).map(|(_, of)| of).collect();
        sets.len()
    }
}

#[tokio::test]
async fn two_thousand_environments_in_twenty_requests_make_five_hundred_metric_sets_and_all_is_recorded() {
    let mut world = World::new().await;
    assert_eq!(world.apply(&json!({})).await.status, 201, "nothing but defaults");
    world.wire.reset();
    // A quick run has a third of them, which is as much too much.
    let all = if tests::exhaustive() { 2000 } else { 700 };
    flood(&world, "flood", all).await;
    world.wire.reset();
    world.publish().await.unwrap();
    let mut seen = Seen::default();
    seen.see(&world);
    // 500 environments, `other`, and what says that there were too many.
    assert_eq!(seen.sets(), 502, "of {all}");
    let sum = |name: &str| seen.sums[name].to_string();
    assert_eq!(sum("DeploymentEvents"), all.to_string(), "each event counts, somewhere");
    assert_eq!(sum("MetricSetsRefused"), (all - 500).to_string());

    // Its gauges, from another instance: no further metrics. How far a tick comes in its time is another test's.
    world.restart_cold();
    world.processor.handle(&clock(60), at(60)).await.unwrap();
    let mut gauges = Seen::default();
    gauges.see(&world);
    assert!(gauges.sums["ActiveDeployments"] > 499.0, "{:?}", gauges.sums);
    seen.metrics.extend(gauges.metrics);
    assert_eq!(seen.sets(), 502);

    // What the installation names goes on as ever.
    let event = json!({
        "deploymentId": "real", "service": "cart", "environment": "production", "status": "FAILED", "occurredAt": at(0),
    });
    assert_eq!(world.post(&event).await.status, 201);
    world.wire.reset();
    world.publish().await.unwrap();
    let mut real = Seen::default();
    real.see(&world);
    let failed = r#"DeploymentsFailed [{"Name":"Environment","Value":"production"}]"#;
    assert!(real.metrics.contains(failed), "{:?}", real.metrics);
}

#[tokio::test]
async fn what_is_known_costs_publishing_no_call_and_recording_none_ever() {
    let world = World::new().await;
    let event = |n: usize| {
        json!({
            "deploymentId": format!("d-{n}"), "service": "cart", "environment": "qa", "status": "IN_PROGRESS",
            "occurredAt": at(0),
        })
    };
    let database = |world: &World| -> Vec<String> {
        let calls = world.wire.calls();
        let calls = calls.iter().filter(|call| !["PutMetricData", "PublishBatch"].contains(&call.operation.as_str()));
        calls.map(|call| call.operation.clone()).collect()
    };
    let mut costs = Vec::new();
    for n in 0..3 {
        world.wire.reset();
        assert_eq!(world.post(&event(n)).await.status, 201);
        assert!(
            world.wire.calls().iter().all(|call| !call.request.contains("METRICS")),
            "recording looks at no metrics"
        );
        world.wire.reset();
        world.publish().await.unwrap();
        costs.push(database(&world));
    }
    assert_eq!(costs[0], ["Query", "TransactWriteItems"], "what is known, and that it is new");
    assert_eq!((costs[1].len(), costs[2].len()), (0, 0), "{costs:?}");
}

#[tokio::test]
async fn only_services_that_settings_name_have_metrics_of_their_own() {
    let mut world = World::new().await;
    for (settings, expected) in [
        (json!({}), vec![]),
        (json!({"metricsByService": ["pay*"]}), vec!["pay-in", "payments"]),
        (json!({"metricsByService": ["*"]}), vec!["cart", "pay-in", "payments"]),
    ] {
        assert!(world.apply(&settings).await.status < 300);
        for service in ["cart", "payments", "pay-in"] {
            let event = json!({
                "deploymentId": format!("{service}-{}", expected.len()), "service": service, "environment": "qa",
                "status": "COMPLETED", "occurredAt": at(0),
            });
            assert_eq!(world.post(&event).await.status, 201);
        }
        world.wire.reset();
        world.publish().await.unwrap();
        let (mut services, mut events) = (BTreeSet::new(), 0.0);
        for call in world.wire.metrics() {
            for datum in call["MetricData"].as_array().unwrap() {
                let dimensions = datum["Dimensions"].as_array().unwrap();
                let of = |name| dimensions.iter().find(|of| of["Name"] == name).map(|of| of["Value"].as_str().unwrap());
                services.extend(of("Service").map(str::to_owned));
                if datum["MetricName"] == "DeploymentsCompleted" && of("Service").is_none() {
                    events += datum["Counts"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).sum::<f64>();
                }
            }
        }
        assert_eq!(services.into_iter().collect::<Vec<_>>(), expected, "{settings}");
        assert_eq!(events.to_string(), "3", "the sums of the environment are whole");
    }
}

#[tokio::test]
async fn two_instances_that_see_new_names_at_once_keep_the_bound_together() {
    let mut world = World::new().await;
    assert_eq!(world.apply(&json!({"metricsPerDay": 50})).await.status, 201);
    flood(&world, "flood", 200).await;
    let another = world.another_processor();
    world.wire.reset();
    let (one, other) = (clock(60), clock(61));
    let (first, second) = tokio::join!(world.processor.handle(&one, at(60)), another.handle(&other, at(61)));
    first.unwrap();
    second.unwrap();
    let mut seen = Seen::default();
    seen.see(&world);
    assert_eq!(seen.sets(), 52, "not a hundred");
}
