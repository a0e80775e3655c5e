//! GitHub Actions: `workflow_run` and `workflow_job`.
//!
//! * Most workflows only test, and no payload says which of them deploys, or where to: a run is a
//!   deployment only where a rule says so. `run_attempt` is the attempt of that one deployment.
//! * A job is a stage of its run, in the attempt that it names. One that names a deployment is a stage
//!   of that, whatever rules say: GitHub makes a deployment for each attempt at a job, so there it is
//!   the only attempt, whichever one of the run it belongs to.
//! * A job gives no link: its deployment's or run's leads to it.
//! * `action` is what was done, `status` how it stands: a job is `queued` by its action and `waiting`
//!   for an approval by its status. The status counts.
//! * `completed` with `action_required` waits for somebody's consent: it has not ended.
//! * A run's `updated_at` is when it came to stand so. `created_at` is that of the first attempt, and
//!   `run_started_at` can be later than what is reported.

use domain::event::{Kind, Trigger, TriggerKind};
use domain::identifiers::{Identifier as _, Label};
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::objects::{Deployment, Repository, User, actor, link, new_event, version};
use crate::fields::{identifier, not_in_future, typed};
use crate::ids::stage_name;
use crate::reading::{Read, Report};

#[derive(Deserialize)]
struct RunPayload {
    workflow_run: Run,
    workflow: Option<Workflow>,
    repository: Repository,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
    #[serde(rename = "run_attempt")]
    attempt: u32,
    #[serde(rename = "run_number")]
    number: Option<u64>,
    name: Option<String>,
    head_branch: Option<String>,
    head_sha: String,
    /// What started it: `push`, `schedule`, `workflow_dispatch`, …
    event: Option<String>,
    status: String,
    conclusion: Option<String>,
    updated_at: Timestamp,
    html_url: Option<String>,
    triggering_actor: Option<User>,
    actor: Option<User>,
}

#[derive(Deserialize)]
struct Workflow {
    name: Option<String>,
}

#[derive(Deserialize)]
struct JobPayload {
    workflow_job: Job,
    deployment: Option<Deployment>,
    repository: Repository,
}

#[derive(Deserialize)]
struct Job {
    run_id: u64,
    run_attempt: u32,
    workflow_name: Option<String>,
    name: String,
    head_branch: Option<String>,
    head_sha: String,
    status: String,
    conclusion: Option<String>,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
}

/// Reads how an attempt at a run stands.
pub(super) fn run(payload: &Value, now: Timestamp) -> Read {
    let RunPayload { workflow_run: run, workflow, repository } = typed(payload, "")?;
    let status = status("workflow_run", &run.status, run.conclusion.as_deref())?;
    let mut event = repository.event_of_run(run.id, run.attempt, Kind::Deployment, status)?;
    event.named.version = version(run.head_branch.as_deref(), &run.head_sha);
    event.named.commit = Some(identifier("workflow_run.head_sha", &run.head_sha)?);
    event.named.build_number = run.number.and_then(|number| Label::parse(&number.to_string()).ok());
    event.named.triggered_by = trigger(&run);
    not_in_future("workflow_run.updated_at", run.updated_at, now)?;
    event.occurred_at = Some(run.updated_at);
    link(&mut event, "run", run.html_url.as_deref());
    // A run's own name can be one that its workflow makes up for each run.
    let workflow = workflow.and_then(|workflow| workflow.name).filter(|name| !name.is_empty()).or(run.name);
    let origin = repository.origin();
    let origin = origin.with("branch", run.head_branch.as_deref()).with("workflow", workflow.as_deref());
    Ok(Report::only_by_rule(event, origin))
}

/// Reads how a job stands.
pub(super) fn job(payload: &Value, now: Timestamp) -> Read {
    let JobPayload { workflow_job: job, deployment, repository } = typed(payload, "")?;
    let status = status("workflow_job", &job.status, job.conclusion.as_deref())?;
    let mut event = match &deployment {
        Some(deployment) => new_event(repository.deployment(deployment)?, Kind::Stage, status)?,
        None => repository.event_of_run(job.run_id, job.run_attempt, Kind::Stage, status)?,
    };
    event.stage = Some(stage_name("workflow_job.name", job.name.trim())?);
    let (field, occurred_at) = job.came_to_stand_so();
    let Some(occurred_at) = occurred_at else {
        return Err(vec![FieldError::new(field, format!("is required with status {:?}", job.status))]);
    };
    not_in_future(field, occurred_at, now)?;
    event.occurred_at = Some(occurred_at);
    let origin = repository.origin().with("workflow", job.workflow_name.as_deref()).with("job", Some(&job.name));
    if let Some(deployment) = deployment {
        let origin = deployment.describe(&mut event, None, origin)?;
        return Ok(Report::foreign(event, origin));
    }
    event.named.version = version(job.head_branch.as_deref(), &job.head_sha);
    event.named.commit = Some(identifier("workflow_job.head_sha", &job.head_sha)?);
    Ok(Report::only_by_rule(event, origin.with("branch", job.head_branch.as_deref())))
}

