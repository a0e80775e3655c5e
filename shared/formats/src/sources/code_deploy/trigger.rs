//! The messages of AWS CodeDeploy's own triggers, which SNS delivers raw into the queue.
//! Documented in the AWS CodeDeploy user guide, "JSON data formats for CodeDeploy triggers", and for
//! the rollback in the API reference, `RollbackInfo`.
//!
//! They alone say why a deployment failed, and which deployment rolls which one back:
//!
//! * A deployment that rolls another one back is a deployment of its own, with `rollback of d-…` as
//!   what triggered it: CodeDeploy gives it an id, and it can fail.
//! * One that failed or was stopped is `ROLLED_BACK` when CodeDeploy names the deployment that rolls
//!   it back. In most messages it does not yet, and the deployment stays what it says.
//! * An instance is a stage. Its message comes without the application.
//! * The parts of a message are objects in the documentation, and texts of JSON in what is delivered;
//!   times are seconds since 1970 there, and `Thu Oct 13 15:50:45 UTC 2022` here; statuses are
//!   `Failed` there and `FAILED` here. Both are read.
//! * Only the creation and the ending have a time. In between the time is that of the message.

use chrono::NaiveDateTime;
use domain::event::{Failure, Kind, Trigger, TriggerKind};
use domain::identifiers::Service;
use domain::{Event, FieldError, Status, Timestamp, json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::envelope::Envelope;
use crate::fields::{any, bounded, identifier, not_in_future, typed};
use crate::reading::{Read, Reading, Report};

/// Under which detail type such a message stands in the envelope that it is given here.
pub(super) const DETAIL_TYPE: &str = "CodeDeploy Trigger";

/// The envelope that a message of a trigger would have; nothing when it is none. The name of a
/// trigger stands at the head of no other message.
pub(crate) fn envelope(message: &Value) -> Option<Value> {
    message.get("eventTriggerName")?;
    Some(json!({
        "source": "aws.codedeploy",
        "detail-type": DETAIL_TYPE,
        "account": message["accountId"],
        "region": message["region"],
        "detail": message,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    deployment_id: String,
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    status: Option<String>,
    create_time: Option<String>,
    complete_time: Option<String>,
    #[serde(default)]
    error_information: Value,
    #[serde(default)]
    rollback_information: Value,
    instance_id: Option<String>,
    instance_status: Option<String>,
    last_updated_at: Option<String>,
    #[serde(default)]
    lifecycle_events: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorInformation {
    error_code: Option<String>,
    error_message: Option<String>,
}

#[derive(Default, Deserialize)]
struct RollbackInformation {
    /// The deployment that rolls this one back.
    #[serde(rename = "RollbackDeploymentId")]
    undone_by: Option<String>,
    /// The deployment that this one rolls back.
    #[serde(rename = "RollbackTriggeringDeploymentId")]
    undoes: Option<String>,
    #[serde(rename = "RollbackMessage")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LifecycleEvent {
    lifecycle_event: String,
    lifecycle_event_status: String,
}

/// Reads the message of a trigger.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    let detail: Detail = typed(&envelope.detail, "")?;
    let event = match &detail.instance_id {
        Some(instance) => of_instance(envelope, &detail, instance, now)?,
        None => Some(of_deployment(envelope, &detail, now)?),
    };
    let Some(mut event) = event else {
        return Ok(Reading::nothing_new("CodeDeploy does not know the status of the instance"));
    };
    event.named.region = envelope.region();
    if let Some(application) = &detail.application_name {
        event.named.service = Some(identifier::<Service>("applicationName", application)?);
    }
    let origin = envelope
        .origin("aws.codedeploy")
        .with("application", detail.application_name.as_deref())
        .with("deploymentGroup", detail.deployment_group_name.as_deref());
    Ok(Report::foreign(event, origin))
}

fn of_deployment(envelope: &Envelope, detail: &Detail, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let Some(mut status) = status("status", detail.status.as_deref())? else {
        return Err(vec![FieldError::new("status", "must be a status of the deployment")]);
    };
    let rollback: RollbackInformation = part(&detail.rollback_information, "rollbackInformation")?.unwrap_or_default();
    let is_undone = rollback.undone_by.as_deref().is_some_and(|id| !id.is_empty());
    if is_undone && matches!(status, Status::Failed | Status::Cancelled) {
        status = Status::RolledBack;
    }
    let mut event = envelope.event(identifier("deploymentId", &detail.deployment_id)?, Kind::Deployment, status)?;
    event.occurred_at = match status {
        Status::Pending => time("createTime", detail.create_time.as_deref(), now)?,
        status if status.is_terminal() => time("completeTime", detail.complete_time.as_deref(), now)?,
        _ => None,
    };
    if let Some(id) = rollback.undoes.filter(|id| (1..=128).contains(&id.len())) {
        let reason = Some(format!("rollback of {id}"));
        event.named.triggered_by = Some(Trigger { kind: Some(TriggerKind::Automatic), actor: None, reason });
    }
    event.notes = rollback.message.as_deref().filter(|text| !text.is_empty()).map(bounded);
    if matches!(status, Status::Failed | Status::RolledBack) {
        let error: ErrorInformation = part(&detail.error_information, "errorInformation")?.unwrap_or_default();
        let message = error.error_message.as_deref().filter(|text| !text.is_empty()).map(bounded);
        let code = error.error_code.filter(|code| (1..=256).contains(&code.len()));
        event.error = (message.is_some() || code.is_some()).then_some(Failure { message, code });
    }
    Ok(event)
}

fn of_instance(
    envelope: &Envelope,
    detail: &Detail,
    instance: &str,
    now: Timestamp,
) -> Result<Option<Event>, Vec<FieldError>> {
    let Some(status) = status("instanceStatus", detail.instance_status.as_deref())? else { return Ok(None) };
    let mut event = envelope.event(identifier("deploymentId", &detail.deployment_id)?, Kind::Stage, status)?;
    // `arn:aws:ec2:us-east-2:444455556666:instance/i-496589f7`
    event.stage = Some(identifier("instanceId", instance.rsplit('/').next().unwrap_or(instance))?);
    event.occurred_at = time("lastUpdatedAt", detail.last_updated_at.as_deref(), now)?;
    if status == Status::Failed {
        let steps: Vec<LifecycleEvent> = part(&detail.lifecycle_events, "lifecycleEvents")?.unwrap_or_default();
        let failed = steps.iter().filter(|step| step.lifecycle_event_status.eq_ignore_ascii_case("failed"));
        let failed: Vec<&str> = failed.map(|step| step.lifecycle_event.as_str()).collect();
        let message = bounded(&format!("{} failed", failed.join(", ")));
        event.error = (!failed.is_empty()).then_some(Failure { message: Some(message), code: None });
    }
    Ok(Some(event))
}

/// A status of a deployment or an instance; nothing for `Unknown`.
fn status(field: &str, text: Option<&str>) -> Result<Option<Status>, Vec<FieldError>> {
    let text = text.unwrap_or_default();
    match text.to_ascii_uppercase().replace('_', "").as_str() {
        "CREATED" | "QUEUED" | "PENDING" => Ok(Some(Status::Pending)),
        "INPROGRESS" => Ok(Some(Status::InProgress)),
        "BAKING" | "READY" => Ok(Some(Status::Validating)),
        "SUCCEEDED" => Ok(Some(Status::Completed)),
        "FAILED" => Ok(Some(Status::Failed)),
        "ABORTED" | "STOPPED" | "SKIPPED" => Ok(Some(Status::Cancelled)),
        "UNKNOWN" => Ok(None),
        _ => Err(vec![FieldError::new(field, format!("{text:?} is no status that CodeDeploy documents"))]),
    }
}

/// A part of a message: what it is documented to be, or that as a text of JSON.
fn part<T: DeserializeOwned>(value: &Value, field: &str) -> Result<Option<T>, Vec<FieldError>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => {
            let inner =
                json::parse(text.as_bytes()).map_err(|error| vec![FieldError::new(field, error.to_string())])?;
            any(&inner, field).map(Some)
        }
        other => any(other, field).map(Some),
    }
}

/// A time in either form.
fn time(field: &str, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, Vec<FieldError>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = |form| NaiveDateTime::parse_from_str(text, form);
    let time = read("%a %b %d %H:%M:%S UTC %Y").or_else(|_| read("%s%.f"));
    let time = time.ok().and_then(|time| Timestamp::parse(&time.and_utc().to_rfc3339()).ok()).ok_or_else(|| {
        let detail = "must be seconds since 1970, or a time such as Thu Oct 13 15:50:45 UTC 2022";
        vec![FieldError::new(field, detail)]
    })?;
    not_in_future(field, time, now)?;
    Ok(Some(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_time_are_the_same_time() {
        let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let read = |text| time("createTime", Some(text), now);
        let expected = Timestamp::parse("2015-11-05T17:23:08.595Z").unwrap();
        assert_eq!(read("1446744188.595").unwrap(), Some(expected));
        assert_eq!(read("Thu Nov 05 17:23:08 UTC 2015").unwrap(), Some(expected.plus_millis(-595)));
        assert_eq!(read("1446744188").unwrap(), Some(expected.plus_millis(-595)));
        assert_eq!(read("").unwrap(), None);
        for wrong in ["soon", "-1", "1e300", "99999999999999999999", "Thu Nov 05 17:23:08 CET 2015", "4102444800"] {
            assert_eq!(read(wrong).unwrap_err()[0].field, "createTime", "{wrong}");
        }
    }

    #[test]
    fn a_status_is_read_as_it_is_documented_and_as_it_is_delivered() {
        use Status::{Cancelled, Completed, Failed, InProgress, Pending, Validating};
        for (text, expected) in [
            ("CREATED", Some(Pending)),
            ("Pending", Some(Pending)),
            ("IN_PROGRESS", Some(InProgress)),
            ("InProgress", Some(InProgress)),
            ("READY", Some(Validating)),
            ("Baking", Some(Validating)),
            ("SUCCEEDED", Some(Completed)),
            ("Failed", Some(Failed)),
            ("ABORTED", Some(Cancelled)),
            ("Stopped", Some(Cancelled)),
            ("Skipped", Some(Cancelled)),
            ("Unknown", None),
        ] {
            assert_eq!(status("status", Some(text)).unwrap(), expected, "{text}");
        }
        for wrong in [None, Some(""), Some("DONE")] {
            assert_eq!(status("status", wrong).unwrap_err()[0].field, "status", "{wrong:?}");
        }
    }
}
