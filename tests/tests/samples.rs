//! Every sample under `events/` goes through its door and becomes what `events/expected.json` says.
//! After a change that is meant, `UPDATE_GOLDEN=1` writes that file anew; the difference is then read
//! in the commit.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// Every sample, as its path below `events/`, in order. Those of custom sources are read with their mappings,
/// by a test of `formats`.
fn samples() -> Vec<String> {
    let (mut folders, mut samples) = (vec![folder()], Vec::new());
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(&inside).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend(Some(path).filter(|path| *path != folder().join("custom")));
            } else if inside != folder() {
                samples.push(path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    samples.sort();
    samples
}

/// A sample's folder says which door it is for; a webhook's file is named after its event.
fn door(sample: &str) -> Door {
    let (folder, name) = sample.strip_prefix("invalid/").unwrap_or(sample).split_once('/').unwrap();
    match folder {
        "native" | "cdevents" | "cloudevents" | "tekton" | "pipeline-log" => Door::Events,
        "argocd" | "argo-rollouts" => Door::ArgoCd,
        "eventbridge" | "unrelated" | "codepipeline" | "codedeploy" | "ecs" | "cloudformation" | "codebuild"
        | "appconfig" | "elasticbeanstalk" | "amplify" | "cloudwatch" => Door::Queue,
        "flux" => Door::Flux,
        "github" => Door::GitHub(name.split('.').next().unwrap().to_owned()),
        "gitlab" => Door::GitLab,
        other => panic!("no door for events/{other}"),
    }
}

/// What a sample becomes, alone in an empty world.
async fn becomes(sample: &str) -> Value {
    let world = World::new().await;
    let door = door(sample);
    let outcome = match world.send(&door, &std::fs::read(folder().join(sample)).unwrap()).await.unwrap() {
        Taken::Again => panic!("{sample} must come again"),
        Taken::Done => of_message(&world).await,
        Taken::Answered(answer) => match answer.body.as_array() {
            Some(receipts) => {
                assert_eq!(answer.status, 200, "{sample}");
                receipts.iter().map(of_receipt).collect()
            }
            None => of_receipt(&answer.body),
        },
    };
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
    let mut deployments = Vec::new();
    for id in listed(&world, "/v1/deployments", "deploymentId").await {
        deployments.push(shown(&world.get(&format!("/v1/deployments/{id}")).await.body));
    }
    let incidents = shown(&world.get("/v1/incidents").await.body["items"]);
    let mut becomes = json!({"door": door.name(), "outcome": outcome});
    if !deployments.is_empty() {
        becomes["deployments"] = deployments.into();
    }
    if incidents != json!([]) {
        becomes["incidents"] = incidents;
    }
    becomes
}

async fn listed(world: &World, path: &str, id: &str) -> Vec<String> {
    let listed = world.get(path).await.body;
    listed["items"].as_array().unwrap().iter().map(|item| item[id].as_str().unwrap().to_owned()).collect()
}

/// What a message out of the queue became: it answers nothing, so this is found by asking.
async fn of_message(world: &World) -> Value {
    let rejected = world.get("/v1/rejected").await.body;
    let deployments = listed(world, "/v1/deployments", "deploymentId").await;
    let incidents = listed(world, "/v1/incidents", "incidentId").await;
    match (rejected["items"].get(0), deployments.first().or(incidents.first())) {
        (Some(rejected), None) => json!({"rejected": rejected["reason"], "errors": rejected["errors"]}),
        (None, Some(id)) => {
            json!({"recorded": id, "status": world.get(&format!("/v1/deployments/{id}")).await.body["status"]})
        }
        (None, None) => json!("ignored"),
        both => panic!("{both:?}"),
    }
}

fn of_receipt(answer: &Value) -> Value {
    match answer["outcome"].as_str() {
        Some("recorded") => json!({"recorded": answer["deploymentId"], "status": answer["status"]}),
        Some(outcome) => json!(outcome),
        None => json!({"rejected": answer["status"], "errors": answer["errors"]}),
    }
}

/// What is known of a deployment, without what is not.
fn shown(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let known = object.iter().map(|(name, value)| (name.clone(), shown(value)));
            Value::Object(
                known.filter(|(_, value)| !(value.is_null() || *value == json!([]) || *value == json!({}))).collect(),
            )
        }
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn every_sample_becomes_what_is_written_down_of_it() {
    let golden = folder().join("expected.json");
    let mut found = Map::new();
    for sample in samples() {
        found.insert(sample.clone(), becomes(&sample).await);
    }
    let found = format!("{:#}\n", Value::Object(found));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "events/expected.json, line {}", number + 1);
    }
    assert_eq!(
        found.lines().count(),
        expected.lines().count(),
        "samples without an entry, or entries without a sample"
    );
}

