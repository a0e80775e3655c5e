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
    // Under the id of Argo CD nobody else ends it, so it is a removal of its own.
    let mut end = json!({"deploymentId": receipt["deploymentId"], "type": "removal", "status": "COMPLETED"});
    assert_eq!(world.post(&end).await.status, 409);
    (end["deploymentId"], end["service"], end["environment"]) = (json!("gone"), json!("cart"), json!("production"));
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

const ROLLOUT: &str = "/v1/deployments/argo-rollouts:production/cart:2b7d9c40:7";

/// What is shown of a deployment after these samples, sent in every order and twice; always the same.
async fn in_any_order(samples: [(&str, Door); 3], deployment: &str, shown: &[&str]) -> Value {
    let mut found = None;
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new().await;
        for place in order.into_iter().chain(order) {
            let (name, door) = &samples[place];
            send(&world, door, &sample(name)).await;
        }
        let body = world.get(deployment).await.body;
        let values: Value = shown.iter().map(|pointer| body.pointer(pointer).cloned().unwrap_or_default()).collect();
        world.expect_state_is_history().await;
        assert_eq!(found.get_or_insert_with(|| values.clone()), &values, "{order:?}");
    }
    found.unwrap()
}

#[tokio::test]
async fn a_rollout_is_one_deployment_with_its_steps_as_stages_through_either_door() {
    let shown = [
        "/status",
        "/version",
        "/finishedAt",
        "/eventCount",
        "/stages/0/stage",
        "/stages/0/status",
        "/stages/1/stage",
        "/stages/1/status",
    ];
    let expected = json!([
        "COMPLETED",
        "2.8.0",
        "2026-03-01T11:25:00.000Z",
        3,
        "step 1 of 4: setWeight 20",
        "COMPLETED",
        "step 2 of 4: pause 10m",
        "COMPLETED"
    ]);
    for door in [Door::ArgoCd, Door::Events] {
        let samples = ["canary-step", "paused", "completed"].map(|name| (format!("argo-rollouts/{name}.json"), &door));
        let samples = samples.each_ref().map(|(name, door)| (name.as_str(), (*door).clone()));
        assert_eq!(in_any_order(samples, ROLLOUT, &shown).await, expected, "{door:?}");
    }
}

#[tokio::test]
async fn an_aborted_rollout_has_failed_until_the_stable_version_is_back() {
    let samples = ["canary-step", "aborted", "aborted-and-back"];
    let world = World::new().await;
    for (name, status) in samples.iter().zip(["IN_PROGRESS", "FAILED", "ROLLED_BACK"]) {
        let receipt = send(&world, &Door::ArgoCd, &sample(&format!("argo-rollouts/{name}.json"))).await;
        assert_eq!(receipt["status"], status, "{name}");
    }
    let live = world.get("/v1/live?environment=production&service=cart").await.body;
    assert_ne!(live["items"][0]["version"], "2.8.0", "{live}");
    let restart = send(&world, &Door::ArgoCd, &sample("argo-rollouts/pods-restart.json")).await;
    assert_eq!(restart["outcome"], "ignored");
}

#[tokio::test]
async fn a_job_that_waits_leaves_its_deployment_waiting_until_something_is_worked_on() {
    let job = |status: &str| {
        let mut job = sample("github/workflow_job.waiting.json");
        job["workflow_job"]["status"] = json!(status);
        job
    };
    let door = Door::GitHub("workflow_job".to_owned());
    for status in ["waiting", "queued", "pending", "requested"] {
        let world = World::new().await;
        let receipt = send(&world, &door, &job(status)).await;
        assert_eq!(receipt["status"], "PENDING", "{status}");
        let created = sample("github/deployment.created.json");
        assert_eq!(
            send(&world, &Door::GitHub("deployment".to_owned()), &created).await["status"],
            "PENDING",
            "{status}"
        );
        let deployment = world.get("/v1/deployments/github:example/storefront:900100").await.body;
        assert_eq!((&deployment["startedAt"], &deployment["stages"][0]["status"]), (&Value::Null, &json!("PENDING")));
    }
    let world = World::new().await;
    send(&world, &door, &job("waiting")).await;
    let mut works = job("in_progress");
    works["workflow_job"]["started_at"] = json!("2026-02-15T13:02:00Z");
    assert_eq!(send(&world, &door, &works).await["status"], "IN_PROGRESS");
    let deployment = world.get("/v1/deployments/github:example/storefront:900100").await.body;
    assert_eq!(deployment["startedAt"], "2026-02-15T13:02:00.000Z");
    assert_eq!(deployment["waitedSeconds"], 118.0);
}