impl Job {
    /// When its status became what it is, and the field that says so.
    fn came_to_stand_so(&self) -> (&'static str, Option<Timestamp>) {
        match self.status.as_str() {
            "completed" => ("workflow_job.completed_at", self.completed_at),
            "in_progress" => ("workflow_job.started_at", self.started_at),
            // Until it starts, `started_at` is when it was made; older servers send that alone.
            _ => ("workflow_job.created_at", self.created_at.or(self.started_at)),
        }
    }
}

/// How a run or a job stands.
fn status(what: &str, status: &str, conclusion: Option<&str>) -> Result<Status, Vec<FieldError>> {
    match (status, conclusion) {
        ("requested" | "queued" | "waiting" | "pending", _) | ("completed", Some("action_required")) => {
            Ok(Status::Pending)
        }
        ("in_progress", _) => Ok(Status::InProgress),
        ("completed", Some("success")) => Ok(Status::Completed),
        ("completed", Some("failure" | "timed_out" | "startup_failure")) => Ok(Status::Failed),
        // It ended, and not by what it did: that is neither a success nor a failure.
        ("completed", Some("cancelled" | "skipped" | "stale" | "neutral")) => Ok(Status::Cancelled),
        ("completed", None) => {
            Err(vec![FieldError::new(format!("{what}.conclusion"), "is required with status \"completed\"")])
        }
        ("completed", Some(other)) => {
            Err(vec![FieldError::new(format!("{what}.conclusion"), format!("{other:?} is none that GitHub documents"))])
        }
        (other, _) => {
            Err(vec![FieldError::new(format!("{what}.status"), format!("{other:?} is none that GitHub documents"))])
        }
    }
}

/// Who or what started the run. `workflow_dispatch`, and a further attempt, can come from a person or
/// from a program, so that kind stays open.
fn trigger(run: &Run) -> Option<Trigger> {
    let reason = run.event.as_deref().filter(|event| !event.is_empty() && event.len() <= 256);
    let kind = match reason {
        _ if run.attempt > 1 => None,
        Some("schedule") => Some(TriggerKind::Scheduled),
        Some("push" | "create" | "release" | "pull_request" | "merge_group") => Some(TriggerKind::Automatic),
        _ => None,
    };
    let who = run.triggering_actor.as_ref().or(run.actor.as_ref()).and_then(actor).unwrap_or_default();
    let trigger = Trigger { kind, reason: reason.map(str::to_owned), ..who };
    (trigger != Trigger::default()).then_some(trigger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_and_conclusion_is_what_it_says_and_a_missing_result_is_no_success() {
        for (given, conclusion, expected) in [
            ("requested", None, Some(Status::Pending)),
            ("queued", None, Some(Status::Pending)),
            ("waiting", None, Some(Status::Pending)),
            ("pending", None, Some(Status::Pending)),
            ("in_progress", None, Some(Status::InProgress)),
            ("completed", Some("success"), Some(Status::Completed)),
            ("completed", Some("failure"), Some(Status::Failed)),
            ("completed", Some("timed_out"), Some(Status::Failed)),
            ("completed", Some("startup_failure"), Some(Status::Failed)),
            ("completed", Some("cancelled"), Some(Status::Cancelled)),
            ("completed", Some("skipped"), Some(Status::Cancelled)),
            ("completed", Some("stale"), Some(Status::Cancelled)),
            ("completed", Some("neutral"), Some(Status::Cancelled)),
            ("completed", Some("action_required"), Some(Status::Pending)),
            ("completed", None, None),
            ("completed", Some("fine"), None),
            ("done", Some("success"), None),
            ("", None, None),
        ] {
            assert_eq!(status("workflow_run", given, conclusion).ok(), expected, "{given} {conclusion:?}");
        }
    }
}
