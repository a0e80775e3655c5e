//! What questions cost.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::event;

#[tokio::test]
async fn a_status_read_costs_a_unit_and_half_a_unit_for_each_question_of_what_is_expected() {
    let world = World::new().await;
    for seconds in 0..10 {
        let stage = json!({"type": "stage", "stage": format!("STAGE-{seconds}"), "status": "IN_PROGRESS"});
        world.post(&event("deploy-1", seconds - 60, stage)).await;
    }
    world.wire.reset();
    assert_eq!(world.get("/v1/deployments/deploy-1").await.status, 200);
    // Nothing has landed in its place: what ended in its environment is asked for, in this month and the one before.
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["GetItem", "Query", "Query", "Query"]);
    assert!(world.wire.units() <= 2.5, "{}", world.wire.units());
}

#[tokio::test]
async fn metrics_read_the_index_and_the_cells_of_places_where_several_deployments_ended() {
    let world = World::new().await;
    for (environment, seconds) in [("staging", -60), ("production", -60), ("production", -20 * 24 * 3600)] {
        let ended = |n: i64| {
            let id = format!("{environment}-{seconds}-{n}");
            let service = format!("service-{n}");
            event(&id, seconds - n, json!({"environment": environment, "service": service, "status": "COMPLETED"}))
        };
        assert_eq!(world.post(&json!((0..100).map(ended).collect::<Vec<_>>())).await.status, 200);
    }
    // A read unit holds 8 KB of an index; one partition for each environment and month, side by side.
    // Over more than two weeks it is asked what is kept: a unit for each environment, and what is noted of those that
    // came late, here a hundred.
    for (question, deployments, partitions, places, units) in [
        ("environment=production&hours=11", 100, 1, 0_u32, 4.0),
        ("environment=production&hours=648", 200, 2, 100, 8.0 + 1.0 + 5.0),
        ("hours=648", 300, 4, 100, 13.0 + 2.0 + 5.0),
    ] {
        world.wire.reset();
        let metrics = world.get(&format!("/v1/metrics?{question}")).await.body;
        assert_eq!(metrics["deployments"]["completed"], deployments, "{question}");
        let calls = world.wire.calls();
        let of =
            |part: &str| calls.iter().filter(|call| call.operation == "Query" && call.request.contains(part)).count();
        assert_eq!((of("by-finished"), of("LIVE#")), (partitions, 0), "{question}");
        // One unit for each place where two ended: its cell has the newest landings.
        let most = units + f64::from(places);
        assert!(world.wire.units() <= most, "{} units for {question}", world.wire.units());
    }
    // Only where more landed than a cell has, its log is read.
    let often = |n: i64| event(&format!("often-{n}"), -300 - n, json!({"service": "often", "status": "COMPLETED"}));
    assert_eq!(world.post(&json!((0..12).map(often).collect::<Vec<_>>())).await.status, 200);
    world.wire.reset();
    world.get("/v1/metrics?environment=production&hours=11").await;
    let calls = world.wire.calls();
    let logs = calls.iter().filter(|call| call.operation == "Query" && call.request.contains("LIVE#")).count();
    assert_eq!(logs, 1);
    // An incident is in the partition of its environment: no further read of the index, unless nothing is deployed there.
    for (environment, partitions) in [("production", 4), ("elsewhere", 6)] {
        let resolved = json!({"type": "incident", "environment": environment, "status": "COMPLETED"});
        assert_eq!(world.post(&event(&format!("incident:{environment}"), -60, resolved)).await.status, 201);
        world.wire.reset();
        world.get("/v1/metrics?hours=648").await;
        let index = world.wire.calls().iter().filter(|call| call.request.contains("by-finished")).count();
        assert_eq!(index, partitions, "{environment}");
    }
}

#[tokio::test]
async fn an_incident_costs_no_more_than_a_deployment_and_its_list_no_more_with_many() {
    let world = World::new().await;
    let incident = |n: u32, seconds: i64, status: &str| {
        event(&format!("incident:{n:05}"), seconds, json!({"type": "incident", "status": status}))
    };
    world.post(&incident(0, -9000, "IN_PROGRESS")).await;
    // Once, so that the settings are known.
    world.get("/v1/incidents").await;
    let mut units = Vec::new();
    for status in ["IN_PROGRESS", "COMPLETED"] {
        world.wire.reset();
        assert_eq!(world.post(&incident(1, -8000, status)).await.status, 201);
        let calls = world.wire.calls();
        assert!(calls.iter().all(|call| !call.request.contains("LIVE#")), "nothing goes live with it");
        let writes = calls.iter().filter(|call| call.operation == "TransactWriteItems");
        units.extend(writes.map(|call| call.units.to_string()));
    }
    assert_eq!(units, ["7", "10"], "a deployment takes 8 and 17");
    let mut costs = Vec::new();
    let mut recorded = 2;
    for incidents in [102, 502] {
        while recorded < incidents {
            let batch: Vec<Value> =
                (recorded..recorded + 100).map(|n| incident(n, -i64::from(n), "IN_PROGRESS")).collect();
            assert_eq!(world.post(&json!(batch)).await.status, 200);
            recorded += 100;
        }
        for question in ["", "?environment=production", "?service=checkout-service"] {
            world.wire.reset();
            let page = world.get(&format!("/v1/incidents{question}")).await.body;
            assert_eq!(page["items"].as_array().unwrap().len(), 20);
            costs.push((question, world.wire.count("Query"), world.wire.calls().len(), world.wire.units().to_string()));
        }
    }
    let (few, many) = costs.split_at(3);
    assert_eq!(few, many);
    assert!(
        few.iter().all(|(_, queries, calls, _)| (*queries, *calls) == (2, 4)),
        "and all of them, and what ran in their places, in a batch each: {few:?}"
    );
}