#[tokio::test]
async fn what_flux_reconciles_again_is_nothing_new_and_what_is_not_signed_is_not_taken() {
    let world = World::new().await;
    for name in ["kustomization-progressing", "kustomization-succeeded"] {
        assert_eq!(
            send(&world, &Door::Flux, &sample(&format!("flux/{name}.json"))).await["outcome"],
            "recorded",
            "{name}"
        );
    }
    let id = "/v1/deployments/flux:Kustomization/shop/cart:7d0cdc51:main@sha1:731f7eaddfb6af01cb2173e18f0f75b0ba780ef1";
    let before = world.get(id).await.body;
    assert_eq!((&before["status"], &before["durationSeconds"]), (&json!("COMPLETED"), &json!(12.0)));
    let mut again = sample("flux/kustomization-succeeded.json");
    again["timestamp"] = json!("2026-02-20T09:10:12Z");
    again["message"] = json!("Reconciliation finished in 0.3s, next run in 10m0s");
    assert_eq!(send(&world, &Door::Flux, &again).await["outcome"], "duplicate");
    assert_eq!(world.get(id).await.body, before);

    let (json, body) = (("content-type", "application/json"), again.to_string());
    for headers in
        [vec![json], vec![json, ("x-signature", "sha256=00")], vec![json, ("x-hub-signature-256", "sha256=00")]]
    {
        let answer = world.request("POST", "/v1/webhooks/flux", &headers, body.as_bytes(), tests::world::at(0)).await;
        assert_eq!(answer.unwrap().status, 401, "{headers:?}");
    }
}

#[tokio::test]
async fn a_release_that_is_rolled_back_by_flux_is_not_live() {
    let mut world = World::new().await;
    world.change_rules(&json!([{"source": "flux", "when": {"namespace": "{environment}"}}]));
    for name in ["helm-upgrade-succeeded", "helm-test-failed"] {
        send(&world, &Door::Flux, &sample(&format!("flux/{name}.json"))).await;
    }
    let live = async || world.get("/v1/live?environment=shop&service=cart").await.body["items"][0]["version"].clone();
    assert_eq!(live().await, "2.8.0");
    send(&world, &Door::Flux, &sample("flux/helm-rollback-succeeded.json")).await;
    assert_eq!(live().await, "2.7.0");
    send(&world, &Door::Flux, &sample("flux/helm-uninstall-succeeded.json")).await;
    assert_eq!(live().await, Value::Null);
}

