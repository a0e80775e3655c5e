//! Deployments as other tools report them, from start to end, in whatever order their events arrive:
//! one deployment with its whole course, and the version live that was deployed.

#![expect(clippy::unwrap_used, reason = "panicking is how a test fails")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tests::{Door, Taken, World};

/// A sample under `events/`.
fn sample(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    std::fs::read_to_string(folder.join(name)).unwrap().parse().unwrap()
}

/// Sends a payload; answers the receipt.
async fn send(world: &World, door: &Door, payload: &Value) -> Value {
    let Taken::Answered(answer) = world.send(door, payload.to_string().as_bytes()).await.unwrap() else {
        panic!("{payload} got no answer");
    };
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer.body
}

const ARGO_CD_SYNC: &str = "/v1/deployments/argocd:argocd/cart:5f0c1a9e:2026-03-01T11:00:05.000Z";

#[tokio::test]
async fn all_notifications_of_a_sync_are_one_deployment_in_any_order() {
    let notifications =
        ["running", "succeeded-progressing", "succeeded-healthy"].map(|name| sample(&format!("argocd/{name}.json")));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new().await;
        for place in order.into_iter().chain(order) {
            send(&world, &Door::ArgoCd, &notifications[place]).await;
        }
        let deployment = world.get(ARGO_CD_SYNC).await.body;
        let shown = ["status", "startedAt", "finishedAt", "durationSeconds", "eventCount", "flags", "notes"];
        let expected =
            json!(["COMPLETED", "2026-03-01T11:00:05.000Z", "2026-03-01T11:02:41.000Z", 156.0, 3, [], "Healthy"]);
        assert_eq!(json!(shown.map(|name| &deployment[name])), expected, "{order:?}");
        let live = world.get("/v1/live?environment=production&service=cart").await.body;
        assert_eq!(live["items"][0]["version"], "e4b9d27a61c8f0537bd2469ea1c05f83d7b6249c", "{order:?}");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn the_template_in_the_documentation_sends_all_that_is_read() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sources/argo-cd.md")).unwrap();
    let body = page.split_once("body: |").unwrap().1.split_once("trigger.").unwrap().0;
    for name in ["running", "succeeded-healthy", "succeeded-progressing", "failed", "deleted", "rollback"] {
        let whole = sample(&format!("argocd/{name}.json"));
        let mut rendered = String::new();
        for (number, piece) in body.split("{{toJson ").enumerate() {
            let (field, rest) = if number == 0 { ("", piece) } else { piece.split_once("}}").unwrap() };
            if !field.is_empty() {
                let value = whole.pointer(&field.replace('.', "/")).unwrap_or(&Value::Null);
                rendered.push_str(&value.to_string());
            }
            rendered.push_str(rest);
        }
        let world = World::new().await;
        assert_eq!(send(&world, &Door::ArgoCd, &whole).await["outcome"], "recorded", "{name}");
        assert_eq!(send(&world, &Door::ArgoCd, &rendered.parse().unwrap()).await["outcome"], "duplicate", "{name}");
    }
}

#[tokio::test]
async fn an_application_that_degrades_after_its_deployment_is_still_deployed() {
    let world = World::new().await;
    let healthy = sample("argocd/succeeded-healthy.json");
    send(&world, &Door::ArgoCd, &healthy).await;
    let mut degraded = healthy;
    degraded["app"]["status"]["health"] = json!({"status": "Degraded", "lastTransitionTime": "2026-03-01T11:40:00Z"});
    assert_eq!(send(&world, &Door::ArgoCd, &degraded).await["status"], "COMPLETED");
}

