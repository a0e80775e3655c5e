//! The rule on the default bus: of each kind of event that it lets through there is a sample that the
//! queue's formats record; and each sample of AWS's own events that is recorded, it lets through.
//! Builds are recorded where a rule of the settings says so, and all come through.

use std::path::Path;

use serde_json::{Value, json};
use tests::{Door, Taken, World};

use super::attributes::{ACCOUNT, REGION};
use super::drift::{expect_none, expect_one};
use super::emitted::wait;
use super::templates::{Installation, Templates};

const RULE: &str = "Ingest.DefaultBusRule";

/// Whether a value is what a pattern requires of it: each field of an object, or one of these; of an array one element
/// is enough.
fn matches(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::Object(fields), _) => fields.iter().all(|(field, wanted)| matches(wanted, &value[field.as_str()])),
        (_, Value::Array(elements)) => elements.iter().any(|element| matches(pattern, element)),
        (Value::Array(wanted), _) => wanted.iter().any(|wanted| is(wanted, value)),
        _ => panic!("{pattern} is no pattern"),
    }
}

/// Whether a value is this one, begins so (EventBridge's `prefix`), or does not begin so, or is none of a list
/// (`anything-but`).
fn is(wanted: &Value, value: &Value) -> bool {
    let begins = |prefix: &str| value.as_str().is_some_and(|value| value.starts_with(prefix));
    if let Some(others) = wanted["anything-but"].as_array() {
        return !others.contains(value);
    }
    match (wanted["prefix"].as_str(), wanted["anything-but"]["prefix"].as_str()) {
        (Some(prefix), _) => begins(prefix),
        (None, Some(prefix)) => !begins(prefix),
        (None, None) => wanted == value,
    }
}

/// The patterns of which an event has to match one (EventBridge's `$or`).
fn alternatives(pattern: &Value) -> &[Value] {
    pattern["$or"].as_array().map_or(std::slice::from_ref(pattern), Vec::as_slice)
}

fn lets_through(pattern: &Value, event: &Value) -> bool {
    alternatives(pattern).iter().any(|pattern| matches(pattern, event))
}

/// Whether the queue's door makes a deployment of it; not when it is ignored or refused.
async fn is_recorded(event: &Value) -> bool {
    let mut world = World::new().await;
    world.change_rules(&json!([{"source": "aws.*", "deployment": true}]));
    let taken = world.send(&Door::Queue, event.to_string().as_bytes()).await;
    assert_eq!(taken, Ok(Taken::Done), "{event}");
    world.get("/v1/deployments").await.body["items"] != json!([])
}

/// The samples of AWS's own events that are recorded: each format has some.
async fn recorded_samples() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut samples = Vec::new();
    for (file, _) in expected.as_object().unwrap().iter().filter(|(_, becomes)| becomes["door"] == "queue") {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let Ok(event) = serde_json::from_str::<Value>(&text) else { continue };
        // What a notification rule sends has no `detail-type`, and comes through SNS.
        let of_aws = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
        if of_aws && event["detail-type"].is_string() && is_recorded(&event).await {
            samples.push((file.clone(), event));
        }
    }
    samples
}

fn check(installation: &Installation, samples: &[(String, Value)]) -> Vec<String> {
    let mut complaints = Vec::new();
    let pattern = &installation.properties(RULE)["EventPattern"];
    for pattern in alternatives(pattern) {
        let texts = |field: &str| pattern[field].as_array().cloned().unwrap_or_default();
        for source in texts("source") {
            for kind in texts("detail-type") {
                if !samples.iter().any(|(_, event)| event["source"] == source && event["detail-type"] == kind) {
                    complaints.push(format!("{RULE} lets through {source} {kind}, of which no sample is recorded"));
                }
            }
        }
    }
    for (file, event) in samples.iter().filter(|(_, event)| !lets_through(pattern, event)) {
        complaints.push(format!(
            "{RULE} keeps back {} {}, which is read (events/{file})",
            event["source"], event["detail-type"]
        ));
    }
    complaints
}

