//! Approvals at GitHub: `deployment_review`, and `deployment_protection_rule`.
//!
//! * A review names a run and the environment that it is for, and no deployment: it is a stage of the
//!   run, where a rule says that the run is a deployment. One run can need several environments, so
//!   each has a stage of its own, `Approval/production`.
//! * A protection rule of one's own is called for a deployment, which it names: a stage `Approval` of
//!   that. GitHub sends it to the GitHub App that decides, and sends nothing when it has decided.
//! * Who decides about a deployment is not who started it: that goes into the notes.

use domain::event::Kind;
use domain::identifiers::StageName;
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::objects::{Deployment, Repository, User, link, new_event, version};
use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::stage_name;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
struct Review {
    action: String,
    since: Timestamp,
    approver: Option<User>,
    comment: Option<String>,
    /// Where it was requested.
    environment: Option<String>,
    workflow_job_run: Option<JobRun>,
    workflow_job_runs: Option<Vec<JobRun>>,
    workflow_run: Option<Run>,
    repository: Repository,
}

#[derive(Deserialize)]
struct JobRun {
    environment: Option<String>,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
    /// The workflow's.
    name: Option<String>,
    #[serde(rename = "run_attempt")]
    attempt: u32,
    head_branch: Option<String>,
    head_sha: String,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct ProtectionRule {
    deployment: Option<Deployment>,
    repository: Repository,
}

/// Reads that somebody's approval was requested, given or denied.
pub(super) fn review(payload: &Value, now: Timestamp) -> Read {
    let review: Review = typed(payload, "")?;
    let Some(run) = &review.workflow_run else {
        return Ok(Reading::nothing_new("a deployment_review is read as a stage of its run, and this one names none"));
    };
    let status = match review.action.as_str() {
        "requested" => Status::Pending,
        "approved" => Status::Completed,
        "rejected" => Status::Failed,
        other => {
            return Err(vec![FieldError::new("action", format!("{other:?} is none that GitHub documents"))]);
        }
    };
    let mut event = review.repository.event_of_run(run.id, run.attempt, Kind::Stage, status)?;
    let environment = review.environment();
    event.stage = Some(stage(environment)?);
    event.named.version = version(run.head_branch.as_deref(), &run.head_sha);
    event.named.commit = Some(identifier("workflow_run.head_sha", &run.head_sha)?);
    event.notes = review.notes();
    not_in_future("since", review.since, now)?;
    event.occurred_at = Some(review.since);
    link(&mut event, "run", run.html_url.as_deref());
    let origin = review
        .repository
        .origin()
        .with("environment", environment)
        .with("workflow", run.name.as_deref())
        .with("branch", run.head_branch.as_deref());
    Ok(Report::only_by_rule(event, origin))
}

/// Reads that a protection rule was called for a deployment.
pub(super) fn protection_rule(payload: &Value, now: Timestamp) -> Read {
    let ProtectionRule { deployment, repository } = typed(payload, "")?;
    let Some(deployment) = deployment else {
        return Ok(Reading::nothing_new(
            "a deployment_protection_rule is read as a stage of its deployment, and this one names none",
        ));
    };
    let mut event = new_event(repository.deployment(&deployment)?, Kind::Stage, Status::Pending)?;
    event.stage = Some(stage(None)?);
    let asked_at = deployment.updated_at.unwrap_or(deployment.created_at);
    not_in_future("deployment.updated_at", asked_at, now)?;
    event.occurred_at = Some(asked_at);
    let origin = deployment.describe(&mut event, None, repository.origin())?;
    Ok(Report::foreign(event, origin))
}

fn stage(environment: Option<&str>) -> Result<StageName, Vec<FieldError>> {
    let name = environment.map_or_else(|| "Approval".to_owned(), |environment| format!("Approval/{environment}"));
    stage_name("environment", &name)
}

impl Review {
    /// The environment that it is for; none where the jobs that it is about are for several.
    fn environment(&self) -> Option<&str> {
        let of_jobs = self.workflow_job_runs.iter().flatten().chain(&self.workflow_job_run);
        let named = of_jobs.map(|job| job.environment.as_deref()).chain([self.environment.as_deref()]);
        let mut named = named.flatten().map(str::trim).filter(|name| !name.is_empty());
        let first = named.next()?;
        named.all(|name| name == first).then_some(first)
    }

    /// Who decided, and what they said.
    fn notes(&self) -> Option<String> {
        let approver = self.approver.as_ref()?;
        let comment = self.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
        let comment = comment.map(|comment| format!(": {comment}")).unwrap_or_default();
        Some(bounded(&format!("{} by {}{comment}", self.action, approver.login)))
    }
}
