//! AWS CodePipeline's state changes, as EventBridge delivers them and as notification rules do.
//! Documented in the AWS CodePipeline user guide, "Monitoring CodePipeline events".
//!
//! * An execution is a deployment: `execution-id` names it, the pipeline is its service.
//! * A stage, and an action of a stage, is a stage of it (`Deploy`, `Deploy/Action`); its success is
//!   not the deployment's.
//! * `detail.version` is the version of the pipeline's own structure, not of what is deployed; the
//!   environment is not in the payload. Neither is guessed.
//! * Events come at least once and share ids in places, so an event is known by its content, which
//!   includes the envelope's time.

use domain::event::{Failure, Kind, Limits, Trigger, TriggerKind};
use domain::identifiers::{Identifier as _, Label, Service, Source};
use domain::{Event, FieldError, StageName, Status};
use serde::Deserialize;
use serde_json::Value;

use super::envelope::Envelope;
use super::{Read, Reading, Report, bounded, identifier, typed};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    pipeline: String,
    execution_id: String,
    state: String,
    stage: Option<String>,
    action: Option<String>,
    /// A whole number, which real events write as `1.0`.
    pipeline_execution_attempt: Option<f64>,
    execution_trigger: Option<ExecutionTrigger>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ExecutionTrigger {
    trigger_type: Option<String>,
    trigger_detail: Option<String>,
}

/// Reads a state change of an execution, a stage or an action.
pub(crate) fn read(envelope: &Envelope) -> Read {
    let about_stage = match envelope.detail_type.as_str() {
        "CodePipeline Pipeline Execution State Change" => false,
        "CodePipeline Stage Execution State Change" | "CodePipeline Action Execution State Change" => true,
        other => return Ok(Reading::Ignore(format!("{other:?} is not a change of state"))),
    };
    let Some(time) = envelope.time else {
        return Err(vec![FieldError::new("time", "is required: when the state changed")]);
    };
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let kind = if about_stage { Kind::Stage } else { Kind::Deployment };
    let id = identifier("detail.execution-id", &detail.execution_id)?;
    let source: Source = identifier("source", &envelope.source)?;
    let mut event = Event::new(source, id, kind, status(&detail.state)?);
    event.named.service = Some(identifier::<Service>("detail.pipeline", &detail.pipeline)?);
    event.named.region = envelope.region.as_deref().and_then(|region| Label::parse(region).ok());
    event.named.triggered_by = detail.execution_trigger.as_ref().and_then(trigger);
    event.occurred_at = Some(time);
    event.attempt = attempt(&detail)?;
    if about_stage {
        event.stage = Some(stage(&detail)?);
    }
    if event.status == Status::Failed {
        event.error = failure(&envelope.additional);
    }
    Ok(Report::foreign(event, envelope.origin("aws.codepipeline").with("pipeline", Some(&detail.pipeline))))
}

fn status(state: &str) -> Result<Status, Vec<FieldError>> {
    match state {
        "STARTED" | "RESUMED" | "STOPPING" => Ok(Status::InProgress),
        "SUCCEEDED" => Ok(Status::Completed),
        "FAILED" => Ok(Status::Failed),
        "STOPPED" | "CANCELED" | "SUPERSEDED" | "ABANDONED" => Ok(Status::Cancelled),
        other => {
            Err(vec![FieldError::new("detail.state", format!("{other:?} is no state that CodePipeline documents"))])
        }
    }
}

/// From 1; there are events that count from 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds, and whole")]
fn attempt(detail: &Detail) -> Result<u32, Vec<FieldError>> {
    match detail.pipeline_execution_attempt.unwrap_or(1.0) {
        number if (0.0..=Limits::ATTEMPT).contains(&number) && number.fract() == 0.0 => Ok((number as u32).max(1)),
        _ => {
            let says = format!("must be a whole number from 0 to {}", Limits::ATTEMPT);
            Err(vec![FieldError::new("detail.pipeline-execution-attempt", says)])
        }
    }
}

/// `Deploy`, or `Deploy/Action`; `unknown` where the payload leaves the name out.
fn stage(detail: &Detail) -> Result<StageName, Vec<FieldError>> {
    let names = [detail.stage.as_deref(), detail.action.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("/");
    if name.is_empty() { Ok(StageName::unknown()) } else { identifier("detail.stage", &name) }
}

/// What started the execution. Who calls `StartPipelineExecution` can be a person or a program, so
/// that kind stays open.
fn trigger(trigger: &ExecutionTrigger) -> Option<Trigger> {
    let kind = trigger.trigger_type.as_deref().filter(|kind| kind.len() <= 256)?;
    let automatic = matches!(kind, "Webhook" | "WebhookV2" | "PollForSourceChanges" | "CloudWatchEvent");
    Some(Trigger {
        kind: automatic.then_some(TriggerKind::Automatic),
        actor: trigger.trigger_detail.as_deref().filter(|detail| detail.len() <= 256).map(str::to_owned),
        reason: Some(kind.to_owned()),
    })
}

/// What a notification rule tells of a failure.
fn failure(additional: &Value) -> Option<Failure> {
    let actions = additional.get("failedActions")?.as_array()?;
    let told = actions.iter().filter_map(|action| {
        let name = action.get("action")?.as_str()?;
        let why = action.get("additionalInformation").and_then(Value::as_str).unwrap_or("failed");
        Some(format!("{name}: {why}"))
    });
    let message = bounded(&told.collect::<Vec<_>>().join("; "));
    (!message.is_empty()).then_some(Failure { message: Some(message), code: None })
}