#[tokio::test]
async fn a_removal_under_way_leaves_what_is_live_until_its_end_is_reported() {
    let world = World::new().await;
    send(&world, &Door::ArgoCd, &sample("argocd/succeeded-healthy.json")).await;
    let receipt = send(&world, &Door::ArgoCd, &sample("argocd/deleted.json")).await;
    assert_eq!(receipt["status"], "IN_PROGRESS");
    let live = async || world.get("/v1/live?environment=production&service=cart").await.body["items"][0].clone();
    assert_eq!(live().await["version"], "e4b9d27a61c8f0537bd2469ea1c05f83d7b6249c");
    let end = json!({"deploymentId": receipt["deploymentId"], "type": "removal", "status": "COMPLETED"});
    send(&world, &Door::Events, &end).await;
    assert_eq!(live().await["version"], Value::Null);
}

#[tokio::test]
async fn rules_name_environment_and_service_of_an_application() {
    let mut world = World::new().await;
    world.change_rules(&json!([
        {"source": "argocd", "when": {"cluster": "{environment}-eu"}},
        {"source": "argocd", "when": {"application": "{service}art", "repository": "https://git.example/shop/*"}},
        {"source": "argocd", "when": {"project": "shop", "namespace": "staging"}, "deployment": false},
    ]));
    let receipt = send(&world, &Door::ArgoCd, &sample("argocd/running.json")).await;
    assert_eq!(receipt["outcome"], "recorded");
    let deployment = world.get(ARGO_CD_SYNC).await.body;
    assert_eq!((&deployment["environment"], &deployment["service"]), (&json!("prod"), &json!("c")));
    let mut staging = sample("argocd/running.json");
    staging["app"]["spec"]["destination"]["namespace"] = json!("staging");
    assert_eq!(send(&world, &Door::ArgoCd, &staging).await["outcome"], "ignored");
}

#[tokio::test]
async fn a_pipeline_run_and_its_tasks_are_one_deployment() {
    let world = World::new().await;
    for name in
        ["pipelinerun-finished-success", "taskrun-finished-failure", "pipelinerun-started", "pipelinerun-queued"]
    {
        send(&world, &Door::Events, &sample(&format!("cdevents/{name}.json"))).await;
    }
    let deployment = world.get("/v1/deployments/deploy-cart/1042").await.body;
    assert_eq!((&deployment["status"], &deployment["eventCount"]), (&json!("COMPLETED"), &json!(4)));
    assert_eq!(
        (&deployment["stages"][0]["stage"], &deployment["stages"][0]["status"]),
        (&json!("smoke test"), &json!("FAILED"))
    );
}

#[tokio::test]
async fn cdevents_that_share_an_id_are_each_recorded_and_a_redelivery_is_not() {
    let world = World::new().await;
    let deployed = sample("cdevents/service-deployed.json");
    let mut rolled_back = sample("cdevents/service-rolledback.json");
    rolled_back["context"]["id"] = deployed["context"]["id"].clone();
    for event in [&deployed, &rolled_back] {
        assert_eq!(send(&world, &Door::Events, event).await["outcome"], "recorded");
        assert_eq!(send(&world, &Door::Events, event).await["outcome"], "duplicate");
    }
    // In a CloudEvent it is the same event.
    let enveloped = json!({"specversion": "1.0", "id": "x", "source": "/ci", "type": "t", "data": deployed});
    assert_eq!(send(&world, &Door::Events, &enveloped).await["outcome"], "duplicate");
}

