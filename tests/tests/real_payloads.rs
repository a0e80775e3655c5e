//! Real payloads of other projects, through their real doors: those of AWS services through the queue,
//! GitHub's, GitLab's and Argo CD's through their webhooks with signature or token, CDEvents posted. Each
//! becomes what `expected.jsonl` beside them says.
//!
//! Where that file calls a line arguable: a `workflow_run` of GitHub says neither that it deploys nor
//! where to, and most workflows only test. It is *ignored* here unless a rule names the workflow as a
//! deployment, and becomes what that file says where one does; both are shown below.
//!
//! An application of Argo CD that is healthy without ever having had an operation is *ignored* here:
//! nothing says that anything was deployed, when, or which revision (the comparison of those payloads
//! failed), and a completed deployment without a version would take the version out of what is live.
//! The revision that Argo CD synced is the version here, and the commit where it is one.
//!
//! The deletion of an environment is *context* in that file, from before environments could be retired: it is
//! recorded as that, and of no deployment.
//!
//! The file has the ids of runs as they were once made. Here the id of a run of CDEvents begins with its
//! source, in which alone it is unique, and a run of GitHub keeps its id when it is started again.

use std::collections::BTreeMap;
use std::path::Path;

use domain::ledger::received::Received;
use domain::{Retention, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use recorder::Recorder;
use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

/// A payload, and what it should become.
struct Case {
    file: String,
    door: Door,
    bytes: Vec<u8>,
    expected: Value,
}

impl Case {
    fn disposition(&self) -> &str {
        let no_operation = self.door == Door::ArgoCd && self.expected["kind"].as_str().unwrap().contains("phase=None");
        if self.is_workflow_run() || no_operation { "ignore" } else { self.expected["disposition"].as_str().unwrap() }
    }

    /// Whether it retires an environment, in which nothing was ever deployed here.
    fn retires(&self) -> bool {
        self.expected["kind"] == "environment.deleted"
    }

    fn is_workflow_run(&self) -> bool {
        matches!(&self.door, Door::GitHub(event) if event == "workflow_run")
    }

    /// Expects the id that a run has here.
    fn name_run(&mut self) {
        let Some(id) = self.expected["deploymentId"].as_str() else { return };
        if self.expected["source"] == "cdevents" {
            let payload: Value = serde_json::from_slice(&self.bytes).unwrap();
            let run = &payload["subject"]["content"]["pipelineRun"];
            let sources = [&run["source"], &payload["subject"]["source"], &payload["context"]["source"]];
            let source = sources.into_iter().find_map(Value::as_str).unwrap();
            self.expected["deploymentId"] = json!(format!("cdevents-run:{source}:{id}"));
        } else if let Some((run, "1")) = id.rsplit_once(':').filter(|_| id.starts_with("github-run:")) {
            self.expected["deploymentId"] = json!(run);
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// Where its deployment is: under the id that is expected, else under that of the only one there is.
    async fn deployment(&self, world: &World) -> String {
        let listed = world.get("/v1/deployments").await.body;
        let id = self.expected.get("deploymentId").unwrap_or(&listed["items"][0]["deploymentId"]);
        format!("/v1/deployments/{}", id.as_str().unwrap_or_else(|| panic!("{}: none", self.file)))
    }

    /// Whether `found` is what is expected of `field`; what is not named is not asserted.
    fn assert(&self, field: &str, found: &Value) {
        let Some(expected) = self.expected.get(field) else { return };
        let time = |value: &Value| Timestamp::parse(value.as_str().unwrap()).unwrap();
        let equal = if field.ends_with("At") { time(expected) == time(found) } else { expected == found };
        assert!(equal, "{}: {field} should be {expected}, is {found}", self.file);
    }
}

/// All payloads, if the collection is here.
fn payloads() -> Option<Vec<Case>> {
    let folder = tests::cases()?;
    let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let cases = expected.lines().map(|line| {
        let expected: Value = serde_json::from_str(line).unwrap();
        let file = expected["file"].as_str().unwrap().to_owned();
        let door = match expected["source"].as_str().unwrap() {
            source if source == "aws" || source.starts_with("aws.") => Door::Queue,
            "github" => Door::GitHub(github_event(Path::new(&file))),
            "gitlab" => Door::GitLab,
            "argocd" => Door::ArgoCd,
            "cdevents" => Door::Events,
            other => panic!("{file}: {other} is new"),
        };
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let mut case = Case { file, door, bytes, expected };
        case.name_run();
        case
    });
    let cases: Vec<Case> = cases.collect();
    assert!(cases.len() == 105, "only {} payloads", cases.len());
    Some(cases)
}

/// What GitHub sends the payload with in `X-GitHub-Event`: one collection has a folder for each
/// event, the others name their files after it.
fn github_event(file: &Path) -> String {
    let text = |name: &std::ffi::OsStr| name.to_str().unwrap().to_owned();
    if file.starts_with("github") {
        return text(file.parent().unwrap().file_name().unwrap());
    }
    match text(file.file_stem().unwrap()).as_str() {
        "deployment-status" => "deployment_status".to_owned(),
        "deployment_commit" => "deployment".to_owned(),
        name => name.to_owned(),
    }
}

/// That nothing is recorded about any deployment.
async fn assert_nothing_recorded(world: &World, file: &str) {
    assert_eq!(world.get("/v1/deployments").await.body["items"], json!([]), "{file}");
    assert_eq!(world.get("/v1/catalog").await.body["environments"], json!([]), "{file}");
}

#[tokio::test]
async fn each_payload_becomes_what_is_expected_of_it() {
    for case in payloads().unwrap_or_default() {
        let world = World::new().await;
        let taken = world.send(&case.door, &case.bytes).await.unwrap();
        match case.disposition() {
            "deployment" => assert_deployment(&world, &case).await,
            "stage" => assert_stage(&world, &case).await,
            "context" if case.retires() => {
                let Taken::Answered(answer) = &taken else { panic!("{} has no answer", case.file) };
                assert_eq!((answer.status, &answer.body["outcome"]), (201, &json!("recorded")), "{}", case.file);
                assert_nothing_recorded(&world, &case.file).await;
                // By its id, as deployments name it, and not by what it is called for people.
                let payload: Value = serde_json::from_slice(&case.bytes).unwrap();
                let environment = payload["subject"]["id"].as_str().unwrap();
                let history = world.get(&format!("/v1/deployments/environment:{environment}/events")).await.body;
                assert_eq!(history["items"][0]["event"]["type"], "retirement", "{}: {history}", case.file);
            }
            "ignore" | "context" => {
                match &taken {
                    Taken::Done => {}
                    Taken::Answered(answer) => {
                        assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("ignored")), "{}", case.file);
                    }
                    Taken::Again => panic!("{} must come again", case.file),
                }
                assert_eq!(world.wire.calls().len(), 0, "{}", case.file);
                assert_nothing_recorded(&world, &case.file).await;
                assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]), "{}", case.file);
            }
            "reject" => {
                assert_eq!(taken, Taken::Done, "{}", case.file);
                assert_nothing_recorded(&world, &case.file).await;
                let rejected = world.get("/v1/rejected").await.body;
                assert_eq!(rejected["items"].as_array().unwrap().len(), 1, "{}", case.file);
                assert_eq!(rejected["items"][0]["raw"], json!(case.text()), "{}", case.file);
                assert_eq!(rejected["items"][0]["reason"], "invalid", "{}", case.file);
            }
            other => panic!("{}: {other} is new", case.file),
        }
        if let Taken::Answered(answer) = taken {
            let recorded = matches!(case.disposition(), "deployment" | "stage") || case.retires();
            assert_eq!(answer.status, if recorded { 201 } else { 200 }, "{}", case.file);
        }
        world.publish().await.unwrap();
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn a_workflow_run_becomes_what_is_expected_of_it_where_a_rule_names_its_workflow_as_a_deployment() {
    for case in payloads().unwrap_or_default().iter().filter(|case| case.is_workflow_run()) {
        for (workflow, recorded) in [("test", true), ("release", false)] {
            let mut world = World::new().await;
            world.change_rules(&json!([{"source": "github", "when": {"workflow": workflow}, "deployment": true}]));
            let Taken::Answered(answer) = world.send(&case.door, &case.bytes).await.unwrap() else { panic!() };
            if recorded {
                assert_eq!(answer.status, 201, "{}", case.file);
                assert_deployment(&world, case).await;
            } else {
                assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("ignored")), "{}", case.file);
                assert_nothing_recorded(&world, &case.file).await;
            }
        }
    }
}