#[test]
fn what_the_rule_lets_through_is_recorded_and_what_is_read_it_lets_through() {
    let samples = wait(recorded_samples());
    assert!(samples.len() > 5, "samples are found at all");
    expect_none(&check(&Installation::production(), &samples));
}

#[test]
fn without_the_default_bus_nothing_of_it_comes_through() {
    assert!(!Templates::read().deploy(&[("ReadDefaultBus", "false")]).unwrap().0.contains_key(RULE));
}

const ALARMS: &str = "Ingest.AlarmRule";

/// What EventBridge sends of a change of this alarm.
fn alarm(name: &str, state: &str) -> Value {
    let arn = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}");
    json!({"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "resources": [arn],
           "detail": {"alarmName": name, "state": {"value": state}}})
}

#[test]
fn only_alarms_whose_names_begin_as_they_should_come_through_and_none_of_our_own() {
    assert!(!Templates::read().deploy(&[]).unwrap().0.contains_key(ALARMS));
    for prefixes in ["deployment", "cart-,deployment", "a,b,c,cart-,deployment"] {
        let installation = Templates::read().deploy(&[("AlarmPrefixes", prefixes)]).unwrap();
        let pattern = &installation.properties(ALARMS)["EventPattern"];
        for (name, state, expected) in [
            ("cart-errors", "ALARM", prefixes.contains("cart-")),
            ("cart-errors", "OK", prefixes.contains("cart-")),
            ("cart-errors", "INSUFFICIENT_DATA", false),
            ("my-cart-errors", "ALARM", false),
            ("deployment-of-others", "ALARM", true),
        ] {
            assert_eq!(lets_through(pattern, &alarm(name, state)), expected, "{prefixes}: {name} {state}");
        }
        let mut own = installation.of_kind("AWS::CloudWatch::Alarm").peekable();
        assert!(own.peek().is_some(), "there are alarms of our own");
        for (path, of_ours) in own {
            let name = of_ours["AlarmName"].as_str().unwrap();
            assert!(!lets_through(pattern, &alarm(name, "ALARM")), "{path}");
            // The function knows them by the name of the topic.
            let settings = installation.properties("EventProcessor.Function");
            let topic = settings["Environment"]["Variables"]["TOPIC_ARN"].as_str().unwrap();
            let installation = topic.rsplit(':').next().unwrap();
            assert!(name.starts_with(&format!("{installation}-")), "{path} is called {name}, the topic {topic}");
        }
        assert_eq!(installation.properties(ALARMS)["Targets"], installation.properties(RULE)["Targets"]);
    }
}

/// What this system sends, as the default bus has it.
fn suggestion(topic: &str) -> Value {
    json!({"source": "deployment-status", "detail-type": "Rollback Suggested", "resources": [topic],
           "detail": {"suggestionId": "c-2##ROLLBACK_SUGGESTED"}})
}

#[test]
fn everything_on_our_own_bus_reaches_the_queue_but_what_this_system_sends() {
    let installation = Installation::production();
    let rule = installation.properties("Ingest.BusRule");
    for source in ["my.pipeline", "aws.codepipeline", "deployment-status.ours", ""] {
        let event = json!({"source": source, "detail-type": "Deployment Event"});
        assert!(lets_through(&rule["EventPattern"], &event), "{source}");
    }
    assert!(!lets_through(&rule["EventPattern"], &suggestion("any")));
    assert_eq!(rule["Targets"][0]["Arn"], installation.properties(RULE)["Targets"][0]["Arn"]);
}

