//! CDEvents, posted or in the `detail` of an EventBridge event. Documented in the CDEvents
//! specification: "Core Events", "Continuous Deployment Events" and "Continuous Operations Events",
//! of which versions 0.3 to 0.6 are read.
//!
//! * What happened is in `context.type`: `dev.cdevents.<subject>.<predicate>.<version>`.
//! * A service event is about something done: a deployment of its own, named by the event's id. No
//!   field of it names a run: `links` name other events, and `chainId` spans all that one change
//!   sets off, through every environment.
//! * `artifactId` is the artifact that runs after the event. Of `rolledback` it is therefore what was
//!   gone back to; what was left is not named.
//! * `environment.id` is what identifies an environment; its name is for display.
//! * A pipeline run is a deployment, its task runs are stages of it. A run that finished without a
//!   known outcome is refused: it is no success.
//! * An incident is recorded as one, for the time it took to restore: open when it is detected or
//!   reported, resolved in the end. Its artifact is what is suspected, and names the version.
//! * An environment that was deleted is retired, under what identifies it for services too: its id.
//! * Ids are unique within a source only, and published examples share one between events of
//!   different types. So the ids of service events here are made of all three, those of incidents and
//!   runs of source and id. A task run names the source of its run beside its id; where it does not,
//!   they share theirs.
//! * An event is known by its content.

use domain::event::{Failure, Kind};
use domain::identifiers::{DeploymentId, Environment, Identifier, Label, Source, Version};
use domain::{Event, FieldError, Status, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::{digest, id_within, stage_name};
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report};

const PREFIX: &str = "dev.cdevents.";

#[derive(Deserialize)]
struct CdEvent {
    context: Context,
    subject: Subject,
}

#[derive(Deserialize)]
struct Context {
    id: String,
    source: String,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    /// Where its id is unique; without it that is the source of the event.
    source: Option<String>,
    #[serde(default)]
    content: Content,
}

/// What the subjects that are read have, each some of it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    environment: Option<Reference>,
    artifact_id: Option<String>,
    pipeline_name: Option<String>,
    task_name: Option<String>,
    pipeline_run: Option<Reference>,
    outcome: Option<Outcome>,
    errors: Option<String>,
    service: Option<Reference>,
    description: Option<String>,
    #[serde(rename = "ticketURI")]
    ticket_uri: Option<String>,
    /// `url` until version 0.5.
    uri: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `id`")]
struct Reference {
    id: String,
    source: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Success,
    Failure,
    Error,
    Cancel,
}

/// Whether a payload is a CDEvent.
pub(super) fn is_cd_event(value: &Value) -> bool {
    value.pointer("/context/type").and_then(Value::as_str).is_some_and(|name| name.starts_with(PREFIX))
}

/// Reads a CDEvent.
pub(super) fn read(value: &Value, now: Timestamp) -> Read {
    let name = value.pointer("/context/type").and_then(Value::as_str).unwrap_or_default();
    let mut parts = name.strip_prefix(PREFIX).unwrap_or_default().splitn(3, '.');
    let (subject, predicate) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let unknown = || {
        let detail = format!("{name:?} is no event of a {subject} that CDEvents documents");
        Err(vec![FieldError::new("context.type", detail)])
    };
    match (subject, predicate) {
        ("service", "published") => {
            Ok(Reading::no_deployment("service.published reports that a service is reachable, not a deployment"))
        }
        ("service", "deployed" | "upgraded") => service(value, predicate, Kind::Deployment, Status::Completed, now),
        ("service", "rolledback") => service(value, predicate, Kind::Deployment, Status::RolledBack, now),
        ("service", "removed") => service(value, predicate, Kind::Removal, Status::Completed, now),
        ("pipelinerun" | "taskrun", "queued") => run(value, subject, Some(Status::Pending), now),
        ("pipelinerun" | "taskrun", "started") => run(value, subject, Some(Status::InProgress), now),
        ("pipelinerun" | "taskrun", "finished") => run(value, subject, None, now),
        ("incident", "detected" | "reported") => incident(value, Status::InProgress, now),
        ("incident", "resolved") => incident(value, Status::Completed, now),
        ("environment", "deleted") => retirement(value, now),
        ("environment", "created" | "modified") => Ok(Reading::no_deployment(format!(
            "environment.{predicate} reports nothing that was deployed or taken away"
        ))),
        ("service" | "pipelinerun" | "taskrun" | "incident" | "environment", _) => unknown(),
        _ => Ok(Reading::not_read(format!("{subject} {predicate}"))),
    }
}

