//! What GitHub's payloads have in common: the repository, the deployment, a user.

use domain::event::{Kind, Trigger};
use domain::identifiers::{DeploymentId, Identifier as _, Source, Version};
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;

use crate::fields::{attempt_number, identifier};
use crate::ids::made_id;
use crate::origin::Origin;

#[derive(Deserialize)]
pub(super) struct Repository {
    name: String,
    full_name: String,
}

/// What each event about a deployment says of it.
#[derive(Deserialize)]
pub(super) struct Deployment {
    id: u64,
    sha: String,
    #[serde(rename = "ref")]
    reference: String,
    /// What it is to do; `deploy` where nobody says otherwise.
    task: Option<String>,
    environment: Option<String>,
    pub(super) description: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Option<Timestamp>,
    /// Whether its environment is one that does not stay.
    #[serde(rename = "transient_environment")]
    pub(super) transient: Option<bool>,
    /// Whether its environment is one that people use.
    #[serde(rename = "production_environment")]
    production: Option<bool>,
    creator: Option<User>,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

/// A new event of GitHub.
pub(super) fn new_event(id: DeploymentId, kind: Kind, status: Status) -> Result<Event, Vec<FieldError>> {
    Ok(Event::new(identifier::<Source>("source", "github")?, id, kind, status))
}

impl Repository {
    /// Where an event about something in this repository comes from: the repository is its service.
    pub(super) fn origin(&self) -> Origin {
        Origin::of("github").with("repository", Some(&self.full_name)).service("repository.name", Some(&self.name))
    }

    /// The id of a deployment: its own, as each status of it has another.
    pub(super) fn deployment(&self, deployment: &Deployment) -> Result<DeploymentId, Vec<FieldError>> {
        made_id("repository.full_name", &format!("github:{}:{}", self.full_name, deployment.id))
    }

    /// A new event about this attempt at a run: a run that is started again keeps its id.
    pub(super) fn event_of_run(
        &self,
        run: u64,
        attempt: u32,
        kind: Kind,
        status: Status,
    ) -> Result<Event, Vec<FieldError>> {
        let id = made_id("repository.full_name", &format!("github-run:{}:{run}", self.full_name))?;
        let mut event = new_event(id, kind, status)?;
        event.attempt = attempt_number("run_attempt", attempt)?;
        Ok(event)
    }
}

impl Deployment {
    /// Adds what it says to an event about it, and to what rules see; `environment` is that of the
    /// status, which can differ.
    pub(super) fn describe(
        &self,
        event: &mut Event,
        environment: Option<&str>,
        origin: Origin,
    ) -> Result<Origin, Vec<FieldError>> {
        let environment = environment.or(self.environment.as_deref()).filter(|name| !name.is_empty());
        event.named.commit = Some(identifier("deployment.sha", &self.sha)?);
        event.named.version = version(Some(&self.reference), &self.sha);
        event.named.triggered_by = self.creator.as_ref().and_then(actor);
        Ok(origin
            .environment("deployment.environment", environment)
            .with("environment", environment)
            .with("branch", Some(&self.reference))
            .with("task", self.task.as_deref())
            .with("transient", self.transient.map(as_text))
            .with("production", self.production.map(as_text))
            .with("creator", self.creator.as_ref().map(|creator| creator.login.as_str())))
    }
}

fn as_text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// The version: a branch or tag. It may have a name that a version can't have, or none;
/// the commit always can.
pub(super) fn version(reference: Option<&str>, sha: &str) -> Option<Version> {
    reference.and_then(|reference| Version::parse(reference).ok()).or_else(|| Version::parse(sha).ok())
}

pub(super) fn actor(user: &User) -> Option<Trigger> {
    (user.login.len() <= 256).then(|| Trigger { actor: Some(user.login.clone()), ..Trigger::default() })
}

/// Adds a link, where it is one that can stand in a page.
pub(super) fn link(event: &mut Event, name: &str, url: Option<&str>) {
    if let Some(url) = url.filter(|url| domain::event::is_https(url)) {
        event.links.insert(name.to_owned(), url.to_owned());
    }
}