#[test]
fn what_this_system_suggests_never_comes_back_and_goes_on_only_where_that_is_asked_for() {
    const HANDING_ON: &str = "Ingest.SuggestionRule";
    assert!(!Templates::read().deploy(&[]).unwrap().0.contains_key(HANDING_ON));
    let parameters = [("SuggestionBus", "rollbacks"), ("AlarmPrefixes", "cart-")];
    let installation = Templates::read().deploy(&parameters).unwrap();
    let settings = installation.properties("EventProcessor.Function");
    let topic = settings["Environment"]["Variables"]["TOPIC_ARN"].as_str().unwrap();
    // As what is really sent; `tests/tests/health` has its shape.
    let own = suggestion(topic);
    let mut rules: Vec<(&str, &Value)> = installation.of_kind("AWS::Events::Rule").collect();
    rules.retain(|(_, rule)| !rule["EventPattern"].is_null());
    let catching: Vec<&str> =
        rules.iter().filter(|(_, rule)| lets_through(&rule["EventPattern"], &own)).map(|(path, _)| *path).collect();
    assert_eq!((rules.len(), catching), (4, vec![HANDING_ON]), "{rules:#?}");
    let rule = installation.properties(HANDING_ON);
    assert!(rule["EventBusName"].is_null(), "it is on the default bus");
    for other in [
        suggestion("arn:aws:sns:eu-central-1:123456789012:another"),
        json!({"source": "my.pipeline", "detail-type": "Rollback Suggested", "resources": [topic]}),
        json!({"source": "deployment-status", "detail-type": "Something Else", "resources": [topic]}),
    ] {
        assert!(!lets_through(&rule["EventPattern"], &other), "{other}");
    }
    // It goes to that bus and to no other, by a role that may do nothing else.
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/rollbacks");
    let target = &rule["Targets"][0];
    assert_eq!((&target["Arn"], rule["Targets"].as_array().unwrap().len()), (&json!(bus), 1));
    let handing_on = installation.properties("Ingest.SuggestionRole");
    assert_eq!(target["RoleArn"], json!(installation.attribute("Ingest.SuggestionRole", "Arn").unwrap()));
    let statements = &handing_on["Policies"][0]["PolicyDocument"]["Statement"];
    let only = json!([{"Sid": "HandOn", "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}]);
    assert_eq!((statements, handing_on["Policies"].as_array().unwrap().len()), (&only, 1));
    // What can't be handed on is set aside, and an alarm watches that.
    let aside = installation.attribute("Ingest.UndeliveredQueue", "Arn").unwrap();
    assert_eq!(target["DeadLetterConfig"]["Arn"], json!(aside));
    let may = &installation.properties("Ingest.UndeliveredQueuePolicy")["PolicyDocument"]["Statement"][0];
    let from = may["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap();
    assert!(from.contains(&json!(installation.attribute(HANDING_ON, "Arn").unwrap())), "{may}");
}

/// What is newly complained of once the pattern for the first source is spoiled.
fn complaints_once(spoil: impl FnOnce(&mut Value)) -> Vec<String> {
    let samples = wait(recorded_samples());
    let mut installation = Installation::production();
    let before = check(&installation, &samples);
    spoil(&mut installation.properties_mut(RULE)["EventPattern"]["$or"][0]);
    check(&installation, &samples).into_iter().filter(|complaint| !before.contains(complaint)).collect()
}

#[test]
fn what_is_let_through_for_nothing_is_found() {
    for kind in ["CodePipeline Something Else", "Deployment"] {
        let complaints = complaints_once(|pattern| pattern["detail-type"].as_array_mut().unwrap().push(kind.into()));
        expect_one(&complaints, &["lets through \"aws.codepipeline\"", kind, "no sample is recorded"]);
    }
    let complaints = complaints_once(|pattern| pattern["source"] = json!(["aws.codepipeline", "aws.ec2"]));
    assert!(complaints.len() == 3 && complaints[0].contains("aws.ec2"), "{complaints:#?}");
}

#[test]
fn what_is_read_and_kept_back_is_found() {
    let stages = "CodePipeline Stage Execution State Change";
    let complaints = complaints_once(|pattern| {
        assert_eq!(pattern["detail-type"].as_array_mut().unwrap().remove(1), stages);
    });
    expect_one(&complaints, &["keeps back", stages, "stage-succeeded.json"]);
}
