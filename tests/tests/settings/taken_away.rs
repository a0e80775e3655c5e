//! What comes again after a rule or an alias was taken away: it stands where that had put it.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Answer, Door, Taken, World};

const DAY: i64 = 86_400;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../events/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A rule that takes stages for deployments, and one that takes what Argo CD says once for each revision.
fn rules() -> Value {
    json!({"rules": [
        {"source": "aws.codepipeline", "when": {"pipeline": "{service}", "stage": "Prod*"}, "environment": "production"},
        {"source": "argocd", "oncePer": "app.status.operationState.syncResult.revision"},
    ]})
}

async fn argo_cd(world: &World, payload: &[u8]) -> Answer {
    match world.send(&Door::ArgoCd, payload).await {
        Ok(Taken::Answered(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

async fn deployments(world: &World) -> Value {
    world.get("/v1/deployments").await.body
}

#[tokio::test]
async fn what_comes_again_after_a_rule_was_taken_away_is_a_duplicate_however_often_settings_changed_since() {
    let (stage, sync) = (file("codepipeline/stage-succeeded.json"), file("argocd/succeeded-healthy.json"));
    let mut world = World::new().await;
    world.apply(&rules()).await;
    assert_eq!(world.send(&Door::Queue, &stage).await, Ok(Taken::Done));
    assert_eq!(argo_cd(&world, &sync).await.status, 201);
    let before = deployments(&world).await;
    assert_eq!(before["items"].as_array().unwrap().len(), 2, "{before}");
    for days in 1..=5 {
        world.apply(&json!({"abandonAfterDays": days})).await;
        // A process that was running, and one that starts.
        for _ in 0..2 {
            assert_eq!(world.send(&Door::Queue, &stage).await, Ok(Taken::Done));
            let again = argo_cd(&world, &sync).await;
            assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{}", again.body);
            assert_eq!(deployments(&world).await, before);
            world.restart_cold();
        }
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_happens_anew_is_recorded_although_a_former_rule_would_have_taken_it_for_the_same() {
    let sync = String::from_utf8(file("argocd/succeeded-healthy.json")).unwrap();
    let payload: Value = serde_json::from_str(&sync).unwrap();
    let finished = payload["app"]["status"]["operationState"]["finishedAt"].as_str().unwrap().to_owned();
    let started = payload["app"]["status"]["operationState"]["startedAt"].as_str().unwrap().to_owned();
    // The same revision once more, an hour earlier.
    let other = sync.replace(&finished, "2026-02-27T09:00:30Z").replace(&started, "2026-02-27T09:00:00Z");
    assert_ne!(other, sync);
    let mut world = World::new().await;
    world.apply(&rules()).await;
    assert_eq!(argo_cd(&world, sync.as_bytes()).await.status, 201);
    assert_eq!(argo_cd(&world, other.as_bytes()).await.body["outcome"], "duplicate", "by the rule");
    world.apply(&json!({})).await;
    assert_eq!(argo_cd(&world, sync.as_bytes()).await.body["outcome"], "duplicate", "it was recorded by the rule");
    let anew = argo_cd(&world, other.as_bytes()).await;
    assert_eq!((anew.status, &anew.body["outcome"]), (201, &json!("recorded")), "{}", anew.body);
    assert_eq!(argo_cd(&world, other.as_bytes()).await.body["outcome"], "duplicate");
    assert_eq!(deployments(&world).await["items"].as_array().unwrap().len(), 2);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_retirement_that_comes_again_after_its_alias_was_taken_away_is_a_duplicate() {
    let mut world = World::new().await;
    world.apply(&json!({"environments": [{"name": "production", "aliases": ["prod-old"]}]})).await;
    let retirement = json!({"type": "retirement", "environment": "prod-old", "occurredAt": at(-80), "eventId": "gone"});
    let first = world.post(&retirement).await;
    assert_eq!((first.status, &first.body["deploymentId"]), (201, &json!("environment:production")));
    for alias in ["prd", "prod"] {
        world.apply(&json!({"environments": [{"name": "production", "aliases": [alias]}]})).await;
        let again = world.post(&retirement).await;
        assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{}", again.body);
    }
    let another = json!({"type": "retirement", "environment": "prod-old", "occurredAt": at(-70), "eventId": "again"});
    assert_eq!(world.post(&another).await.body["deploymentId"], "environment:prod-old");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn former_settings_cost_a_query_when_a_process_starts_within_thirty_days_and_an_event_of_theirs_a_read() {
    let mut world = World::new().await;
    world.apply(&rules()).await;
    world.apply(&json!({})).await;
    let event = |id: &str, at| json!({"deploymentId": id, "service": "cart", "environment": "prod", "status": "IN_PROGRESS", "occurredAt": at});
    let queries = |world: &World| {
        let of_settings = |call: &&tests::Call| call.operation == "Query" && call.request.contains("SETTINGS");
        world.wire.calls().iter().filter(of_settings).count()
    };
    let looked_for = |world: &World| {
        let of_events = |call: &&tests::Call| call.operation == "BatchGetItem" && call.request.contains("EVENT#");
        world.wire.calls().iter().filter(of_events).count()
    };
    for (days, expected) in [(1, 2), (29, 2), (31, 1)] {
        world.restart_cold();
        world.wire.reset();
        world.post_at(&event(&format!("first-{days}"), at(days * DAY)), at(days * DAY)).await;
        assert_eq!(queries(&world), expected, "after {days} days");
        world.wire.reset();
        world.post_at(&event(&format!("next-{days}"), at(days * DAY)), at(days * DAY)).await;
        assert_eq!((queries(&world), looked_for(&world)), (0, 0), "no rule ever concerned it");
        world.wire.reset();
        assert_eq!(world.send(&Door::Queue, &file("codepipeline/stage-succeeded.json")).await, Ok(Taken::Done));
        assert_eq!(looked_for(&world), usize::from(days < 30), "after {days} days");
    }
}
