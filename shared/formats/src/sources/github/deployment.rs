//! GitHub's `deployment` and `deployment_status`.
//!
//! * The version is the deployed ref, the commit its SHA; that of the workflow run which deploys can be
//!   another, and is not read.
//! * `inactive` says that a later deployment took its place, which that deployment says itself; or that it was
//!   torn down. It is taken for the latter where the environment is transient, or a rule says so.
//! * The environment of a deployment that was created is provisional: a status can name another.
//! * `deployment.payload` is not kept: it is for whoever deploys, and can hold anything.

use domain::event::{Kind, Name};
use domain::identifiers::{Identifier as _, Label};
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::objects::{Deployment, Repository, link, new_event};
use crate::fields::{bounded, not_in_future, typed};
use crate::reading::{Read, Report};

#[derive(Deserialize)]
struct Payload {
    deployment: Deployment,
    deployment_status: Option<DeploymentStatus>,
    repository: Repository,
    workflow: Option<Workflow>,
    workflow_run: Option<WorkflowRun>,
}

#[derive(Deserialize)]
struct DeploymentStatus {
    state: String,
    description: Option<String>,
    environment: Option<String>,
    created_at: Timestamp,
    target_url: Option<String>,
    log_url: Option<String>,
    environment_url: Option<String>,
}

#[derive(Deserialize)]
struct Workflow {
    name: Option<String>,
}

/// The run that deploys, where GitHub Actions does.
#[derive(Deserialize)]
struct WorkflowRun {
    html_url: Option<String>,
    run_number: Option<u64>,
}

/// Reads a deployment that was created, or a status of one.
pub(super) fn read(event: &str, payload: &Value, now: Timestamp) -> Read {
    let Payload { deployment, deployment_status, repository, workflow, workflow_run } = typed(payload, "")?;
    if (event == "deployment_status") != deployment_status.is_some() {
        return Err(vec![FieldError::new(
            "deployment_status",
            "must be there with X-GitHub-Event: deployment_status, and only then",
        )]);
    }
    let status = status(deployment_status.as_ref().map(|status| status.state.as_str()))?;
    let (kind, status) = status.map_or((Kind::Teardown, Status::Completed), |status| (Kind::Deployment, status));
    let mut event = new_event(repository.deployment(&deployment)?, kind, status)?;
    if deployment_status.is_none() {
        event.provisional.insert(Name::Environment);
    }
    let environment = deployment_status.as_ref().and_then(|status| status.environment.as_deref());
    let environment = environment.filter(|name| !name.is_empty());
    let origin = deployment.describe(&mut event, environment, repository.origin())?;
    let origin = origin.with("workflow", workflow.as_ref().and_then(|workflow| workflow.name.as_deref()));
    let description = deployment_status.as_ref().map_or(&deployment.description, |status| &status.description);
    event.notes = description.as_deref().filter(|text| !text.is_empty()).map(bounded);
    let (field, occurred_at) = match &deployment_status {
        Some(status) => ("deployment_status.created_at", status.created_at),
        None => ("deployment.created_at", deployment.created_at),
    };
    not_in_future(field, occurred_at, now)?;
    event.occurred_at = Some(occurred_at);
    if let Some(status) = deployment_status {
        // Of a status that names no log GitHub sends an empty `log_url`, or none.
        let log = status.log_url.filter(|url| !url.is_empty()).or(status.target_url);
        link(&mut event, "log", log.as_deref());
        link(&mut event, "environment", status.environment_url.as_deref());
    }
    if let Some(run) = workflow_run {
        link(&mut event, "run", run.html_url.as_deref());
        event.named.build_number = run.run_number.and_then(|number| Label::parse(&number.to_string()).ok());
    }
    let removes = kind != Kind::Teardown || deployment.transient == Some(true);
    Ok(if removes { Report::foreign(event, origin) } else { Report::only_if_removing(event, origin) })
}

/// What a state says; a deployment that was created has none yet. Nothing for `inactive`.
fn status(state: Option<&str>) -> Result<Option<Status>, Vec<FieldError>> {
    match state {
        None | Some("created" | "queued" | "pending" | "waiting") => Ok(Some(Status::Pending)),
        Some("in_progress") => Ok(Some(Status::InProgress)),
        Some("success") => Ok(Some(Status::Completed)),
        Some("failure" | "error") => Ok(Some(Status::Failed)),
        Some("inactive") => Ok(None),
        Some(other) => {
            let detail = format!("{other:?} is no state that GitHub documents");
            Err(vec![FieldError::new("deployment_status.state", detail)])
        }
    }
}
