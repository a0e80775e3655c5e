//! Several deployments of one environment, with regions and without: landings, rollbacks, what is reported in
//! passing, what a tick concludes, and that the environment is retired in between.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::world::at;

use super::arrival::{Event, concluded, heard, reported};
use super::outcome::{Outcome, differences, outcome};
use super::permutations;

/// An event of a deployment at some seconds after noon.
fn event(id: &str, seconds: i64, status: &str, more: Value) -> Value {
    let mut event = json!({
        "deploymentId": id, "service": "cart", "environment": "production", "status": status, "occurredAt": at(seconds),
    });
    let Value::Object(more) = more else { panic!("an object") };
    event.as_object_mut().unwrap().extend(more);
    event
}

fn retirement(seconds: i64) -> Value {
    json!({"type": "retirement", "environment": "production", "occurredAt": at(seconds)})
}

/// Tells a story in every order, in batches of every size, every other time with duplicates.
async fn told_in_every_order(story: &[Event]) -> Outcome {
    let as_of = [-1, 0, 10, 15, 20, 29, 30, 40, 4000];
    let expected = outcome(&heard(story, 6).await, &["cart"], &as_of).await;
    let orders = permutations(story);
    assert_eq!(orders.len(), 720);
    for (number, mut order) in orders.into_iter().enumerate().step_by(tests::one_in_of_many(74)) {
        if number % 2 == 0 {
            order.extend(order.clone().into_iter().step_by(number % 3 + 1));
        }
        let found = outcome(&heard(&order, number % 6 + 1).await, &["cart"], &as_of).await;
        let differences = differences(&expected, &found);
        assert!(differences.is_empty(), "{}\nafter {order:#?}", differences.join("\n"));
    }
    expected
}

fn version(version: &str) -> Value {
    json!({"version": version, "commit": format!("c{version}")})
}

