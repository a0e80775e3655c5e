//! Where a deployment goes: what disagrees is refused, what is unknown is not guessed, and what a source
//! corrects is corrected.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

use super::{event, event_with, ids, record};

#[tokio::test]
async fn an_own_event_that_names_another_service_or_environment_is_a_conflict() {
    let world = World::new().await;
    record(&world, &[event("42", 0, "IN_PROGRESS")]).await;
    for (field, other) in [("service", "search"), ("environment", "production")] {
        let answer = world.post_at(&event_with("42", 10, "COMPLETED", &json!({field: other})), at(3600)).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (409, &json!(field)), "{answer:?}");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("42 is a deployment of cart to staging"), "{detail}");
        assert!(detail.contains(&format!("such as 42/{other}")), "{detail}");
    }
    // What was recorded once stays recorded, and a version that disagrees is only flagged.
    assert_eq!(world.post_at(&event("42", 0, "IN_PROGRESS"), at(3600)).await.body["outcome"], "duplicate");
    record(&world, &[event_with("42", 5, "IN_PROGRESS", &json!({"version": "1"}))]).await;
    let receipt = world.post_at(&event_with("42", 20, "COMPLETED", &json!({"version": "2"})), at(3600)).await;
    assert_eq!((receipt.status, &receipt.body["flags"]), (201, &json!(["VERSION_DISAGREES"])), "{receipt:?}");
    let status = world.get("/v1/deployments/42").await.body;
    assert_eq!((&status["service"], &status["eventCount"]), (&json!("cart"), &json!(3)));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn in_an_array_and_in_the_queue_the_others_are_recorded() {
    let world = World::new().await;
    let events = [
        event("42", 0, "IN_PROGRESS"),
        event_with("42", 5, "IN_PROGRESS", &json!({"service": "search"})),
        event("42", 10, "COMPLETED"),
    ];
    let receipts = world.post_at(&json!(events), at(3600)).await.body;
    assert_eq!(receipts[0]["outcome"], "recorded", "{receipts}");
    assert_eq!(receipts[1]["status"], json!(409), "{receipts}");
    assert_eq!(receipts[2]["outcome"], "recorded", "{receipts}");
    let queued = super::enveloped(&event_with("42", 15, "FAILED", &json!({"environment": "production"})), 1, 15);
    assert_eq!(world.queue(&[queued], at(20)).await.unwrap(), Vec::<usize>::new());
    let rejected = world.get("/v1/rejected").await.body;
    assert_eq!(rejected["items"][0]["reason"], json!("conflict"), "{rejected}");
}

