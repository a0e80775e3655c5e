//! What a record is in the vocabulary of CDEvents (<https://cdevents.dev>, release 0.5.0).
//!
//! A deployment becomes a pipeline run with the deployment's id, a stage as a task run within it,
//! and what it changed in an environment as an event of the service. So the end of a deployment is
//! two occurrences there: the run finished, and the service was deployed, rolled back or removed.
//!
//! Nothing is made up. What CDEvents has no word for (`VALIDATING`, a stage that waits), and what
//! lacks something that its schema requires, is left out: the caller gets fewer documents, never a
//! wrong one. `docs/sources/cdevents-out.md` has the table.

mod document;
mod purl;

pub use document::{CdEvent, Content, Context, Outcome, Reference, Subject};

use crate::RecordedEvent;
use domain::event::{Event, Failure, Kind};
use domain::follows::milestones::Milestone;
use domain::ledger::recording::{Meaning, Record};
use domain::{Environment, Label, Service, StageName, Status};

/// The release of the specification whose types these are.
const SPECIFICATION: &str = "0.5.0";

/// The source of all our events, an RFC 3986 URI reference: the same under whatever name the API is
/// called, so that an event has one identity.
const SOURCE: &str = "/deployment-status";

/// What is known of the deployment beside the record itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Where the deployment can be looked up; an absolute URI.
    pub uri: Option<&'a str>,
    /// The deployment's artifact as known when the record was made.
    pub artifact: Option<&'a Label>,
}

/// What `record` is as CDEvents: none, one, or a run's event and then the service's.
#[must_use]
pub fn cdevents(record: &Record, known: Known<'_>) -> Vec<CdEvent> {
    let event = &record.received.event;
    let documents = match event.kind {
        Kind::Stage => [stage(event), None],
        Kind::Incident | Kind::Teardown | Kind::Note | Kind::Retirement | Kind::Verdict | Kind::Observation => {
            [None, None]
        }
        Kind::Deployment | Kind::Removal => [run(record, known.uri), service(event, &record.meaning, known.artifact)],
    };
    let document = |(name, subject): (&str, Subject)| CdEvent {
        context: Context {
            specversion: SPECIFICATION.to_owned(),
            // The record's hash is of this record only; its events differ by what they are about.
            id: format!("{}/{name}", record.hash),
            source: SOURCE.to_owned(),
            // All types used here are at this version in this release.
            kind: format!("dev.cdevents.{name}.0.3.0"),
            timestamp: record.received.occurred_at.to_string(),
        },
        subject,
        custom_data: RecordedEvent::from(record),
        custom_data_content_type: "application/json".to_owned(),
    };
    documents.into_iter().flatten().map(document).collect()
}

type Typed = (&'static str, Subject);

/// The deployment as a run of the pipeline that deploys the service.
fn run(record: &Record, uri: Option<&str>) -> Option<Typed> {
    let event = &record.received.event;
    let pipeline_name = known_service(&record.meaning).map(Service::to_string);
    let uri = uri.map(str::to_owned);
    let typed = |name, content| Some((name, Subject { id: event.deployment_id.to_string(), content }));
    match event.status {
        Status::Pending => typed("pipelinerun.queued", Content::Queued { pipeline_name, uri }),
        // A run starts once. The schema requires both fields here, and here only.
        Status::InProgress if is_first(record) => {
            typed("pipelinerun.started", Content::Started { pipeline_name: pipeline_name?, uri: uri? })
        }
        Status::InProgress | Status::Validating => None,
        Status::Completed | Status::Cancelled | Status::Failed | Status::RolledBack => typed(
            "pipelinerun.finished",
            Content::Finished { pipeline_name, uri, outcome: outcome(event.status)?, errors: errors(event) },
        ),
    }
}

/// Whether the deployment is in this status for the first time in this attempt.
fn is_first(record: &Record) -> bool {
    let event = &record.received.event;
    record.meaning.milestones.iter().any(|milestone| {
        matches!(milestone, Milestone::Reached { attempt, status, .. }
            if (*attempt, *status) == (event.attempt, event.status))
    })
}

/// A stage as a task run within the deployment's run.
fn stage(event: &Event) -> Option<Typed> {
    let name = event.stage.clone().unwrap_or_else(StageName::unknown);
    let task_name = (name != StageName::unknown()).then(|| name.to_string());
    let pipeline_run = Reference { id: event.deployment_id.to_string() };
    // `#` is in no deployment's id, so two stages never share an id.
    let id = format!("{}#{}#{name}", event.deployment_id, event.attempt);
    let typed = |name, content| Some((name, Subject { id, content }));
    match event.status {
        Status::InProgress => typed("taskrun.started", Content::TaskStarted { task_name, pipeline_run }),
        Status::Pending | Status::Validating => None,
        Status::Completed | Status::Cancelled | Status::Failed | Status::RolledBack => typed(
            "taskrun.finished",
            Content::TaskFinished { task_name, pipeline_run, outcome: outcome(event.status)?, errors: errors(event) },
        ),
    }
}

/// What changed for the service. `upgraded` is never said: whether another version ran before is not
/// known from a deployment's own record.
fn service(event: &Event, meaning: &Meaning, artifact: Option<&Label>) -> Option<Typed> {
    let service = known_service(meaning)?;
    let environment = known_environment(meaning)?;
    let typed = |name, artifact_id| {
        let environment = Reference { id: environment.to_string() };
        Some((name, Subject { id: service.to_string(), content: Content::Service { environment, artifact_id } }))
    };
    match (event.kind, event.status) {
        (Kind::Deployment, Status::Completed) => {
            let reported = event.named.artifact.as_ref().or(artifact).and_then(purl::reported);
            let made = || meaning.version.as_ref().map(|version| purl::generic(service, version));
            typed("service.deployed", Some(reported.or_else(made)?))
        }
        // The artifact is the one that runs now, and the event's own is the one that was undone.
        (Kind::Deployment, Status::RolledBack) => {
            typed("service.rolledback", Some(purl::generic(service, event.rollback_to.as_ref()?)))
        }
        (Kind::Removal, Status::Completed) => typed("service.removed", None),
        _ => None,
    }
}

fn known_service(meaning: &Meaning) -> Option<&Service> {
    Some(&meaning.service).filter(|service| **service != Service::unknown())
}

fn known_environment(meaning: &Meaning) -> Option<&Environment> {
    Some(&meaning.environment).filter(|environment| **environment != Environment::unknown())
}

/// How a run that ended so went; none while it has not ended. What was rolled back did not succeed.
fn outcome(status: Status) -> Option<Outcome> {
    match status {
        Status::Completed => Some(Outcome::Success),
        Status::Cancelled => Some(Outcome::Cancel),
        Status::Failed | Status::RolledBack => Some(Outcome::Failure),
        Status::Pending | Status::InProgress | Status::Validating => None,
    }
}

fn errors(event: &Event) -> Option<String> {
    let Failure { message, code } = event.error.clone()?;
    match (code, message) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message),
    }
}