async fn assert_deployment(world: &World, case: &Case) {
    let deployment = world.get(&case.deployment(world).await).await;
    assert_eq!(deployment.status, 200, "{}", case.file);
    for field in ["deploymentId", "service", "environment", "version", "commit", "status"] {
        case.assert(field, &deployment.body[field]);
    }
    case.assert("occurredAt", &deployment.body["updatedAt"]);
    assert_eq!(deployment.body["stages"], json!([]), "{}", case.file);
    // What the payload does not say is not made up.
    for (field, unknown) in [("environment", json!("unknown")), ("version", Value::Null), ("commit", Value::Null)] {
        if case.expected.get(field).is_none() && case.door != Door::ArgoCd {
            assert_eq!(deployment.body[field], unknown, "{}: {field}", case.file);
        }
    }
    let event = only_event(world, case).await;
    case.assert("occurredAt", &event["occurredAt"]);
    for field in ["deploymentId", "service", "environment", "version", "commit", "status", "occurredAt"] {
        case.assert(field, &event["event"][field]);
    }
}

async fn assert_stage(world: &World, case: &Case) {
    let deployment = world.get(&case.deployment(world).await).await;
    assert_eq!(deployment.status, 200, "{}", case.file);
    case.assert("deploymentId", &deployment.body["deploymentId"]);
    case.assert("service", &deployment.body["service"]);
    // However the stage ended, that alone shows the deployment under way.
    assert_eq!((&deployment.body["status"], &deployment.body["finishedAt"]), (&json!("IN_PROGRESS"), &Value::Null));
    let stages = deployment.body["stages"].as_array().unwrap();
    assert_eq!(stages.len(), 1, "{}", case.file);
    case.assert("stage", &stages[0]["stage"]);
    case.assert("stageStatus", &stages[0]["status"]);
    let event = only_event(world, case).await;
    case.assert("occurredAt", &event["occurredAt"]);
    assert_eq!(event["event"]["type"], "stage", "{}", case.file);
    case.assert("stage", &event["event"]["stage"]);
    case.assert("stageStatus", &event["event"]["status"]);
}