#[tokio::test]
async fn unknown_is_no_name_and_a_later_event_that_names_the_place_is_no_conflict() {
    let named = json!({"service": "cart", "environment": "production", "version": "1"});
    let nameless =
        |status: &str, seconds: i64| json!({"deploymentId": "d-1", "status": status, "occurredAt": at(seconds)});
    let mut with_names = nameless("COMPLETED", 60);
    with_names.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
    let mut said_unknown = nameless("VALIDATING", 30);
    said_unknown["environment"] = json!("unknown");
    let events = [nameless("IN_PROGRESS", 0), said_unknown, with_names];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let world = World::new().await;
        for index in order {
            let answer = world.post_at(&events[index], at(3600)).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            let unknown = world.get("/v1/deployments/d-1").await.body["environment"] == "unknown";
            assert_eq!(answer.body["flags"] == json!(["PLACE_UNKNOWN"]), unknown, "{answer:?}");
        }
        let status = world.get("/v1/deployments/d-1").await.body;
        assert_eq!((&status["environment"], &status["flags"]), (&json!("production"), &json!([])));
        assert_eq!(world.get("/v1/live").await.body["items"].as_array().unwrap().len(), 1, "only where it goes");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn what_has_no_place_is_in_no_matrix_unless_it_is_asked_for_and_in_every_list() {
    let world = World::new().await;
    let nowhere = json!({"deploymentId": "d-1", "status": "COMPLETED", "version": "1", "occurredAt": at(0)});
    record(&world, &[nowhere]).await;
    assert_eq!(world.get("/v1/live").await.body["items"], json!([]));
    assert_eq!(world.get("/v1/live?environment=unknown").await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(ids(&world.get("/v1/deployments").await.body), ["d-1"]);
}

/// A webhook of GitHub about deployment 7.
fn github(state: Option<&str>, environment: &str, seconds: i64) -> (&'static str, Value) {
    let deployment = json!({
        "id": 7, "sha": "1111111111111111111111111111111111111111", "ref": "main", "task": "deploy",
        "environment": "staging", "created_at": at(-600), "updated_at": at(seconds),
    });
    let repository = json!({"name": "cart", "full_name": "shop/cart"});
    match state {
        None => ("deployment", json!({"action": "created", "deployment": deployment, "repository": repository})),
        Some(state) => {
            let status = json!({"state": state, "environment": environment, "created_at": at(seconds)});
            (
                "deployment_status",
                json!({"action": "created", "deployment": deployment, "deployment_status": status, "repository": repository}),
            )
        }
    }
}

#[tokio::test]
async fn a_status_of_github_corrects_the_environment_in_whatever_order_the_two_arrive() {
    let created = github(None, "", -600);
    let completed = github(Some("success"), "production", -60);
    for events in [[&created, &completed], [&completed, &created]] {
        let world = World::new().await;
        for (name, payload) in events {
            let door = Door::GitHub((*name).to_owned());
            let taken = world.send(&door, payload.to_string().as_bytes()).await.unwrap();
            let Taken::Answered(answer) = taken else { panic!("not answered") };
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        let status = world.get("/v1/deployments/github:shop/cart:7").await.body;
        assert_eq!((&status["environment"], &status["flags"]), (&json!("production"), &json!([])), "{status}");
        let live = world.get("/v1/live").await.body;
        assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
        assert_eq!(live["items"][0]["environment"], "production");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn a_teardown_takes_away_only_what_its_own_deployment_brought() {
    let preview = |id: &str, seconds: i64, kind: &str, version: &str| {
        let more = json!({"type": kind, "environment": "pr-101", "version": version});
        event_with(id, seconds, "COMPLETED", &more)
    };
    let world = World::new().await;
    record(&world, &[preview("a", 0, "deployment", "1"), preview("b", 100, "deployment", "2")]).await;
    record(&world, &[preview("a", 200, "teardown", "1")]).await;
    let live = world.get("/v1/live").await.body["items"][0].clone();
    assert_eq!(
        (&live["version"], &live["lastAttempt"]["deploymentId"]),
        (&json!("2"), &json!("b")),
        "a later one is live"
    );
    let before = world.get("/v1/deployments/b").await.body;
    record(&world, &[preview("b", 300, "teardown", "2")]).await;
    assert_eq!(world.get("/v1/live").await.body["items"], json!([]), "what is emptied is in no list");
    let after = world.get("/v1/deployments/b").await.body;
    for field in ["status", "finishedAt", "durationSeconds", "startedAt", "attempt"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    let then = world.get(&format!("/v1/live?asOf={}", at(250))).await.body;
    assert_eq!(then["items"][0]["version"], json!("2"), "as of before it is as it was");
    record(&world, &[event_with("c", 400, "FAILED", &json!({"environment": "pr-101"}))]).await;
    let failed = world.get("/v1/live").await.body["items"][0].clone();
    assert_eq!((&failed["version"], &failed["lastAttempt"]["deploymentId"]), (&json!(null), &json!("c")));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_teardown_changes_nothing_of_what_the_deployment_reported() {
    let world = World::new().await;
    let reported = json!({
        "version": "1", "stage": "DEPLOY", "notes": "as planned", "metrics": {"healthScore": 99.0},
        "links": {"run": "https://ci.example/1"}, "metadata": {"team": "checkout"},
    });
    record(&world, &[event_with("d-1", 0, "COMPLETED", &reported)]).await;
    let before = world.get("/v1/deployments/d-1").await.body;
    let teardown = json!({
        "type": "teardown", "stage": "CLEANUP", "notes": "gone", "metrics": {"healthScore": 1.0},
        "links": {"run": "https://ci.example/2"}, "metadata": {"team": "nobody"},
    });
    record(&world, &[event_with("d-1", 60, "COMPLETED", &teardown)]).await;
    let mut after = world.get("/v1/deployments/d-1").await.body;
    for (field, value) in [("eventCount", json!(1)), ("updatedAt", before["updatedAt"].clone())] {
        after[field] = value;
    }
    assert_eq!(after, before);
    world.publish().await.unwrap();
    let scores = super::published(&world, "DeploymentHealthScore", &[("Environment", "staging")]);
    assert_eq!(scores, [(99.0, 1.0)]);
}
