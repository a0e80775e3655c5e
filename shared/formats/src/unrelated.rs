//! Messages that AWS services send to functions, and that reach the queue where it is subscribed to
//! more than it should be. Each is known by its documented form, and none is about a deployment. A
//! message that is like none of these is not ignored: it is refused, where its sender can see it.

use domain::json;
use serde_json::Value;

/// Why `message` is to be ignored, if it is one of these.
///
/// * `CodePipeline.job`: AWS Lambda developer guide, "Using AWS Lambda with AWS CodePipeline".
/// * Alarms: Amazon CloudWatch user guide, "Using Amazon CloudWatch alarms": as a function gets them,
///   in an envelope without `detail`, and as SNS does.
/// * Pushes to a repository: AWS CodeCommit user guide, "Example for an AWS Lambda function".
pub(crate) fn reason(message: &Value) -> Option<&'static str> {
    if message.get("CodePipeline.job").is_some() {
        return Some("a CodePipeline job is work for a function, not a report of a deployment");
    }
    if message["source"] == "aws.cloudwatch" && message["alarmData"].is_object() {
        return Some("an alarm is not about a deployment");
    }
    let records = message["Records"].as_array().filter(|records| !records.is_empty())?;
    if records.iter().all(|record| record["eventSource"] == "aws:codecommit") {
        return Some("a push to a CodeCommit repository is not about a deployment");
    }
    records.iter().all(is_alarm_over_sns).then_some("an alarm is not about a deployment")
}

/// Whether a record of SNS is about an alarm. Whatever else SNS delivers may be about a deployment.
fn is_alarm_over_sns(record: &Value) -> bool {
    let message = record["Sns"]["Message"].as_str().filter(|_| record["EventSource"] == "aws:sns");
    let message = message.and_then(|text| json::parse(text.as_bytes()).ok());
    message.is_some_and(|message| message["AlarmName"].is_string() && message["NewStateValue"].is_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn over_sns(message: &Value) -> Value {
        json!({"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": message.to_string()}})
    }

    #[test]
    fn only_records_that_all_are_known_are_ignored() {
        let alarm = over_sns(&json!({"AlarmName": "errors", "NewStateValue": "ALARM"}));
        let deployment = over_sns(&json!({"source": "aws.codepipeline", "detailType": "x", "detail": {}}));
        let push = json!({"eventSource": "aws:codecommit"});
        for (records, ignored) in [
            (json!([alarm]), true),
            (json!([push, push]), true),
            (json!([alarm, deployment]), false),
            (json!([push, alarm]), false),
            (json!([{"eventSource": "aws:s3"}]), false),
            (json!([]), false),
            (json!({"eventSource": "aws:codecommit"}), false),
        ] {
            assert_eq!(reason(&json!({"Records": records})).is_some(), ignored, "{records}");
        }
    }
}