/// An incident that was detected or reported, or resolved.
fn incident(value: &Value, status: Status, now: Timestamp) -> Read {
    let CdEvent { context, subject: Subject { id, source, content } } = typed(value, "")?;
    not_empty(&[("subject.id", &id)])?;
    let source = first_of([source.as_ref()]).unwrap_or(&context.source);
    let incident = format!("{}{}:{}", DeploymentId::INCIDENT, readable(&id), digest(&[source, &id]));
    let mut event = event(identifier("subject.id", &incident)?, Kind::Incident, status, &context, now)?;
    let environment = content.environment.as_ref().map(|environment| environment.id.as_str());
    let service = content.service.as_ref().map(|service| service.id.as_str());
    if let Some(artifact) = content.artifact_id.as_deref() {
        event.named.version = version(artifact);
        event.named.artifact = Label::parse(artifact).ok();
    }
    event.notes = content.description.as_deref().filter(|text| !text.is_empty()).map(bounded);
    if let Some(ticket) = content.ticket_uri.filter(|uri| domain::event::is_https(uri)) {
        event.links.insert("ticket".to_owned(), ticket);
    }
    let origin = Origin::of("cdevents")
        .with("source", Some(&context.source))
        .service("subject.content.service.id", service)
        .environment("subject.content.environment.id", environment)
        .with("environment", environment)
        .with("service", service);
    Ok(Report::foreign(event, origin))
}

/// An environment that was deleted. Rules may call it by another name, which is then its own.
fn retirement(value: &Value, now: Timestamp) -> Read {
    let CdEvent { context, subject: Subject { id, .. } } = typed(value, "")?;
    not_in_future("context.timestamp", context.timestamp, now)?;
    let mut event = Event::retirement(identifier::<Source>("source", "cdevents")?, Environment::unknown());
    event.occurred_at = Some(context.timestamp);
    let origin = Origin::of("cdevents")
        .with("source", Some(&context.source))
        .environment("subject.id", Some(&id))
        .with("environment", Some(&id));
    Ok(Report::foreign(event, origin))
}

fn service(value: &Value, predicate: &str, kind: Kind, status: Status, now: Timestamp) -> Read {
    let CdEvent { context, subject } = typed(value, "")?;
    not_empty(&[("context.id", &context.id), ("context.source", &context.source)])?;
    let id = format!("cdevents:service.{predicate}:{}", digest(&[&context.source, predicate, &context.id]));
    let mut event = event(identifier("context.id", &id)?, kind, status, &context, now)?;
    let environment = subject.content.environment.as_ref().map(|environment| environment.id.as_str());
    if let Some(artifact) = subject.content.artifact_id.as_deref() {
        let version = version(artifact);
        if status == Status::RolledBack {
            event.rollback_to = version;
        } else {
            event.named.version = version;
            event.named.artifact = Label::parse(artifact).ok();
        }
    }
    let origin = Origin::of("cdevents")
        .with("source", Some(&context.source))
        .service("subject.id", Some(&subject.id))
        .environment("subject.content.environment.id", environment)
        .with("environment", environment)
        .with("service", Some(&subject.id));
    Ok(Report::foreign(event, origin))
}

/// A pipeline run, or a task run in one; without a status it has finished, and its outcome says how.
fn run(value: &Value, subject_name: &str, status: Option<Status>, now: Timestamp) -> Read {
    let CdEvent { context, subject } = typed(value, "")?;
    let content = subject.content;
    let status = status.map_or_else(|| outcome(content.outcome), Ok)?;
    let task = subject_name == "taskrun";
    let own_source = subject.source.as_ref();
    let mut event = match content.pipeline_run {
        Some(run) if task => {
            let source = first_of([run.source.as_ref(), own_source]).unwrap_or(&context.source);
            let id = run_id(source, "subject.content.pipelineRun.id", &run.id)?;
            event(id, Kind::Stage, status, &context, now)?
        }
        _ if task => {
            return Ok(Reading::nothing_new(
                "a task run is read as a stage of its pipeline run, and this one names none",
            ));
        }
        _ => {
            let source = first_of([own_source]).unwrap_or(&context.source);
            event(run_id(source, "subject.id", &subject.id)?, Kind::Deployment, status, &context, now)?
        }
    };
    if task {
        let name = content.task_name.as_deref().map(|name| ("subject.content.taskName", name));
        let (field, name) = name.unwrap_or(("subject.id", &subject.id));
        event.stage = Some(stage_name(field, name)?);
    }
    if status == Status::Failed {
        let message = content.errors.as_deref().filter(|text| !text.is_empty()).map(bounded);
        event.error = message.map(|message| Failure { message: Some(message), code: None });
    }
    if let Some(url) = content.uri.or(content.url).filter(|url| domain::event::is_https(url)) {
        event.links.insert(if task { "task" } else { "pipeline" }.to_owned(), url);
    }
    let pipeline = content.pipeline_name.as_deref();
    let origin = Origin::of("cdevents")
        .service("subject.content.pipelineName", pipeline.filter(|_| !task))
        .with("source", Some(&context.source))
        .with("pipeline", pipeline);
    Ok(Report::foreign(event, origin))
}

