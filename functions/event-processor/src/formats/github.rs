//! GitHub's `deployment` and `deployment_status` webhooks.
//! Documented in GitHub's "Webhook events and payloads" and "REST API endpoints for deployments".
//!
//! * A deployment is `github:<owner>/<repo>:<deployment.id>`; each status of it has an id of its own.
//! * The version is the deployed ref, the commit its SHA.
//! * `inactive` says that a later deployment took its place, which that deployment says itself.

use domain::event::Kind;
use domain::identifiers::{Environment, EventId, Identifier as _, Service, Source, Version};
use domain::source_rules::Origin;
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{Read, Reading, Report, bounded, identifier, not_in_future, typed};

#[derive(Deserialize)]
struct Payload {
    deployment: Deployment,
    deployment_status: Option<DeploymentStatus>,
    repository: Repository,
}

#[derive(Deserialize)]
struct Deployment {
    id: u64,
    sha: String,
    #[serde(rename = "ref")]
    reference: String,
    environment: Option<String>,
    description: Option<String>,
    created_at: Timestamp,
    creator: Option<User>,
}

#[derive(Deserialize)]
struct DeploymentStatus {
    id: u64,
    state: String,
    description: Option<String>,
    environment: Option<String>,
    created_at: Timestamp,
    target_url: Option<String>,
    log_url: Option<String>,
    environment_url: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    name: String,
    full_name: String,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

/// Reads the payload of a webhook named `event` in `X-GitHub-Event`.
pub(crate) fn read(event: &str, payload: &Value, now: Timestamp) -> Read {
    match event {
        "deployment" | "deployment_status" => {}
        other => return Ok(Reading::Ignore(format!("{other:?} is not about a deployment"))),
    }
    let Payload { deployment, deployment_status, repository } = typed(payload, "")?;
    if (event == "deployment_status") != deployment_status.is_some() {
        return Err(vec![FieldError::new(
            "deployment_status",
            "must be there with X-GitHub-Event: deployment_status, and only then",
        )]);
    }
    let status = match deployment_status.as_ref().map(|status| status.state.as_str()) {
        None | Some("created" | "queued" | "pending" | "waiting") => Status::Pending,
        Some("in_progress") => Status::InProgress,
        Some("success") => Status::Completed,
        Some("failure" | "error") => Status::Failed,
        Some("inactive") => return Ok(Reading::Ignore("inactive: a later deployment took its place".to_owned())),
        Some(other) => {
            let detail = format!("{other:?} is no state that GitHub documents");
            return Err(vec![FieldError::new("deployment_status.state", detail)]);
        }
    };
    let id = identifier("repository.full_name", &format!("github:{}:{}", repository.full_name, deployment.id))?;
    let mut event = Event::new(identifier::<Source>("source", "github")?, id, Kind::Deployment, status);
    event.event_id = Some(match &deployment_status {
        Some(status) => identifier::<EventId>("deployment_status.id", &format!("deployment_status:{}", status.id))?,
        None => identifier::<EventId>("deployment.id", &format!("deployment:{}", deployment.id))?,
    });
    event.named.service = Some(identifier::<Service>("repository.name", &repository.name)?);
    let environment = deployment_status.as_ref().and_then(|status| status.environment.as_deref());
    if let Some(environment) = environment.or(deployment.environment.as_deref()).filter(|name| !name.is_empty()) {
        event.named.environment = Some(identifier::<Environment>("deployment.environment", environment)?);
    }
    event.named.commit = Some(identifier("deployment.sha", &deployment.sha)?);
    // A branch may have a name that a version can't have (a `#`, say); the commit always can.
    event.named.version = Version::parse(&deployment.reference).or_else(|_| Version::parse(&deployment.sha)).ok();
    event.named.triggered_by = deployment
        .creator
        .filter(|creator| creator.login.len() <= 256)
        .map(|creator| domain::event::Trigger { kind: None, actor: Some(creator.login), reason: None });
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
        let links = [("log", log), ("environment", status.environment_url)];
        let links = links.into_iter().filter_map(|(name, url)| Some((name.to_owned(), url?)));
        event.links = links.filter(|(_, url)| domain::event::is_https(url)).collect();
    }
    let origin = Origin::of("github")
        .with("repository", Some(&repository.full_name))
        .with("environment", event.named.environment.as_ref().map(Environment::as_str))
        .with("branch", Some(&deployment.reference));
    Ok(Report::foreign(event, origin))
}