#[tokio::test]
async fn a_run_of_tekton_is_a_deployment_with_its_tasks_as_stages_where_a_rule_says_so() {
    let names = ["taskrun-successful", "pipelinerun-successful", "pipelinerun-started"];
    let mut world = World::new().await;
    for name in names {
        assert_eq!(
            send(&world, &Door::Events, &sample(&format!("tekton/{name}.json"))).await["outcome"],
            "ignored",
            "{name}"
        );
    }
    world.change_rules(&json!([{"source": "tekton", "when": {"pipeline": "deploy"}, "deployment": true}]));
    for name in names.iter().chain(&names[..1]) {
        send(&world, &Door::Events, &sample(&format!("tekton/{name}.json"))).await;
    }
    let run = world.get("/v1/deployments/tekton:ci/deploy-cart-x7k2p:9c1e4b7a").await.body;
    let shown = [
        "/status",
        "/service",
        "/environment",
        "/version",
        "/commit",
        "/durationSeconds",
        "/eventCount",
        "/stages/0/stage",
        "/stages/0/status",
        "/stages/0/durationSeconds",
    ];
    let expected = json!([
        "COMPLETED",
        "cart",
        "production",
        "2.8.0",
        "c0ffee5f1c0a9e7d2b4c6f8a1e3d5b7c9f0a2e4d",
        240.0,
        3,
        "roll-out",
        "COMPLETED",
        150.0
    ]);
    assert_eq!(json!(shown.map(|pointer| run.pointer(pointer).unwrap())), expected);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn a_notification_that_comes_again_for_a_refresh_is_no_new_landing_where_a_rule_says_once_per_what() {
    let revision = "e4b9d27a61c8f0537bd2469ea1c05f83d7b6249c";
    let first = sample("argocd/succeeded-healthy.json");
    let mut again = first.clone();
    again["app"]["status"]["health"]["lastTransitionTime"] = json!("2026-03-01T11:30:00Z");
    again["app"]["status"]["operationState"]["startedAt"] = json!("2026-03-01T11:29:00Z");
    again["app"]["status"]["operationState"]["finishedAt"] = json!("2026-03-01T11:29:30Z");
    let mut next = again.clone();
    next["app"]["status"]["operationState"]["syncResult"]["revision"] =
        json!("0d7f3b1c5e9a8264f0b7d3c1a5e9f286b4d0c7a3");
    let live = async |world: &World| world.get("/v1/live?environment=production").await.body["items"][0].clone();

    let mut world = World::new().await;
    world.change_rules(&json!([{"source": "argocd", "oncePer": "app.status?.operationState?.syncResult.revision"}]));
    let id = format!("argocd:argocd/cart:5f0c1a9e:{revision}");
    assert_eq!(send(&world, &Door::ArgoCd, &first).await["deploymentId"], id);
    let landed = live(&world).await;
    assert_eq!((&landed["version"], &landed["since"]), (&json!(revision), &json!("2026-03-01T11:02:41.000Z")));
    let receipt = send(&world, &Door::ArgoCd, &again).await;
    assert_eq!((&receipt["deploymentId"], &receipt["outcome"]), (&json!(id), &json!("duplicate")));
    assert_eq!(live(&world).await, landed, "nothing landed");
    assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]));
    let running = send(&world, &Door::ArgoCd, &sample("argocd/running.json")).await;
    let says = "rule 1 takes each value of a field once, and this has none there";
    assert_eq!((&running["outcome"], &running["reason"]), (&json!("ignored"), &json!(says)));
    assert_eq!(send(&world, &Door::ArgoCd, &next).await["outcome"], "recorded");
    assert_eq!(live(&world).await["version"], "0d7f3b1c5e9a8264f0b7d3c1a5e9f286b4d0c7a3");
    let removal = send(&world, &Door::ArgoCd, &sample("argocd/deleted.json")).await;
    assert!(removal["deploymentId"].as_str().unwrap().contains(":deletion:"), "{removal}");
    world.expect_state_is_history().await;

    let without = World::new().await;
    send(&without, &Door::ArgoCd, &first).await;
    assert_eq!(send(&without, &Door::ArgoCd, &again).await["outcome"], "recorded", "no rule, another sync");
}