async fn only_event(world: &World, case: &Case) -> Value {
    let events = world.get(&format!("{}/events", case.deployment(world).await)).await.body;
    assert_eq!(events["items"].as_array().unwrap().len(), 1, "{}", case.file);
    events["items"][0].clone()
}

#[tokio::test]
async fn a_stage_leaves_the_deployments_own_outcome_as_it_was() {
    for case in payloads().unwrap_or_default().iter().filter(|case| case.disposition() == "stage") {
        for status in domain::Status::ALL {
            let world = World::new().await;
            let own = json!({"deploymentId": case.expected["deploymentId"], "status": status, "occurredAt": "2016-01-01T00:00:00Z"});
            // As its tool reported it: nobody else opens a deployment with such an id.
            let own = Received::new(&domain::event::read(own, at(0)).unwrap(), at(0), "its tool").unwrap();
            let recorder = Recorder::new(world.embedded.store(), Retention::FOREVER);
            recorder.record(vec![own], at(0)).await.pop().unwrap().unwrap();
            let before = world.get(&case.deployment(&world).await).await.body;
            assert_ne!(world.send(&case.door, &case.bytes).await.unwrap(), Taken::Again);
            let after = world.get(&case.deployment(&world).await).await.body;
            for field in ["status", "finishedAt", "durationSeconds", "error", "attempt", "createdAt"] {
                assert_eq!(before[field], after[field], "{} after {status}: {field}", case.file);
            }
            assert_eq!(after["stages"].as_array().unwrap().len(), 1, "{} after {status}", case.file);
        }
    }
}

/// All that can be asked after `cases` were sent in this order.
async fn answers(cases: &[&Case]) -> BTreeMap<String, Value> {
    let world = World::new().await;
    for case in cases {
        match world.send(&case.door, &case.bytes).await.unwrap() {
            Taken::Done => {}
            Taken::Again => panic!("{} must come again", case.file),
            Taken::Answered(answer) => assert!(matches!(answer.status, 200 | 201), "{}: {answer:?}", case.file),
        }
    }
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
    let mut paths = ["deployments?limit=100", "deployments/active", "live", "catalog", "rejected"]
        .map(|path| format!("/v1/{path}"))
        .to_vec();
    let listed = world.get(&paths[0]).await.body;
    paths.extend(
        listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| format!("/v1/deployments/{}", item["deploymentId"].as_str().unwrap())),
    );
    let mut answers = BTreeMap::new();
    for path in paths {
        let mut answer = world.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        // The catalog takes nothing back: that a service was unknown until it was named stays there.
        if let Some(services) = answer.body["services"].as_array_mut() {
            services.retain(|known| known["service"] != "unknown");
        }
        answers.insert(path, answer.body);
    }
    answers
}

