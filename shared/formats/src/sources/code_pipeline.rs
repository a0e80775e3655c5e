//! AWS CodePipeline's state changes, as EventBridge delivers them and as notification rules do.
//! Documented in the AWS CodePipeline user guide, "Monitoring CodePipeline events", and for what
//! starts an execution in the API reference, `ExecutionTrigger`.
//!
//! * An execution is a deployment: `execution-id` names it, the pipeline is its service.
//! * A stage, and an action of a stage, is a stage of it (`Deploy`, `Deploy/Action`); its success is
//!   not the deployment's. So is an approval: CodePipeline names who approved in the summary of its
//!   result, which is a note of the stage, or its error when it was rejected.
//!   Where a rule names the environment of a stage, that stage is a deployment of its own, and its
//!   actions are its stages.
//! * `detail.version` is the version of the pipeline's own structure, not of what is deployed: that is
//!   known only of an execution that a Git tag started. The environment is not in the payload.
//! * `start-time` is when the execution began, on events of executions; on those of actions it is the
//!   action's, and on a retry it is not clear which.
//! * Events come at least once and share ids in places, so an event is known by its content, which
//!   includes the envelope's time.

use domain::event::{Failure, Kind, Limits, Trigger, TriggerKind, is_https};
use domain::identifiers::{Commit, Identifier as _, Service, Version};
use domain::{Event, FieldError, StageName, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::envelope::Envelope;
use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::{id_of_part, stage_name};
use crate::reading::{Read, Reading, Report};

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
    execution_result: Option<ExecutionResult>,
    start_time: Option<Timestamp>,
    stop_execution_comments: Option<String>,
}

/// Who or what started an execution: a type and its detail, or a push to a Git repository.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ExecutionTrigger {
    trigger_type: Option<String>,
    trigger_detail: Option<String>,
    commit_id: Option<String>,
    tag_name: Option<String>,
    author_display_name: Option<String>,
}

/// What an action came to.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ExecutionResult {
    external_execution_url: Option<String>,
    external_execution_summary: Option<String>,
    error_code: Option<String>,
}

/// The detail type of what happens to an action.
const ACTION: &str = "CodePipeline Action Execution State Change";

/// Reads a state change of an execution, a stage or an action.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    let about_stage = match envelope.detail_type.as_str() {
        "CodePipeline Pipeline Execution State Change" => false,
        "CodePipeline Stage Execution State Change" | ACTION => true,
        other => return Ok(Reading::not_read(format!("{other:?}"))),
    };
    let time = envelope.required_time()?;
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let kind = if about_stage { Kind::Stage } else { Kind::Deployment };
    let id = identifier("detail.execution-id", &detail.execution_id)?;
    let mut event = envelope.event(id, kind, status(&detail.state)?)?;
    event.occurred_at = Some(time);
    event.named.service = Some(identifier::<Service>("detail.pipeline", &detail.pipeline)?);
    event.attempt = attempt(&detail)?;
    if about_stage {
        event.stage = Some(stage(&detail)?);
    } else if let Some(start) = detail.start_time {
        not_in_future("detail.start-time", start, now)?;
        let seconds = time.seconds_since(start);
        let is_known = event.status.is_terminal() && event.attempt == 1 && seconds >= 0.0;
        event.metrics.duration_seconds = is_known.then_some(seconds);
    }
    if let Some(trigger) = &detail.execution_trigger {
        add_trigger(&mut event, trigger);
    }
    if event.status == Status::Failed {
        event.error = failure(&envelope.additional);
    }
    if let Some(result) = &detail.execution_result {
        add_result(&mut event, result);
    }
    if let Some(comments) = detail.stop_execution_comments.as_deref().filter(|text| !text.is_empty()) {
        event.notes = Some(bounded(comments));
    }
    let origin = envelope.origin("aws.codepipeline").with("pipeline", Some(&detail.pipeline));
    let Some(stage) = detail.stage.as_deref().filter(|name| about_stage && !name.is_empty()) else {
        return Ok(Report::foreign(event, origin));
    };
    let of_stage = if envelope.detail_type == ACTION {
        let action = detail.action.as_deref().unwrap_or_default().trim();
        let action = if action.is_empty() { StageName::unknown() } else { stage_name("detail.action", action)? };
        Event { stage: Some(action), ..event.clone() }
    } else {
        Event { kind: Kind::Deployment, stage: None, ..event.clone() }
    };
    let of_stage = Event { deployment_id: id_of_part(&event.deployment_id, "detail.stage", stage)?, ..of_stage };
    Ok(Report::of_a_stage(event, of_stage, origin.with("stage", Some(stage))))
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
            let detail = format!("must be a whole number from 0 to {}", Limits::ATTEMPT);
            Err(vec![FieldError::new("detail.pipeline-execution-attempt", detail)])
        }
    }
}