#[tokio::test]
async fn a_rollback_after_a_retirement_and_one_that_was_overtaken() {
    let story = [
        event("a", 0, "COMPLETED", version("1")),
        event("b", 5, "IN_PROGRESS", version("2")),
        retirement(10),
        event("c", 20, "IN_PROGRESS", json!({"version": "1", "commit": "c1", "stage": "BUILD"})),
        event("c", 30, "COMPLETED", json!({"stage": "DEPLOY"})),
        event("a", 40, "ROLLED_BACK", json!({})),
    ];
    let outcome = told_in_every_order(&reported(&story)).await;
    assert!(outcome["/v1/deployments/b"].contains("SUPERSEDED"), "{}", outcome["/v1/deployments/b"]);
    assert!(outcome["/v1/live"].contains(r#""change":"redeploy""#), "{}", outcome["/v1/live"]);
}

#[tokio::test]
async fn regions_of_which_one_goes_back_and_a_retirement_in_between() {
    let in_region = |region: &str, version: &str| json!({"version": version, "region": region});
    let story = [
        event("a", 0, "COMPLETED", in_region("eu", "1")),
        event("b", 10, "COMPLETED", json!({"version": "2"})),
        retirement(15),
        event("c", 20, "COMPLETED", in_region("us", "1")),
        event("d", 30, "ROLLED_BACK", json!({"version": "3", "region": "eu", "rollbackTo": "47"})),
        event("b", 40, "ROLLED_BACK", json!({"version": "2"})),
    ];
    let outcome = told_in_every_order(&reported(&story)).await;
    assert!(outcome["/v1/live"].contains("47") || outcome["/v1/live"].contains("mixed"), "{}", outcome["/v1/live"]);
}

#[tokio::test]
async fn verdicts_among_rollbacks_and_failures_of_what_they_are_about() {
    let verdict = |seconds: i64, outcome: &str| {
        json!({"type": "verdict", "service": "cart", "version": "2", "outcome": outcome, "reason": outcome,
               "occurredAt": at(seconds)})
    };
    let story = [
        event("a", 10, "COMPLETED", version("2")),
        event("a", 20, "FAILED", json!({})),
        verdict(20, "BAD"),
        verdict(30, "CLEARED"),
        event("b", 40, "ROLLED_BACK", version("2")),
        event("b", 35, "COMPLETED", json!({"type": "removal"})),
    ];
    let outcome = told_in_every_order(&reported(&story)).await;
    let bad: Value = outcome["/v1/bad?service=cart&cleared=true"].parse().unwrap();
    let states = bad["items"].as_array().unwrap().iter().map(|item| (item["commit"].as_str(), item["state"].as_str()));
    assert_eq!(states.collect::<Vec<_>>(), [(None, Some("CLEARED")), (Some("c2"), Some("CLEARED"))], "{bad}");
}

#[tokio::test]
async fn a_retired_environment_whose_last_landing_is_told_late() {
    let story = [
        event("a", 0, "COMPLETED", version("1")),
        retirement(10),
        event("b", 20, "COMPLETED", json!({"version": "2"})),
        event("b", 25, "ROLLED_BACK", json!({"rollbackTo": "1"})),
        retirement(30),
        event("b", 15, "VALIDATING", json!({"stage": "CHECK"})),
    ];
    let outcome = told_in_every_order(&reported(&story)).await;
    let catalog: Value = outcome["/v1/catalog"].parse().unwrap();
    assert_eq!((&catalog["environments"], &catalog["services"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_conclusion_among_reports_of_what_it_concluded() {
    let before = reported(&[
        event("a", 0, "IN_PROGRESS", json!({"version": "1", "stage": "BUILD"})),
        event("b", 20, "COMPLETED", version("2")),
    ]);
    let concluded = concluded(&before, 3700).await;
    let after = reported(&[
        retirement(15),
        event("a", 3900, "VALIDATING", json!({"stage": "CHECK"})),
        event("a", 4100, "ROLLED_BACK", json!({})),
    ]);
    let outcome = told_in_every_order(&[before, concluded, after].concat()).await;
    assert!(outcome["/v1/deployments/a"].contains(r#""status":"ROLLED_BACK""#), "{}", outcome["/v1/deployments/a"]);
}

/// The deployment that was last heard of nine days ago; it is the only one of its service.
const SILENT: u32 = 13;

/// What a deployment of the random stories is: that depends on its number alone.
fn about(number: u32) -> Value {
    let service = match number {
        SILENT => "billing",
        4 | 9 => "search",
        _ => "cart",
    };
    let mut about = json!({"service": service});
    if let Some(region) = [Some("eu"), Some("us"), None, None][number as usize % 4] {
        about["region"] = json!(region);
    }
    about
}

fn any_event() -> impl Strategy<Value = Value> {
    let status = proptest::sample::select(domain::Status::ALL.to_vec());
    (status, 0..14u32, 0..400i64, 1..3u32, 0..20u8, any::<bool>()).prop_map(
        |(status, number, second, attempt, kind, describes)| {
            let mut event = event(&format!("d-{number}"), second, status.as_str(), about(number));
            event["attempt"] = json!(attempt);
            if number == SILENT {
                event["occurredAt"] = json!(at(second - 9 * 24 * 3600));
                event["status"] = json!("IN_PROGRESS");
                return event;
            }
            if describes {
                event["version"] = json!(format!("{}", number % 6));
                event["commit"] = json!(format!("c{}", number % 4));
            }
            match kind {
                0 => return retirement(second),
                1 => event["type"] = json!("removal"),
                2 => (event["type"], event["status"]) = (json!("teardown"), json!("COMPLETED")),
                3 | 4 => (event["type"], event["stage"]) = (json!("stage"), json!("DEPLOY")),
                5..8 => event["stage"] = json!(["BUILD", "DEPLOY", "CHECK"][number as usize % 3]),
                8..11 if status == domain::Status::RolledBack => event["rollbackTo"] = json!("3"),
                _ => {}
            }
            event
        },
    )
}

#[tokio::test]
async fn random_orders_of_up_to_200_events_of_many_deployments_give_the_same() {
    let mut runner = TestRunner::deterministic();
    let services = ["billing", "cart", "search"];
    let as_of: Vec<i64> = (0..400).step_by(50).collect();
    for _ in (0..12).step_by(tests::one_in_of_many(30)) {
        let mut story = proptest::collection::vec(any_event(), 20..200).new_tree(&mut runner).unwrap().current();
        story.push(event(&format!("d-{SILENT}"), -9 * 24 * 3600, "IN_PROGRESS", about(SILENT)));
        let story = reported(&story);
        let own = concluded(&story, 4000).await;
        let story = [story, own].concat();
        let expected = outcome(&heard(&story, 100).await, &services, &as_of).await;
        let silent = &expected[&format!("/v1/deployments/d-{SILENT}")];
        assert!(silent.contains("ABANDONED"), "{silent}");
        for batch in [7, 33] {
            let again: Vec<Event> = story.iter().chain(story.iter().step_by(2)).cloned().collect();
            let shuffled = Just(again).prop_shuffle().new_tree(&mut runner).unwrap().current();
            let found = outcome(&heard(&shuffled, batch).await, &services, &as_of).await;
            let differences = differences(&expected, &found);
            assert!(differences.is_empty(), "{}\nafter {shuffled:#?}", differences.join("\n"));
        }
    }
}
