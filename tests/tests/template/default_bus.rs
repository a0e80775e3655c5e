//! The rule on the default bus: what it lets through of AWS's own events, the queue's formats read
//! and record; and of what they read, it lets everything through.

use std::path::Path;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

use crate::drift::{expect_none, expect_one};
use crate::emitted::wait;
use crate::templates::Installation;

const RULE: &str = "Ingest.DefaultBusRule";

/// The least that an event about a pipeline says.
fn least(source: &str, detail_type: &str) -> Value {
    let detail = json!({"pipeline": "orders", "execution-id": "e-1", "state": "STARTED", "stage": "Deploy"});
    json!({"source": source, "detail-type": detail_type, "account": "1", "time": at(0), "detail": detail})
}

/// What a rule's pattern asks of a field: one of these, or (EventBridge's `prefix`) a beginning.
fn matches(pattern: &Value, field: &str, value: &Value) -> bool {
    let Some(wanted) = pattern[field].as_array() else { return pattern.get(field).is_none() };
    wanted.iter().any(|wanted| match (wanted["prefix"].as_str(), value.as_str()) {
        (Some(prefix), Some(value)) => value.starts_with(prefix),
        _ => wanted == value,
    })
}

fn lets_through(pattern: &Value, event: &Value) -> bool {
    ["source", "detail-type"].iter().all(|field| matches(pattern, field, &event[*field]))
}

/// Whether the queue's door makes a deployment of it; not when it is ignored or refused.
async fn is_recorded(event: &Value) -> bool {
    let world = World::new().await;
    let taken = world.send(&Door::Queue, event.to_string().as_bytes()).await;
    assert_eq!(taken, Ok(Taken::Done), "{event}");
    world.get("/v1/deployments").await.body["items"] != json!([])
}

/// The samples of AWS's own events that are recorded: each format has some.
fn recorded_samples() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut samples = Vec::new();
    for (file, becomes) in expected.as_object().unwrap().iter().filter(|(_, becomes)| becomes["door"] == "queue") {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let Ok(event) = serde_json::from_str::<Value>(&text) else { continue };
        // What a notification rule sends has no `detail-type`, and comes through SNS.
        let of_aws = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
        if of_aws && event.get("detail-type").is_some() && becomes["outcome"].get("recorded").is_some() {
            samples.push((file.clone(), event));
        }
    }
    samples
}

pub(crate) async fn check(installation: &Installation) -> Vec<String> {
    let mut complaints = Vec::new();
    let pattern = &installation.properties(RULE)["EventPattern"];
    let texts = |field: &str| pattern[field].as_array().cloned().unwrap_or_default();
    for source in texts("source") {
        for detail_type in texts("detail-type") {
            let (source, detail_type) = (source.as_str().unwrap_or("?"), detail_type.as_str().unwrap_or("?"));
            if !is_recorded(&least(source, detail_type)).await {
                complaints.push(format!("{RULE} lets through {source} {detail_type:?}, which is not recorded"));
            }
        }
    }
    for (file, event) in recorded_samples() {
        if !lets_through(pattern, &event) {
            complaints.push(format!(
                "{RULE} keeps back {} {}, which is read (events/{file})",
                event["source"], event["detail-type"]
            ));
        }
    }
    complaints
}

#[test]
fn what_the_rule_lets_through_is_recorded_and_what_is_read_it_lets_through() {
    wait(async {
        assert!(recorded_samples().len() > 5, "samples are found at all");
        expect_none(&check(&Installation::production()).await);
    });
}

#[test]
fn everything_on_our_own_bus_reaches_the_queue() {
    let installation = Installation::production();
    let rule = installation.properties("Ingest.BusRule");
    for source in ["my.pipeline", "aws.codepipeline"] {
        assert!(lets_through(&rule["EventPattern"], &least(source, "Deployment Event")), "{source}");
    }
    assert_eq!(rule["Targets"][0]["Arn"], installation.properties(RULE)["Targets"][0]["Arn"]);
}

#[test]
fn what_is_let_through_for_nothing_is_found() {
    for (field, value, says) in [
        ("detail-type", "CodePipeline Something Else", "aws.codepipeline \"CodePipeline Something Else\""),
        ("detail-type", "Deployment", "aws.codepipeline \"Deployment\""),
    ] {
        let mut installation = Installation::production();
        installation.properties_mut(RULE)["EventPattern"][field].as_array_mut().unwrap().push(value.into());
        expect_one(&wait(check(&installation)), &["lets through", says, "not recorded"]);
    }
    let mut installation = Installation::production();
    installation.properties_mut(RULE)["EventPattern"]["source"] = json!(["aws.codepipeline", "aws.ecs"]);
    let complaints = wait(check(&installation));
    assert!(complaints.len() == 3 && complaints[0].contains("aws.ecs"), "{complaints:#?}");
}

#[test]
fn what_is_read_and_kept_back_is_found() {
    let mut installation = Installation::production();
    let detail_types = &mut installation.properties_mut(RULE)["EventPattern"]["detail-type"];
    assert_eq!(detail_types.as_array_mut().unwrap().remove(1), "CodePipeline Stage Execution State Change");
    let says = ["keeps back", "CodePipeline Stage Execution State Change", "stage-succeeded.json"];
    expect_one(&wait(check(&installation)), &says);
}
