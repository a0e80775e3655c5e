//! GitHub's webhooks. Documented in GitHub's "Webhook events and payloads"; each event's values are
//! in its REST description of the same name.
//!
//! | event | is read as |
//! |---|---|
//! | `deployment`, `deployment_status` | a deployment (`deployment`) |
//! | `workflow_run` | a deployment, where a rule says so (`actions`) |
//! | `workflow_job` | a stage of the deployment that it names, else of its run, where a rule says so (`actions`) |
//! | `deployment_protection_rule` | an approval of the deployment that it names (`approval`) |
//! | `deployment_review` | an approval of its run, where a rule says so (`approval`) |
//!
//! None says that something was rolled back: an earlier version that is deployed again is a deployment
//! like any other.

mod actions;
mod approval;
mod deployment;

use domain::event::Trigger;
use domain::identifiers::{DeploymentId, Environment, Identifier as _, Service, Source, Version};
use domain::source_rules::Origin;
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{Read, Reading, identifier, made_id};

/// Reads the payload of a webhook named `event` in `X-GitHub-Event`.
pub(crate) fn read(event: &str, payload: &Value, now: Timestamp) -> Read {
    match event {
        "deployment" | "deployment_status" => deployment::read(event, payload, now),
        "workflow_run" => actions::run(payload, now),
        "workflow_job" => actions::job(payload, now),
        "deployment_protection_rule" => approval::protection_rule(payload, now),
        "deployment_review" => approval::review(payload, now),
        other => Ok(Reading::Ignore(format!("{other:?} is not about a deployment"))),
    }
}

#[derive(Deserialize)]
struct Repository {
    name: String,
    full_name: String,
}

/// What each event about a deployment says of it.
#[derive(Deserialize)]
struct Deployment {
    id: u64,
    sha: String,
    #[serde(rename = "ref")]
    reference: String,
    /// What it is to do; `deploy` where nobody says otherwise.
    task: Option<String>,
    environment: Option<String>,
    description: Option<String>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    creator: Option<User>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl Repository {
    /// A new event about something in this repository, which is its service.
    fn event(&self, id: DeploymentId, kind: domain::event::Kind, status: Status) -> Result<Event, Vec<FieldError>> {
        let mut event = Event::new(identifier::<Source>("source", "github")?, id, kind, status);
        event.named.service = Some(identifier::<Service>("repository.name", &self.name)?);
        Ok(event)
    }

    fn origin(&self) -> Origin {
        Origin::of("github").with("repository", Some(&self.full_name))
    }

    /// The id of a deployment: its own, as each status of it has another.
    fn deployment(&self, deployment: &Deployment) -> Result<DeploymentId, Vec<FieldError>> {
        made_id("repository.full_name", &format!("github:{}:{}", self.full_name, deployment.id))
    }

    /// The id of an attempt at a run: a run that is started again keeps its own.
    fn run(&self, run: u64, attempt: u32) -> Result<DeploymentId, Vec<FieldError>> {
        made_id("repository.full_name", &format!("github-run:{}:{run}:{attempt}", self.full_name))
    }
}

impl Deployment {
    /// Adds what it says to an event about it, and to what rules see; `environment` is that of the
    /// status, which can differ.
    fn describe(
        &self,
        event: &mut Event,
        environment: Option<&str>,
        origin: Origin,
    ) -> Result<Origin, Vec<FieldError>> {
        if let Some(environment) = environment.or(self.environment.as_deref()).filter(|name| !name.is_empty()) {
            event.named.environment = Some(identifier::<Environment>("deployment.environment", environment)?);
        }
        event.named.commit = Some(identifier("deployment.sha", &self.sha)?);
        event.named.version = version(Some(&self.reference), &self.sha);
        event.named.triggered_by = self.creator.as_ref().and_then(actor);
        Ok(origin
            .with("environment", event.named.environment.as_ref().map(Environment::as_str))
            .with("branch", Some(&self.reference))
            .with("task", self.task.as_deref()))
    }
}

/// The version: a branch or tag. It may have a name that a version can't have (a `#`, say), or none;
/// the commit always can.
fn version(reference: Option<&str>, sha: &str) -> Option<Version> {
    reference.and_then(|reference| Version::parse(reference).ok()).or_else(|| Version::parse(sha).ok())
}

fn actor(user: &User) -> Option<Trigger> {
    (user.login.len() <= 256).then(|| Trigger { actor: Some(user.login.clone()), ..Trigger::default() })
}

/// Adds a link, where it is one that can stand in a page.
fn link(event: &mut Event, name: &str, url: Option<&str>) {
    if let Some(url) = url.filter(|url| domain::event::is_https(url)) {
        event.links.insert(name.to_owned(), url.to_owned());
    }
}
