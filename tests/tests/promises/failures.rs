//! When something fails: the invocation fails, so that its caller tries again, and what fails for
//! one message fails for that one only.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use super::{enveloped, event, event_with, ids};

#[tokio::test]
async fn a_failing_backend_makes_an_http_invocation_fail() {
    let world = World::new().await;
    world.wire.decide(|_, _, _| Fault::Internal);
    let body = event("d-1", 0, "IN_PROGRESS").to_string();
    let posted =
        world.request("POST", "/v1/events", &[("content-type", "application/json")], body.as_bytes(), at(0)).await;
    assert!(posted.unwrap_err().contains("InternalServerError"));
    for path in [
        "/v1/deployments",
        "/v1/deployments/active",
        "/v1/deployments/d-1",
        "/v1/deployments/d-1/events",
        "/v1/deployments/d-1/verify",
        "/v1/live",
        "/v1/metrics",
        "/v1/metrics?environment=staging",
        "/v1/catalog",
        "/v1/rejected",
    ] {
        let asked = world.request("GET", path, &[], b"", at(0)).await;
        assert!(asked.expect_err(path).contains("InternalServerError"));
    }
    let direct = world.query.handle(r#"{"operation":"getStatus","deploymentId":"d-1"}"#, at(0)).await;
    assert!(direct.unwrap_err().to_string().contains("InternalServerError"));
    world.wire.heal();
    assert_eq!(world.get("/v1/deployments/d-1").await.status, 404);
}

#[tokio::test]
async fn a_failing_backend_makes_a_queue_invocation_fail_and_the_redelivery_is_recorded() {
    let world = World::new().await;
    let bodies = [enveloped(&event("d-1", 0, "IN_PROGRESS"), 1, 0), "not an event".to_owned()];
    world.wire.decide(|_, _, _| Fault::Internal);
    assert!(world.queue(&bodies, at(0)).await.unwrap_err().to_string().contains("InternalServerError"));
    let one = world.processor.handle(&bodies[0], at(0)).await;
    assert!(
        one.unwrap_err().to_string().contains("InternalServerError"),
        "an event that invokes the function itself, too"
    );
    world.wire.heal();
    assert_eq!(world.queue(&bodies, at(60)).await.unwrap(), [0usize; 0]);
    assert_eq!(ids(&world.get("/v1/deployments").await.body), ["d-1"]);
    assert_eq!(world.get("/v1/rejected").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_backend_that_fails_one_deployment_fails_its_messages_only() {
    let world = World::new().await;
    let bodies: Vec<String> =
        (1..=4).map(|n| enveloped(&event(&format!("d-{}", n % 2), n.into(), "IN_PROGRESS"), n, 0)).collect();
    world.wire.decide(|_, operation, request| {
        if operation == "TransactWriteItems" && request.contains("DEPLOYMENT#d-0") {
            Fault::Internal
        } else {
            Fault::None
        }
    });
    assert_eq!(world.queue(&bodies, at(60)).await.unwrap(), [1, 3]);
    world.wire.heal();
    assert_eq!(ids(&world.get("/v1/deployments").await.body), ["d-1"]);
    assert_eq!(world.queue(&[bodies[1].clone(), bodies[3].clone()], at(90)).await.unwrap(), [0usize; 0]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_quarantine_that_fails_keeps_its_message_in_the_queue() {
    let world = World::new().await;
    let bodies = ["wrong".to_owned(), enveloped(&event("d-1", 0, "IN_PROGRESS"), 1, 0)];
    world.wire.decide(|_, _, request| if request.contains("REJECTED#") { Fault::Internal } else { Fault::None });
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0]);
    world.wire.decide(|_, _, request| if request.contains("REJECTED#") { Fault::Panics } else { Fault::None });
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0], "a panic there, too");
    world.wire.heal();
    assert_eq!(world.queue(&bodies[..1], at(0)).await.unwrap(), [0usize; 0]);
    assert_eq!(world.get("/v1/rejected").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_throttled_backend_is_a_503_that_says_when_to_ask_again() {
    let world = World::new().await;
    world.wire.decide(|_, _, _| Fault::Throttled);
    let posted = world.post(&event("d-1", 0, "IN_PROGRESS")).await;
    let asked = world.get("/v1/deployments/d-1").await;
    for answer in [posted, asked] {
        assert_eq!((answer.status, &answer.headers["retry-after"]), (503, &json!("1")), "{answer:?}");
        assert!(!answer.body.to_string().contains("Throttling"), "causes go to the log");
    }
}

/// Panics when the events of a transaction have the marker.
fn panic_at_marker(world: &World) {
    world.wire.decide(|_, operation, request| {
        if operation == "TransactWriteItems" && request.contains("poison") { Fault::Panics } else { Fault::None }
    });
}

#[tokio::test]
async fn a_panic_in_one_message_fails_only_that_message() {
    let world = World::new().await;
    let bodies: Vec<String> = ["d-1", "poison-2", "d-3"]
        .iter()
        .zip(1..)
        .map(|(id, n)| enveloped(&event(id, 0, "IN_PROGRESS"), n, 0))
        .collect();
    panic_at_marker(&world);
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [1]);
    world.wire.heal();
    assert_eq!(ids(&world.get("/v1/deployments").await.body), ["d-3", "d-1"]);
    assert_eq!(world.queue(&bodies[1..2], at(0)).await.unwrap(), [0usize; 0], "the instance goes on");
}

#[tokio::test]
async fn a_panic_in_one_message_of_a_deployment_fails_only_that_message() {
    let world = World::new().await;
    let notes = ["first", "second", "poison", "fourth"];
    let bodies: Vec<String> = notes
        .iter()
        .zip(1..)
        .map(|(note, n)| enveloped(&event_with("d-1", n.into(), "IN_PROGRESS", &json!({"notes": note})), n, 0))
        .collect();
    panic_at_marker(&world);
    assert_eq!(world.queue(&bodies, at(60)).await.unwrap(), [2]);
    let kept = async || {
        let trail = world.get("/v1/deployments/d-1/events").await.body;
        trail["items"].as_array().unwrap().iter().map(|item| item["event"]["notes"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(kept().await, ["first", "second", "fourth"]);
    world.wire.heal();
    assert_eq!(world.queue(&bodies, at(90)).await.unwrap(), [0usize; 0]);
    assert_eq!(kept().await, ["first", "second", "fourth", "poison"]);
    assert_eq!(world.get("/v1/deployments/d-1/verify").await.body["intact"], true);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_panic_while_reading_ahead_takes_no_event_along() {
    let world = World::new().await;
    let bodies: Vec<String> =
        ["d-1", "poison-2"].iter().zip(1..).map(|(id, n)| enveloped(&event(id, 0, "IN_PROGRESS"), n, 0)).collect();
    world.wire.decide(|_, operation, _| if operation == "BatchGetItem" { Fault::Panics } else { Fault::None });
    // What is not known from reading is learned from the writes that it makes fail.
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0usize; 0]);
    assert_eq!(world.queue(&bodies, at(0)).await.unwrap(), [0usize; 0]);
    world.wire.heal();
    assert_eq!(ids(&world.get("/v1/deployments").await.body).len(), 2);
}