#[tokio::test]
async fn the_first_page_of_history_costs_the_same_with_a_hundred_and_with_ten_thousand_deployments() {
    let world = World::new().await;
    let mut costs = Vec::new();
    let mut recorded = 0;
    // A quick run compares with a thousand.
    for deployments in [100, if tests::exhaustive() { 10_000 } else { 1_000 }] {
        while recorded < deployments {
            let batch: Vec<Value> = (recorded..recorded + 100)
                .map(|n| event(&format!("deploy-{n:05}"), -i64::from(n), json!({"status": "IN_PROGRESS"})))
                .collect();
            assert_eq!(world.post(&json!(batch)).await.status, 200);
            recorded += 100;
        }
        world.wire.reset();
        let page = world.get("/v1/deployments?environment=production").await.body;
        assert_eq!(page["items"].as_array().unwrap().len(), 20);
        costs.push((world.wire.calls().len(), world.wire.units().to_string()));
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn what_landings_were_costs_a_page_of_history_a_page_of_the_log_for_each_that_is_not_the_latest() {
    let world = World::new().await;
    let ending = |n: i64| {
        let version = json!({"status": "COMPLETED", "version": n.to_string(), "commit": format!("{n:040}")});
        event(&format!("deploy-{n:03}"), n - 200, version)
    };
    let endings: Vec<Value> = (0..40).map(ending).collect();
    assert_eq!(world.post(&json!(endings)).await.status, 200);
    world.wire.reset();
    let page = world.get("/v1/deployments?environment=production&service=checkout-service&limit=20").await.body;
    let changes: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["change"]).collect();
    assert_eq!(changes, vec!["forward"; 20]);
    let calls = world.wire.calls();
    let of = |part: &str| calls.iter().filter(|call| call.request.contains(part)).count();
    assert_eq!((of("LIVE#production#checkout-service"), of("LANDED#")), (19, 1), "the cell says what the latest is");
    // Months, index, each deployment; then cell, log, landings.
    assert_eq!(world.wire.rounds(), 6);
    let units: f64 = calls
        .iter()
        .filter(|call| call.request.contains("LIVE#") || call.request.contains("LANDED#"))
        .map(|call| call.units)
        .sum();
    assert!(units <= 20.0 * 2.0, "{units} read units for 20 rows");
}

#[tokio::test]
async fn what_was_used_in_a_month_is_counted_by_a_query_for_each_of_its_days_in_one_round_trip() {
    let world = World::new().await;
    for n in 0..3 {
        world.post(&event(&format!("deploy-{n}"), -60, json!({"status": "IN_PROGRESS"}))).await;
    }
    // Once, so that the settings are known.
    world.get("/v1/usage").await;
    world.wire.reset();
    let usage = world.get("/v1/usage").await.body;
    assert_eq!(usage["events"], 3, "{usage}");
    let days = usage["days"].as_u64().unwrap();
    // And one for the sets of metrics.
    assert_eq!(world.wire.calls().len() as u64, days + 1);
    assert_eq!(world.wire.rounds(), 2);
}

#[tokio::test]
async fn verdicts_cost_publishing_nothing_but_where_something_speaks_against_a_deployment() {
    let world = World::new().await;
    let landed = |n: usize, seconds: i64| {
        let mut event = event(&format!("deploy-{n}"), seconds, json!({"status": "COMPLETED"}));
        event["service"] = json!(format!("service-{n}"));
        event
    };
    for n in 0..10 {
        assert_eq!(world.post(&landed(n, -600)).await.status, 201);
    }
    world.publish().await.unwrap();
    let observed = |n: usize, rate: f64, seconds: i64| {
        json!({"type": "observation", "service": format!("service-{n}"), "environment": "production",
               "metrics": {"errorRate": rate}, "occurredAt": at(seconds)})
    };
    // What is well by the bounds in force: whether these are the newest is asked once for all ten.
    for n in 0..10 {
        assert_eq!(world.post(&observed(n, 1.0, -500)).await.status, 201);
    }
    world.wire.reset();
    world.publish().await.unwrap();
    let operations: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert!(operations.len() <= 2, "{operations:?}");
    assert!(world.wire.units() <= 1.0, "{}", world.wire.units());
    // Of what is bad it is judged once for each deployment, however often it was measured.
    for seconds in [-400, -390, -380] {
        assert_eq!(world.post(&observed(0, 50.0, seconds)).await.status, 201);
    }
    world.wire.reset();
    world.publish().await.unwrap();
    assert_eq!(world.wire.count("PublishBatch"), 1);
    let calls = world.wire.calls().len();
    assert!(calls <= 30, "{calls}: {:?}", world.wire.calls().iter().map(|call| &call.operation).collect::<Vec<_>>());
}
