//! What alarms and dashboards read of AWS itself belongs to this installation, under the names that
//! its templates give; and each alarm says what is wrong, notifies somebody, and says what silence means.

use serde_json::Value;
use store::Table;

use super::drift::{expect_none, expect_one};
use super::readings;
use super::templates::{CLASSES, Installation, Templates};

/// A namespace of AWS that we read.
struct Namespace {
    name: &'static str,
    /// Its dimension, and the type of resource that this names by an attribute.
    dimension: &'static str,
    kind: &'static str,
    attribute: &'static str,
    /// Of the metrics that AWS documents, those that we read.
    metrics: &'static [&'static str],
}

const AWS: [Namespace; 6] = [
    Namespace {
        name: "AWS/Events",
        dimension: "RuleName",
        kind: "AWS::Events::Rule",
        attribute: "Ref",
        metrics: &["Invocations"],
    },
    Namespace {
        name: "AWS/SNS",
        dimension: "TopicName",
        kind: "AWS::SNS::Topic",
        attribute: "TopicName",
        metrics: &["NumberOfNotificationsFailed"],
    },
    Namespace {
        name: "AWS/SQS",
        dimension: "QueueName",
        kind: "AWS::SQS::Queue",
        attribute: "QueueName",
        metrics: &["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"],
    },
    Namespace {
        name: "AWS/Lambda",
        dimension: "FunctionName",
        kind: "AWS::Serverless::Function",
        attribute: "Ref",
        metrics: &["Duration", "Errors", "Invocations", "IteratorAge", "Throttles"],
    },
    Namespace {
        name: "AWS/DynamoDB",
        dimension: "TableName",
        kind: "AWS::DynamoDB::Table",
        attribute: "Ref",
        metrics: &["ReadThrottleEvents", "WriteThrottleEvents"],
    },
    Namespace {
        name: "AWS/ApiGateway",
        dimension: "ApiId",
        kind: "AWS::ApiGatewayV2::Api",
        attribute: "Ref",
        metrics: &["5xx"],
    },
];

pub(crate) fn check(installation: &Installation) -> Vec<String> {
    let mut complaints = Vec::new();
    for reading in readings::of(installation).0.iter().filter(|reading| reading.namespace.starts_with("AWS/")) {
        let Some(namespace) = AWS.iter().find(|namespace| namespace.name == reading.namespace) else {
            complaints.push(format!("{} reads {}, which is not known here", reading.by, reading.namespace));
            continue;
        };
        if !namespace.metrics.contains(&reading.metric.as_str()) {
            complaints.push(format!("{} reads {}, which {} has not", reading.by, reading.metric, reading.namespace));
        }
        let resources = installation.of_kind(namespace.kind);
        let names: Vec<String> =
            resources.filter_map(|(path, _)| installation.attribute(path, namespace.attribute)).collect();
        match reading.dimensions.as_slice() {
            [(name, Some(value)), narrower @ ..]
                if name == namespace.dimension && names.contains(value) && narrows(value, narrower) => {}
            other => {
                complaints.push(format!("{} reads {other:?}; {} is one of {names:?}", reading.by, namespace.dimension));
            }
        }
    }
    let topics = installation.of_kind("AWS::SNS::Topic");
    let topics: Vec<Value> =
        topics.filter_map(|(path, _)| installation.attribute(path, "Ref")).map(Value::from).collect();
    for (path, alarm) in installation.of_kind("AWS::CloudWatch::Alarm") {
        complaints.extend(of_alarm(&topics, alarm).iter().map(|wrong| format!("alarm {path} {wrong}")));
    }
    complaints
}

/// Whether further dimensions are nothing, an index of a table, or a version behind a function's alias.
fn narrows(of: &str, dimensions: &[(String, Option<String>)]) -> bool {
    let dimensions: Vec<(&str, &str)> =
        dimensions.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default())).collect();
    match dimensions.as_slice() {
        [] => true,
        [("GlobalSecondaryIndexName", index)] => {
            Table::ALL.iter().any(|table| table.definition().indexes.iter().any(|known| known.name == *index))
        }
        [("Resource", alias), ("ExecutedVersion", version)] => *alias == format!("{of}:live") && !version.is_empty(),
        _ => false,
    }
}

/// What is wrong with an alarm, whatever it watches.
fn of_alarm(topics: &[Value], alarm: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    if alarm["AlarmDescription"].as_str().is_none_or(str::is_empty) {
        wrong.push("has no description".to_owned());
    }
    if !["breaching", "notBreaching"].map(Value::from).contains(&alarm["TreatMissingData"]) {
        wrong.push(format!("treats missing data as {}", alarm["TreatMissingData"]));
    }
    let actions = |property: &str| alarm[property].as_array().cloned().unwrap_or_default();
    if actions("AlarmActions").is_empty() {
        wrong.push("notifies nobody".to_owned());
    }
    for stranger in
        actions("AlarmActions").iter().chain(&actions("OKActions")).filter(|action| !topics.contains(action))
    {
        wrong.push(format!("notifies {stranger}; the topic is {topics:?}"));
    }
    wrong
}

#[test]
fn what_is_watched_is_ours_and_somebody_is_notified() {
    for class in CLASSES {
        let installation = Templates::read().of_class(class);
        assert!(installation.of_kind("AWS::CloudWatch::Alarm").count() > 15, "alarms are found at all");
        expect_none(&check(&installation));
    }
}

#[test]
fn an_alarm_that_watches_nothing_or_notifies_nobody_is_found() {
    for (path, property, value, says) in [
        (
            "Ingest.DeadLettersAlarm",
            "/Dimensions/0/Value",
            Value::from("deployment-status-dead-letter"),
            "dead-letter\"",
        ),
        ("EventProcessor.HeartbeatAlarm", "/Dimensions/0/Name", "Function".into(), "Function"),
        ("Health.StreamAgeAlarm", "/MetricName", "StreamAge".into(), "StreamAge"),
        ("Api.ServerErrorsAlarm", "/Namespace", "AWS/Apigateway".into(), "AWS/Apigateway"),
        ("Environment.ActiveAlarm", "/AlarmActions", Vec::<Value>::new().into(), "notifies nobody"),
        ("Environment.ActiveAlarm", "/AlarmActions/0", "arn:aws:sns:x:1:other".into(), "arn:aws:sns:x:1:other"),
        ("Storage.StateReadThrottlesAlarm", "/TreatMissingData", Value::Null, "treats missing data as null"),
        ("Ingest.QueueAgeAlarm", "/AlarmDescription", "".into(), "has no description"),
    ] {
        let mut installation = Installation::production();
        *installation.properties_mut(path).pointer_mut(property).unwrap() = value;
        expect_one(&check(&installation), &[&format!("alarm {path}"), says]);
    }
}

#[test]
fn a_queue_that_was_renamed_is_found_wherever_it_is_watched() {
    let mut installation = Installation::production();
    installation.properties_mut("EventProcessor.UnpublishedQueue")["QueueName"] = "unsent".into();
    let complaints = check(&installation);
    let by = |who: &str| complaints.iter().any(|complaint| complaint.starts_with(who));
    assert_eq!(complaints.len(), 2, "{complaints:#?}");
    assert!(
        by("alarm EventProcessor.UnpublishedAlarm") && by("widget \"Rejected and undelivered\""),
        "{complaints:#?}"
    );
}