#[tokio::test]
async fn the_webhooks_of_a_github_run_are_one_deployment_where_a_rule_says_so() {
    let mut world = World::new().await;
    let workflow = json!({"source": "github", "when": {"workflow": "deploy"}, "deployment": true});
    let review = json!({"source": "github", "when": {"environment": "production"}, "deployment": true});
    world.change_rules(&json!([workflow, review]));
    for name in ["workflow_job.of-a-run", "deployment_review.approved", "workflow_run.completed"] {
        let sample = format!("github/{name}.json");
        let payload = std::fs::read(folder().join(&sample)).unwrap();
        let Taken::Answered(answer) = world.send(&door(&sample), &payload).await.unwrap() else { panic!("{name}") };
        assert_eq!((answer.status, &answer.body["outcome"]), (201, &json!("recorded")), "{name}");
    }
    let run = world.get("/v1/deployments/github-run:example/storefront:8001").await.body;
    let expected = json!({
        "deploymentId": "github-run:example/storefront:8001", "service": "storefront", "environment": "unknown",
        "version": "main", "commit": "c0ffee5f1c0a9e7d2b4c6f8a1e3d5b7c9f0a2e4d", "buildNumber": "214",
        "status": "COMPLETED", "attempt": 1, "reportedBy": ["webhook:github:example/storefront"],
        "eventCount": 3, "stage": run["stage"],
        "createdAt": "2026-02-15T12:58:30.000Z", "startedAt": "2026-02-15T12:58:30.000Z", "waitedSeconds": 0.0,
        "updatedAt": "2026-02-15T13:05:00.000Z", "flags": ["PLACE_UNKNOWN"], "finishedAt": "2026-02-15T13:05:00.000Z", "durationSeconds": 390.0,
        "triggeredBy": {"kind": "AUTOMATIC", "actor": "octavia", "reason": "push"},
        "links": {"run": "https://github.com/example/storefront/actions/runs/8001"},
        "stages": [
            {"attempt": 1, "stage": "roll out", "status": "IN_PROGRESS", "inferred": false,
             "startedAt": "2026-02-15T12:58:30.000Z"},
            {"attempt": 1, "stage": "Approval/production", "status": "COMPLETED", "inferred": false,
             "finishedAt": "2026-02-15T13:00:30.000Z",
             "links": {"run": "https://github.com/example/storefront/actions/runs/8001"}},
        ],
        "verdict": {"state": "UNOBSERVED", "since": "2026-02-15T13:35:00.000Z", "measurements": 0, "outside": 0},
    });
    assert_eq!(shown(&run), shown(&expected));
}

#[test]
fn the_table_of_samples_names_each_and_no_other() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let mut named: Vec<String> = rows.map(|(file, _)| file.to_owned()).collect();
    named.sort();
    assert_eq!(named, samples());
}

#[tokio::test]
async fn every_sample_is_given_out_as_valid_cdevents() {
    let (schemas, mut documents) = (tests::cdevents::Schemas::read(), 0);
    for sample in samples() {
        let world = World::new().await;
        world.send(&door(&sample), &std::fs::read(folder().join(&sample)).unwrap()).await.unwrap();
        let listed = world.get("/v1/deployments").await.body;
        for deployment in listed["items"].as_array().unwrap() {
            let id = deployment["deploymentId"].as_str().unwrap();
            let path = format!("/v1/deployments/{id}/events?format=cdevents&limit=100");
            let answer = world.request("GET", &path, &[("host", "127.0.0.1:9000")], b"", at(0)).await.unwrap();
            assert_eq!((answer.status, &answer.body["nextCursor"]), (200, &Value::Null), "{sample}: {answer:?}");
            for document in answer.body["items"].as_array().unwrap() {
                schemas.expect_valid(document);
                assert_eq!(document["customData"]["event"]["deploymentId"], id, "{sample}");
                documents += 1;
            }
        }
    }
    assert!(documents > 20, "{documents} documents");
}