#[tokio::test]
async fn service_events_of_two_sources_or_two_types_are_two_deployments_though_they_share_an_id() {
    let world = World::new().await;
    let deployed = sample("cdevents/service-deployed.json");
    let (mut elsewhere, mut upgraded) = (deployed.clone(), deployed.clone());
    elsewhere["context"]["source"] = json!("/ci/other");
    upgraded["context"]["type"] = json!("dev.cdevents.service.upgraded.0.2.0");
    let mut ids = BTreeSet::new();
    for event in [&deployed, &elsewhere, &upgraded] {
        ids.insert(send(&world, &Door::Events, event).await["deploymentId"].to_string());
    }
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[tokio::test]
async fn an_incident_is_one_within_its_subjects_source_whichever_tool_reports_it() {
    let world = World::new().await;
    let incident = |name: &str, context: &str, subject: Value| {
        let mut event = sample(&format!("cdevents/incident-{name}.json"));
        (event["context"]["source"], event["subject"]["source"]) = (json!(context), subject);
        event["subject"]["id"] = json!("101");
        event
    };
    let detected = send(&world, &Door::Events, &incident("detected", "/pagerduty", Value::Null)).await;
    let resolved = send(&world, &Door::Events, &incident("resolved", "/relay", json!("/pagerduty"))).await;
    let other = send(&world, &Door::Events, &incident("detected", "/grafana", Value::Null)).await;
    assert_eq!(detected["deploymentId"], resolved["deploymentId"]);
    assert_ne!(detected["deploymentId"], other["deploymentId"]);
}

#[tokio::test]
async fn a_run_and_its_task_meet_under_any_id_that_cdevents_allows() {
    let world = World::new().await;
    for id in ["/job/deploy/42", "{0e2c}", "deploy cart 42", "incident:42", "deploy-42", &"x".repeat(300)] {
        let mut run = sample("cdevents/pipelinerun-started.json");
        run["subject"]["id"] = json!(id);
        let mut task = sample("cdevents/taskrun-finished-failure.json");
        task["subject"]["content"]["pipelineRun"]["id"] = json!(id);
        let run = send(&world, &Door::Events, &run).await;
        let task = send(&world, &Door::Events, &task).await;
        assert_eq!((&run["outcome"], &task["outcome"]), (&json!("recorded"), &json!("recorded")), "{id}");
        assert_eq!(run["deploymentId"], task["deploymentId"], "{id}");
    }
    assert_eq!(world.get("/v1/deployments").await.body["items"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn log_entries_share_no_made_up_id_when_their_parts_differ() {
    let world = World::new().await;
    let mut ids = BTreeSet::new();
    for (service, version) in [("a:b", "c"), ("a", "b:c"), ("a+b", "c"), ("a_b", "c"), ("incident", "c")] {
        let entry = json!({
            "event_type": "deployment_start", "service": service, "version": version,
            "timestamp": "2026-03-01T11:00:00Z",
        });
        let receipt = send(&world, &Door::Events, &entry).await;
        assert_eq!(receipt["outcome"], "recorded", "{service} {version}");
        ids.insert(receipt["deploymentId"].to_string());
    }
    assert_eq!(ids.len(), 5, "{ids:?}");
}

#[tokio::test]
async fn log_entries_without_an_id_meet_when_they_agree_on_the_start() {
    let entry = |more: Value| {
        let mut entry = json!({"service": "cart", "version": "1.0.0-5", "environment": "staging"});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let start = entry(json!({"event_type": "deployment_start", "timestamp": "2026-03-01T11:00:00.120Z"}));
    for end in [
        json!({"event_type": "deployment_complete", "timestamp": "2026-03-01T11:04:00.870Z", "duration_seconds": 240.5}),
        json!({"event_type": "deployment_failed", "timestamp": "2026-03-01T12:04:00+01:00", "started_at": "2026-03-01T11:00:00Z"}),
    ] {
        let world = World::new().await;
        let started = send(&world, &Door::Events, &start).await;
        assert_eq!(started["deploymentId"], "cart:1.0.0-5:staging:1772362800");
        assert_eq!(send(&world, &Door::Events, &entry(end)).await["deploymentId"], started["deploymentId"]);
        let stage = entry(json!({
            "event_type": "stage_started", "stage": "migrate", "timestamp": "2026-03-01T11:01:00Z",
            "started_at": "2026-03-01T11:00:00Z",
        }));
        assert_eq!(send(&world, &Door::Events, &stage).await["deploymentId"], started["deploymentId"]);
        // The same version again, later, is another deployment.
        let again = entry(json!({"event_type": "deployment_start", "timestamp": "2026-03-01T11:50:00Z"}));
        assert_ne!(send(&world, &Door::Events, &again).await["deploymentId"], started["deploymentId"]);
    }
}
