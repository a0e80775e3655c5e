//! What a tool reports through its own door, nobody else ends, names or moves; and nobody else opens a deployment with
//! one of its ids.

use serde_json::{Value, json};
use tests::World;
use tests::doors::{Door, Taken};
use tests::world::at;

use super::{role, sample};

const ID: &str = "github:example/storefront:900100";

async fn send(world: &World, door: &Door, payload: &Value) -> u64 {
    match world.send(door, payload.to_string().as_bytes()).await.unwrap() {
        Taken::Answered(answer) => answer.status,
        other => panic!("{other:?}"),
    }
}

/// A deployment that GitHub reported and completed.
async fn reported_by_github() -> World {
    let world = World::new().await;
    let created = sample("github/deployment.created.json");
    assert_eq!(send(&world, &Door::GitHub("deployment".to_owned()), &created).await, 201);
    let success = sample("github/deployment_status.success.json");
    assert_eq!(send(&world, &Door::GitHub("deployment_status".to_owned()), &success).await, 201);
    world
}

fn plain(status: &str, more: &Value) -> Value {
    let mut event = json!({"deploymentId": ID, "status": status, "occurredAt": at(-1)});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[tokio::test]
async fn a_plain_caller_does_not_roll_back_what_github_reported() {
    let world = reported_by_github().await;
    let path = format!("/v1/deployments/{ID}");
    let before = world.get(&path).await.body;
    assert_eq!(before["reportedBy"], json!(["webhook:github:example/storefront"]));
    for (wrong, field) in [
        (plain("ROLLED_BACK", &json!({})), "status"),
        (plain("FAILED", &json!({"attempt": 2})), "status"),
        (plain("IN_PROGRESS", &json!({})), "status"),
        (plain("COMPLETED", &json!({"type": "teardown"})), "type"),
        (plain("IN_PROGRESS", &json!({"type": "removal"})), "type"),
        (
            plain(
                "IN_PROGRESS",
                &json!({"type": "stage", "stage": "TEST", "version": "9.9", "occurredAt": at(-40 * 86_400)}),
            ),
            "version",
        ),
        (plain("COMPLETED", &json!({"type": "note", "notes": "x", "region": "eu"})), "region"),
    ] {
        let refused = world.post_as(&role("anyone", "1"), &wrong).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (409, &json!(field)),
            "{wrong} {}",
            refused.body
        );
        assert!(refused.body["detail"].as_str().unwrap().contains("github"), "{}", refused.body);
    }
    assert_eq!(world.get(&path).await.body, before, "nothing of it is recorded");

    // On a bus it is put aside; a pipeline's log entry and a CDEvent are no better than a plain event.
    let log = json!({"event_type": "rollback_completed", "deployment_id": ID, "timestamp": at(-1)});
    let refused = world.post(&log).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    let queued = json!({"source": "ci", "detail-type": "Deployment Event", "account": "111122223333", "time": at(0),
        "detail": plain("ROLLED_BACK", &json!({}))});
    assert_eq!(world.queue(&[queued.to_string()], at(0)).await.unwrap(), Vec::<usize>::new());
    let rejected = world.get("/v1/rejected").await.body;
    assert_eq!((&rejected["items"][0]["reason"], &rejected["items"][0]["door"]), (&json!("conflict"), &json!("queue")));
    assert_eq!(world.get(&path).await.body, before);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_others_see_of_it_is_taken_and_flagged() {
    let world = reported_by_github().await;
    let path = format!("/v1/deployments/{ID}");
    let before = world.get(&path).await.body;
    let note = plain("COMPLETED", &json!({"type": "note", "notes": "it was slow"}));
    assert_eq!(world.post_as("oidc:repo:shop/pay:x", &note).await.status, 201);
    assert_eq!(world.get(&path).await.body["flags"], json!([]), "whoever writes a note reports nothing");
    let stage = plain("FAILED", &json!({"type": "stage", "stage": "smoke tests"}));
    let receipt = world.post_as(&role("tests", "1"), &stage).await;
    assert_eq!((receipt.status, &receipt.body["flags"]), (201, &json!(["PRODUCER_DISAGREES"])));
    let after = world.get(&path).await.body;
    for name in ["status", "service", "environment", "version", "commit", "region", "attempt", "finishedAt", "release"]
    {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!((&after["notes"], &after["stages"][0]["status"]), (&json!("it was slow"), &json!("FAILED")));
    let roles = ["arn:aws:sts::111122223333:assumed-role/tests", "webhook:github:example/storefront"];
    assert_eq!(after["reportedBy"], json!(roles));
    let (_, _, page) = world.page(&format!("/deployments/{ID}")).await;
    assert!(roles.iter().all(|who| page.contains(who)) && page.contains("PRODUCER_DISAGREES"), "{page}");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn nobody_else_opens_a_deployment_with_an_id_of_a_tool() {
    let world = World::new().await;
    for source in &formats::SOURCES {
        for prefix in source.ids {
            let event = json!({"deploymentId": format!("{prefix}acme/shop:77"), "status": "IN_PROGRESS", "source": source.name});
            let refused = world.post(&event).await;
            assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (409, &json!("deploymentId")), "{event}");
            let stage = json!({"deploymentId": format!("{prefix}acme/shop:77"), "status": "IN_PROGRESS", "type": "stage", "stage": "x"});
            assert_eq!(world.post(&stage).await.status, 409, "{stage}");
        }
    }
    assert_eq!(world.get("/v1/deployments?service=unknown").await.body["items"], json!([]));
    let event = json!({"deploymentId": "github-like", "status": "IN_PROGRESS"});
    assert_eq!(world.post(&event).await.status, 201, "an id that only looks like one is anybody's");
    world.expect_state_is_history().await;
}