#[tokio::test]
async fn a_pipeline_run_and_its_tasks_are_one_deployment() {
    let world = World::new().await;
    for name in
        ["pipelinerun-finished-success", "taskrun-finished-failure", "pipelinerun-started", "pipelinerun-queued"]
    {
        send(&world, &Door::Events, &sample(&format!("cdevents/{name}.json"))).await;
    }
    let deployment = world.get("/v1/deployments/cdevents-run:/ci/main:deploy-cart/1042").await.body;
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
async fn a_run_and_its_task_meet_under_any_id_and_source_that_cdevents_allow() {
    let world = World::new().await;
    let ids = ["/job/deploy/42", "{0e2c}", "deploy cart 42", "incident:42", "deploy-42", &"x".repeat(300)];
    let sources = ["job/cart/42/", "https://ci.example/?job=größe#42", &"y/".repeat(200)];
    for (id, source) in ids.into_iter().flat_map(|id| sources.map(|source| (id, source))) {
        let mut run = sample("cdevents/pipelinerun-started.json");
        (run["subject"]["id"], run["subject"]["source"]) = (json!(id), json!(source));
        // The run is named by its own source, or else by that of the task run.
        let mut named = sample("cdevents/taskrun-finished-failure.json");
        named["subject"]["content"]["pipelineRun"] = json!({"id": id, "source": source});
        let mut unnamed = sample("cdevents/taskrun-finished-failure.json");
        (unnamed["subject"]["id"], unnamed["subject"]["source"]) = (json!("other task"), json!(source));
        unnamed["subject"]["content"]["pipelineRun"] = json!({"id": id, "source": ""});
        unnamed["subject"]["content"]["taskName"] = json!("another");
        let mut receipts = Vec::new();
        for event in [&run, &named, &unnamed] {
            let receipt = send(&world, &Door::Events, event).await;
            assert_eq!(receipt["outcome"], "recorded", "{id} {source}");
            receipts.push(receipt["deploymentId"].clone());
        }
        assert!(receipts.iter().all(|of| *of == receipts[0]), "{id} {source}: {receipts:?}");
    }
    assert_eq!(world.get("/v1/deployments").await.body["items"].as_array().unwrap().len(), 18);
}

/// What Jenkins' plugin for CDEvents sends of a build: the number of the build is the id of the run, its
/// address is the source.
fn of_jenkins(kind: &str, job: &str, minute: u32, content: &Value) -> Value {
    let (source, id) = (format!("job/{job}/42/"), format!("{kind}-42-{minute}"));
    let (subject, _) = kind.split_once('.').unwrap();
    let (name, time) = (format!("dev.cdevents.{kind}.0.2.0"), format!("2026-02-20T10:{minute:02}:00Z"));
    json!({
        "specversion": "1.0", "id": id, "source": source, "type": name, "time": time,
        "data": {
            "context": {"version": "0.4.1", "id": id, "source": source, "type": name, "timestamp": time},
            "subject": {"id": "42", "source": source, "type": subject, "content": content},
        },
    })
}

#[tokio::test]
async fn builds_of_two_jobs_with_one_number_are_two_deployments() {
    let task = json!({"taskName": "Deploy", "pipelineRun": {"id": "42", "source": "job/search/42/"}});
    let (cart, search) = (json!({"pipelineName": "cart"}), json!({"pipelineName": "search"}));
    let failed = json!({"pipelineName": "search", "outcome": "error", "errors": "stage Deploy failed"});
    let succeeded = json!({"pipelineName": "cart", "outcome": "success"});
    let events = [
        of_jenkins("pipelinerun.started", "cart", 0, &cart),
        of_jenkins("pipelinerun.started", "search", 1, &search),
        of_jenkins("taskrun.started", "search", 2, &task),
        of_jenkins("pipelinerun.finished", "search", 3, &failed),
        of_jenkins("pipelinerun.finished", "cart", 5, &succeeded),
    ];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 3, 0]] {
        let world = World::new().await;
        for place in order {
            send(&world, &Door::Events, &events[place]).await;
        }
        let mut found = BTreeSet::new();
        for deployment in world.get("/v1/deployments").await.body["items"].as_array().unwrap() {
            let id = deployment["deploymentId"].as_str().unwrap();
            let whole = world.get(&format!("/v1/deployments/{id}")).await.body;
            let stages = whole["stages"].as_array().unwrap().len();
            found.insert(json!([id, whole["service"], whole["status"], whole["flags"], stages]).to_string());
        }
        let expected = [
            json!(["cdevents-run:job/cart/42/:42", "cart", "COMPLETED", ["PLACE_UNKNOWN"], 0]),
            json!(["cdevents-run:job/search/42/:42", "search", "FAILED", ["PLACE_UNKNOWN"], 1]),
        ];
        assert_eq!(found, expected.iter().map(Value::to_string).collect(), "{order:?}");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn a_run_of_github_that_is_started_again_is_an_attempt_of_one_deployment() {
    let rules = json!([{"source": "github", "when": {"workflow": "deploy"}, "deployment": true}]);
    let run = |attempt: u32, hour: u32, conclusion: &str| {
        let mut run = sample("github/workflow_run.completed.json");
        let minute = json!(format!("2026-02-15T{hour}:05:00Z"));
        (run["workflow_run"]["run_attempt"], run["workflow_run"]["updated_at"]) = (json!(attempt), minute);
        run["workflow_run"]["conclusion"] = json!(conclusion);
        (Door::GitHub("workflow_run".to_owned()), run)
    };
    let job = |attempt: u32, hour: u32, conclusion: &str| {
        let mut job = sample("github/workflow_job.of-a-run.json");
        job["workflow_job"]["run_attempt"] = json!(attempt);
        job["workflow_job"]["status"] = json!("completed");
        job["workflow_job"]["conclusion"] = json!(conclusion);
        job["workflow_job"]["completed_at"] = json!(format!("2026-02-15T{hour}:04:00Z"));
        (Door::GitHub("workflow_job".to_owned()), job)
    };
    let mut review = sample("github/deployment_review.approved.json");
    (review["workflow_run"]["run_attempt"], review["since"]) = (json!(2), json!("2026-02-15T14:01:00Z"));
    let events = [
        job(1, 13, "failure"),
        run(1, 13, "failure"),
        (Door::GitHub("deployment_review".to_owned()), review),
        job(2, 14, "success"),
        run(2, 14, "success"),
    ];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 0, 4, 2, 1]] {
        let mut world = World::new().await;
        let review = json!({"source": "github", "when": {"environment": "production"}, "deployment": true});
        world.change_rules(&json!([rules[0], review]));
        for place in order {
            let (door, payload) = &events[place];
            assert_eq!(send(&world, door, payload).await["outcome"], "recorded", "{place} {payload}");
        }
        let listed = world.get("/v1/deployments").await.body;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{order:?}: {listed}");
        let whole = world.get("/v1/deployments/github-run:example/storefront:8001").await.body;
        assert_eq!((&whole["status"], &whole["attempt"]), (&json!("COMPLETED"), &json!(2)), "{order:?}");
        let stages = whole["stages"].as_array().unwrap().iter();
        let mut stages: Vec<Value> =
            stages.map(|stage| json!([stage["attempt"], stage["stage"], stage["status"]])).collect();
        stages.sort_by_key(Value::to_string);
        let expected =
            json!([[1, "roll out", "FAILED"], [2, "Approval/production", "COMPLETED"], [2, "roll out", "COMPLETED"],]);
        assert_eq!(json!(stages), expected, "{order:?}");
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn log_entries_share_no_made_up_id_when_their_parts_differ() {
    let world = World::new().await;
    let mut ids = BTreeSet::new();
    for (service, version) in
        [("a:b", "c"), ("a", "b:c"), ("a+b", "c"), ("a_b", "c"), ("incident", "c"), ("environment", "c")]
    {
        let entry = json!({
            "event_type": "deployment_start", "service": service, "version": version,
            "timestamp": "2026-03-01T11:00:00Z",
        });
        let receipt = send(&world, &Door::Events, &entry).await;
        assert_eq!(receipt["outcome"], "recorded", "{service} {version}");
        ids.insert(receipt["deploymentId"].to_string());
    }
    assert_eq!(ids.len(), 6, "{ids:?}");
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