/// `Deploy`, or `Deploy/Action`; `unknown` where the payload leaves the name out.
fn stage(detail: &Detail) -> Result<StageName, Vec<FieldError>> {
    let names = [detail.stage.as_deref(), detail.action.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("/");
    if name.is_empty() { Ok(StageName::unknown()) } else { stage_name("detail.stage", &name) }
}

/// What started the execution, and what it deploys where a push did. Who calls
/// `StartPipelineExecution` can be a person or a program, so that kind stays open.
fn add_trigger(event: &mut Event, trigger: &ExecutionTrigger) {
    let short = |text: &Option<String>| text.clone().filter(|text| (1..=256).contains(&text.len()));
    event.named.commit = trigger.commit_id.as_deref().and_then(|commit| Commit::parse(commit).ok());
    event.named.version = trigger.tag_name.as_deref().and_then(|tag| Version::parse(tag).ok());
    let (kind, actor, reason) = match short(&trigger.trigger_type) {
        // Nobody is its detail: it names the execution that failed.
        Some(kind) if kind == "AutomatedRollback" => {
            let failed = short(&trigger.trigger_detail).map(|detail| format!(": {detail}")).unwrap_or_default();
            (Some(TriggerKind::Automatic), None, Some(kind + &failed))
        }
        Some(kind) => (trigger_kind(&kind), short(&trigger.trigger_detail), Some(kind)),
        None if trigger.commit_id.is_some() => {
            (Some(TriggerKind::Automatic), short(&trigger.author_display_name), Some("Push".to_owned()))
        }
        None => return,
    };
    event.named.triggered_by = Some(Trigger { kind, actor, reason });
}

fn trigger_kind(trigger_type: &str) -> Option<TriggerKind> {
    match trigger_type {
        "Webhook" | "WebhookV2" | "PollForSourceChanges" | "CloudWatchEvent" => Some(TriggerKind::Automatic),
        "ManualRollback" => Some(TriggerKind::Manual),
        _ => None,
    }
}

/// What an action came to: its error when it failed, else a note, and where to read on.
fn add_result(event: &mut Event, result: &ExecutionResult) {
    let summary = result.external_execution_summary.as_deref().filter(|text| !text.is_empty()).map(bounded);
    if event.status == Status::Failed {
        let code = result.error_code.clone().filter(|code| (1..=256).contains(&code.len()));
        if summary.is_some() || code.is_some() {
            event.error = Some(Failure { message: summary, code });
        }
    } else {
        event.notes = summary;
    }
    if let Some(url) = result.external_execution_url.as_ref().filter(|url| is_https(url)) {
        event.links.insert("action".to_owned(), url.clone());
    }
}

/// The failure, as a notification rule adds it.
fn failure(additional: &Value) -> Option<Failure> {
    let actions = additional.get("failedActions")?.as_array()?;
    let messages = actions.iter().filter_map(|action| {
        let name = action.get("action")?.as_str()?;
        let why = action.get("additionalInformation").and_then(Value::as_str).unwrap_or("failed");
        Some(format!("{name}: {why}"))
    });
    let message = bounded(&messages.collect::<Vec<_>>().join("; "));
    (!message.is_empty()).then_some(Failure { message: Some(message), code: None })
}