#[tokio::test]
async fn in_any_order_and_each_payload_twice_they_give_the_same_answers() {
    let Some(cases) = payloads() else { return };
    let expected = answers(&cases.iter().collect::<Vec<_>>()).await;
    assert!(expected.keys().filter(|path| path.starts_with("/v1/deployments/")).count() >= 6, "{:?}", expected.keys());
    let mut runner = TestRunner::deterministic();
    for _ in (0..12).step_by(tests::one_in(6)) {
        let twice: Vec<usize> = (0..cases.len()).chain(0..cases.len()).collect();
        let order = Just(twice).prop_shuffle().new_tree(&mut runner).unwrap().current();
        let shuffled: Vec<&Case> = order.iter().map(|index| &cases[*index]).collect();
        let found = answers(&shuffled).await;
        for (path, answer) in &expected {
            assert_eq!(found.get(path), Some(answer), "{path} after {order:?}");
        }
        assert_eq!(found.len(), expected.len(), "{order:?}");
    }
}

/// Drops the links between GitHub's own resources: nine tenths of its payloads, and read by nobody.
fn drop_references(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let read = ["target_url", "log_url", "environment_url"];
            object.retain(|name, _| read.contains(&name.as_str()) || !name.ends_with("url"));
            for value in object.values_mut() {
                drop_references(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_references),
        _ => {}
    }
}

/// `payload` with each field of the first levels removed, null, of another type, and far too long.
fn damaged(payload: &Value, levels: usize) -> Vec<Value> {
    let mut places = Vec::new();
    for (name, value) in payload.as_object().into_iter().flatten() {
        places.push(vec![name.clone()]);
        let inner = value.as_object().filter(|_| levels > 1);
        places.extend(inner.into_iter().flatten().map(|(inner, _)| vec![name.clone(), inner.clone()]));
    }
    let damage = |place: &Vec<String>| {
        let change = |change: &dyn Fn(&mut serde_json::Map<String, Value>, &str)| {
            let mut payload = payload.clone();
            let (name, parents) = place.split_last().unwrap();
            let parent = parents.iter().fold(&mut payload, |value, parent| &mut value[parent.as_str()]);
            change(parent.as_object_mut().unwrap(), name);
            payload
        };
        [
            change(&|object, name| drop(object.remove(name))),
            change(&|object, name| object[name] = Value::Null),
            change(&|object, name| object[name] = another_type(&object[name])),
            change(&|object, name| object[name] = json!("x".repeat(10_000))),
        ]
    };
    places.iter().flat_map(damage).collect()
}

fn another_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(7),
        Value::Number(_) => json!(true),
        Value::Bool(_) => json!("yes"),
        Value::Array(_) => json!({"a": 1}),
        Value::Object(_) | Value::Null => json!([1]),
    }
}

#[tokio::test]
async fn a_damaged_payload_is_read_ignored_or_refused_and_never_fails_the_function() {
    for case in payloads().unwrap_or_default() {
        let Ok(mut payload) = serde_json::from_slice(&case.bytes) else { continue };
        drop_references(&mut payload);
        let world = World::new().await;
        // What is named as no deployment is not looked into.
        let levels = if case.disposition() == "ignore" && !case.is_workflow_run() { 1 } else { 2 };
        for damaged in damaged(&payload, levels).into_iter().step_by(tests::one_in(11)) {
            let taken = world.send(&case.door, damaged.to_string().as_bytes()).await;
            match taken.unwrap_or_else(|error| panic!("{}: {error}: {damaged}", case.file)) {
                Taken::Done => {}
                Taken::Again => panic!("{} must come again: {damaged}", case.file),
                Taken::Answered(answer) => {
                    assert!((200..500).contains(&answer.status), "{}: {answer:?}: {damaged}", case.file);
                }
            }
        }
        world.publish().await.unwrap();
        world.expect_state_is_history().await;
    }
}
