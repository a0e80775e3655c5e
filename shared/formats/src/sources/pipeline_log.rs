//! The log entries of pipelines: a JSON object with `event_type` and other fields in snake case, as
//! scripts write them to their structured log. Nobody standardises it, so what is read is documented
//! here and in `docs/sources/pipeline-log.md`; the names are those that many such logs share.
//!
//! * `event_type` says what happened, `status` how it ended. Where they contradict each other the
//!   entry is refused. `deployment_complete` alone means success, as there is `deployment_failed`
//!   beside it, but not with an error: that is refused unless `status` says how it ended.
//!   `deployment_finished` says only that it ended, so `status` must say how.
//! * An entry without `deployment_id` belongs to the deployment of its service, version and
//!   environment that started when it did: at `started_at`, or `duration_seconds` before it ended.
//! * A rollback that is under way, or that failed, is the stage `ROLLBACK`: only one that is done
//!   changes what runs.

mod vocabulary;

use domain::event::{Failure, Kind, Limits, Trigger};
use domain::identifiers::{Identifier as _, Source};
use domain::{DeploymentId, Event, FieldError, StageName, Status, Subject, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use self::vocabulary::{Meaning, StatusWord, Topic};
use crate::fields::{attempt_number, bounded, identifier, not_in_future, typed};
use crate::ids::digest;
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
struct Entry {
    event_type: String,
    status: Option<StatusWord>,
    result: Option<StatusWord>,
    deployment_id: Option<String>,
    service: Option<String>,
    environment: Option<String>,
    version: Option<String>,
    #[serde(alias = "stage_name")]
    stage: Option<String>,
    #[serde(alias = "time")]
    timestamp: Option<Timestamp>,
    started_at: Option<Timestamp>,
    duration_seconds: Option<f64>,
    attempt: Option<u32>,
    #[serde(alias = "commit")]
    commit_sha: Option<String>,
    artifact: Option<String>,
    build_number: Option<BuildNumber>,
    region: Option<String>,
    #[serde(alias = "actor")]
    triggered_by: Option<String>,
    rollback_to: Option<String>,
    #[serde(alias = "error")]
    error_message: Option<String>,
    error_code: Option<String>,
    message: Option<String>,
    #[serde(alias = "pipeline_url")]
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BuildNumber {
    Text(String),
    Number(u64),
}

/// Whether a payload is a log entry of a pipeline.
pub(super) fn is_pipeline_log(value: &Value) -> bool {
    value.get("event_type").is_some()
}

/// Reads a log entry; one without a `timestamp` happened at `time`, if that is known.
pub(super) fn read(value: &Value, time: Option<Timestamp>, now: Timestamp) -> Read {
    let mut entry: Entry = typed(value, "")?;
    let Some(meaning) = Meaning::of(&entry.event_type).map_err(|error| vec![error])? else {
        return Ok(Reading::not_read(format!("{:?}", entry.event_type)));
    };
    let stated = match (entry.status, entry.result) {
        (Some(status), Some(result)) if status != result => {
            return Err(vec![FieldError::new("result", "contradicts status; leave one of them out")]);
        }
        (status, result) => status.or(result),
    };
    let (subject, status) = meaning.with(stated).map_err(|error| vec![error])?;
    let text = |text: Option<&String>| text.filter(|text| !text.is_empty()).map(|text| bounded(text));
    let (message, code) = (text(entry.error_message.as_ref()), text(entry.error_code.as_ref()));
    let failed = message.is_some() || code.is_some();
    if failed && stated.is_none() && status == Status::Completed {
        let detail = "is required of an entry with an error, which event_type alone would make a success: \
                    failed, or success if it is one nevertheless";
        return Err(vec![FieldError::new("status", detail)]);
    }
    if let Some(time) = entry.timestamp {
        not_in_future("timestamp", time, now)?;
    }
    entry.timestamp = entry.timestamp.or(time);
    let kind = if subject == Topic::Deployment { Kind::Deployment } else { Kind::Stage };
    let id = deployment_id(&entry, kind, status)?;
    let mut event = Event::new(identifier::<Source>("source", "pipeline-log")?, id, kind, status);
    event.occurred_at = entry.timestamp;
    event.stage = match subject {
        Topic::Rollback => Some(identifier::<StageName>("stage", "ROLLBACK")?),
        Topic::Stage => {
            let detail = || vec![FieldError::new("stage", "is required of an entry about a stage: its name")];
            Some(identifier::<StageName>("stage", entry.stage.as_deref().ok_or_else(detail)?)?)
        }
        Topic::Deployment => named("stage", entry.stage.as_deref())?,
    };
    event.attempt = attempt_number("attempt", entry.attempt.unwrap_or(1))?;
    event.metrics.duration_seconds = duration(&entry)?;
    event.named.version = named("version", entry.version.as_deref())?;
    event.named.commit = named("commit_sha", entry.commit_sha.as_deref())?;
    event.named.artifact = named("artifact", entry.artifact.as_deref())?;
    event.named.build_number = match entry.build_number {
        Some(BuildNumber::Text(text)) => named("build_number", Some(&text))?,
        Some(BuildNumber::Number(number)) => named("build_number", Some(&number.to_string()))?,
        None => None,
    };
    event.named.region = named("region", entry.region.as_deref())?;
    event.named.triggered_by = entry
        .triggered_by
        .filter(|actor| !actor.is_empty() && actor.len() <= 256)
        .map(|actor| Trigger { kind: None, actor: Some(actor), reason: None });
    if status == Status::RolledBack {
        event.rollback_to = named("rollback_to", entry.rollback_to.as_deref())?;
    }
    if let Some(url) = entry.url.filter(|url| domain::event::is_https(url)) {
        event.links.insert("pipeline".to_owned(), url);
    }
    let code = code.filter(|code| code.len() <= 256);
    event.error = (message.is_some() || code.is_some()).then_some(Failure { message, code });
    event.notes = text(entry.message.as_ref());
    let (service, environment) = (entry.service.as_deref(), entry.environment.as_deref());
    let origin = Origin::of("pipeline-log")
        .service("service", service.filter(|name| !name.is_empty()))
        .environment("environment", environment.filter(|name| !name.is_empty()))
        .with("service", service)
        .with("environment", environment);
    Ok(Report::foreign(event, origin))
}

/// What a field names; an empty text names nothing.
fn named<T: domain::identifiers::Identifier>(field: &str, text: Option<&str>) -> Result<Option<T>, Vec<FieldError>> {
    text.filter(|text| !text.is_empty()).map(|text| identifier(field, text)).transpose()
}

/// As it is given; else made of service, version, environment and when the deployment started.
fn deployment_id(entry: &Entry, kind: Kind, status: Status) -> Result<DeploymentId, Vec<FieldError>> {
    if let Some(id) = &entry.deployment_id {
        return identifier("deployment_id", id);
    }
    let required = |detail: &str| vec![FieldError::new("deployment_id", detail)];
    let service = entry.service.as_deref().filter(|name| !name.is_empty());
    let service = service.ok_or_else(|| required("is required of an entry that names no service"))?;
    let ended = entry.timestamp.filter(|_| status.is_terminal() && kind == Kind::Deployment);
    let before = duration(entry)?.map_or(0, milliseconds);
    let started = entry.started_at.or_else(|| ended.map(|time| time.plus_millis(-before)));
    let started = started.or_else(|| entry.timestamp.filter(|_| kind == Kind::Deployment));
    let detail = "is required: without it nothing tells which deployment this is of, unless started_at does";
    let started = started.ok_or_else(|| required(detail))?;
    // Whole seconds: a start and an end rarely agree on more.
    let second = (started.millis() / 1000).to_string();
    let part = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).unwrap_or("unknown".to_owned());
    made_of(&[service, &part(&entry.version), &part(&entry.environment), &second])
}

/// An id that no other parts make: joined where all are plain, else a hash of them.
fn made_of(parts: &[&str]) -> Result<DeploymentId, Vec<FieldError>> {
    let plain = |part: &&str| part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let joined = DeploymentId::parse(&parts.join(":"))
        .ok()
        .filter(|id| id.subject() == Subject::Deployment && parts.iter().all(plain));
    joined.map_or_else(|| identifier("deployment_id", &format!("pipeline-log:{}", digest(parts))), Ok)
}

/// `duration_seconds`, within the bounds of a figure.
fn duration(entry: &Entry) -> Result<Option<f64>, Vec<FieldError>> {
    match entry.duration_seconds {
        Some(seconds) if !(0.0..=Limits::FIGURE).contains(&seconds) => {
            Err(vec![FieldError::new("duration_seconds", format!("must be from 0 to {}", Limits::FIGURE))])
        }
        seconds => Ok(seconds),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a figure is at most 10^12 seconds")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