/// The deployment that a run of a source is.
fn run_id(source: &str, field: &str, id: &str) -> Result<DeploymentId, Vec<FieldError>> {
    not_empty(&[(field, id)])?;
    id_within("cdevents-run", source, field, id)
}

/// The first of these sources that is named: an empty text names none.
fn first_of<const N: usize>(sources: [Option<&String>; N]) -> Option<&str> {
    sources.into_iter().flatten().map(String::as_str).find(|source| !source.is_empty())
}

/// As much of an id as a deployment's can hold; what distinguishes it from others follows it.
fn readable(id: &str) -> String {
    id.chars().take(64).map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect()
}

fn not_empty(fields: &[(&str, &str)]) -> Result<(), Vec<FieldError>> {
    let empty = fields.iter().filter(|(_, text)| text.is_empty());
    let errors: Vec<_> = empty.map(|(field, _)| FieldError::new(*field, "must not be empty")).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn outcome(outcome: Option<Outcome>) -> Result<Status, Vec<FieldError>> {
    match outcome {
        Some(Outcome::Success) => Ok(Status::Completed),
        Some(Outcome::Failure | Outcome::Error) => Ok(Status::Failed),
        Some(Outcome::Cancel) => Ok(Status::Cancelled),
        None => {
            let detail = "is required of a run that has finished: success, failure, error or cancel";
            Err(vec![FieldError::new("subject.content.outcome", detail)])
        }
    }
}

fn event(
    id: DeploymentId,
    kind: Kind,
    status: Status,
    context: &Context,
    now: Timestamp,
) -> Result<Event, Vec<FieldError>> {
    not_in_future("context.timestamp", context.timestamp, now)?;
    let mut event = Event::new(identifier::<Source>("source", "cdevents")?, id, kind, status);
    event.occurred_at = Some(context.timestamp);
    Ok(event)
}

/// The version in a package URL: `pkg:type/namespace/name@version?qualifiers#subpath`, decoded. None
/// where the artifact is named in another way.
fn version(artifact: &str) -> Option<Version> {
    let package = artifact.strip_prefix("pkg:")?.split(['?', '#']).next()?;
    let (_, version) = package.rsplit_once('@')?;
    // A scope's `@` stands before a slash; a version's slashes are encoded.
    let version = Some(version).filter(|version| !version.contains('/'))?;
    Version::parse(&percent_decode_str(version).decode_utf8().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_a_package_url_says_after_its_at_sign() {
        for (artifact, expected) in [
            ("pkg:oci/cart@sha256%3A0b31b1c0", Some("sha256:0b31b1c0")),
            ("pkg:oci/cart@sha256:0b31b1c0?tag=1.4.0&repository_url=ghcr.io/shop#lib", Some("sha256:0b31b1c0")),
            ("pkg:golang/example.com/shop/cart@234fd47e", Some("234fd47e")),
            ("pkg:npm/@shop/cart@1.4.0", Some("1.4.0")),
            ("pkg:npm/@shop/cart", None),
            ("pkg:npm/%40shop/cart@1.4.0%2Bbuild.5", Some("1.4.0+build.5")),
            ("pkg:oci/cart", None),
            ("pkg:oci/cart@", None),
            ("pkg:oci/cart@%ff", None),
            ("cart-1.4.0.whl", None),
            ("registry.example/cart@sha256:0b31", None),
        ] {
            assert_eq!(version(artifact).as_ref().map(Version::as_str), expected, "{artifact}");
        }
    }
}
