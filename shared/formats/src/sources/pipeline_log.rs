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
//! * A health check, a test and a shift of traffic is a stage, of the deployment that it names. Services
//!   log such things at other times too: without a deployment's id it is of none.
//! * Times that contradict each other are refused.

mod checks;
mod entry;
mod names;
mod vocabulary;

use domain::event::{Failure, Kind};
use domain::identifiers::{Identifier as _, Source};
use domain::{DeploymentId, Event, FieldError, StageName, Status, Subject, Timestamp};
use serde_json::Value;

use self::entry::{BuildNumber, Entry};
use self::vocabulary::{Meaning, StatusWord, Topic};
use crate::fields::{attempt_number, bounded, identifier, not_in_future, typed};
use crate::ids::digest;
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report};

/// Whether a payload is a log entry of a pipeline.
pub(super) fn is_pipeline_log(value: &Value) -> bool {
    value.get("event_type").is_some()
}

/// Reads a log entry; one without a `timestamp` happened at `time`, if that is known.
pub(super) fn read(value: &Value, time: Option<Timestamp>, now: Timestamp) -> Read {
    let value = &names::with_one_name_each(value);
    let mut entry: Entry = typed(value, "")?;
    let Some(meaning) = Meaning::of(&entry.event_type).map_err(|error| vec![error])? else {
        return Ok(Reading::not_read(format!("{:?}", entry.event_type)));
    };
    if meaning.is_check() && entry.deployment_id.as_deref().is_none_or(str::is_empty) {
        let event_type = &entry.event_type;
        return Ok(Reading::no_deployment(format!("{event_type:?} without deployment_id is a stage of no deployment")));
    }
    let stated = stated(value, &entry, &meaning)?;
    let (subject, status) = meaning.with(stated).map_err(|error| vec![error])?;
    let text = |text: Option<&String>| text.filter(|text| !text.is_empty()).map(|text| bounded(text));
    let (message, code) = (text(entry.error_message.as_ref()), text(entry.error_code.as_ref()));
    let failed = message.is_some() || code.is_some();
    if failed && stated.is_none() && status == Status::Completed {
        let detail = "is required of an entry with an error, which event_type alone would make a success: \
                    failed, or success if it is one nevertheless";
        return Err(vec![FieldError::new("status", detail)]);
    }
    entry.timestamp = entry.timestamp.or(time);
    let ends = status.is_terminal();
    if let Some(time) = entry.occurred_at(ends) {
        not_in_future("timestamp", time, now)?;
    }
    let kind = if subject == Topic::Deployment { Kind::Deployment } else { Kind::Stage };
    let id = deployment_id(&entry, kind, status)?;
    let mut event = Event::new(identifier::<Source>("source", "pipeline-log")?, id, kind, status);
    event.occurred_at = entry.occurred_at(ends);
    let own = named("stage", entry.stage.as_deref())?;
    event.stage = match subject {
        Topic::Rollback => Some(identifier::<StageName>("stage", "ROLLBACK")?),
        Topic::Check(check) => Some(own.map_or_else(|| identifier("event_type", &check), Ok)?),
        Topic::Stage if own.is_none() => {
            return Err(vec![FieldError::new("stage", "is required of an entry about a stage: its name")]);
        }
        Topic::Stage | Topic::Deployment => own,
    };
    event.attempt = attempt_number("attempt", entry.attempt.unwrap_or(1))?;
    event.metrics.duration_seconds = entry.duration(ends)?;
    entry.measure(&mut event.metrics)?;
    event.named.version = named("version", entry.version.as_deref())?;
    event.named.commit = named("commit_sha", entry.commit_sha.as_deref())?;
    event.named.artifact = named("artifact", entry.artifact.as_deref())?;
    event.named.build_number = match &entry.build_number {
        Some(BuildNumber::Text(text)) => named("build_number", Some(text))?,
        Some(BuildNumber::Number(number)) => named("build_number", Some(&number.to_string()))?,
        None => None,
    };
    event.named.region = named("region", entry.region.as_deref())?;
    event.named.triggered_by = entry.trigger();
    if status == Status::RolledBack {
        event.rollback_to = named("rollback_to", entry.rollback_to.as_deref())?;
    }
    if let Some(url) = entry.url.as_deref().filter(|url| domain::event::is_https(url)) {
        event.links.insert("pipeline".to_owned(), url.to_owned());
    }
    let code = code.filter(|code| code.len() <= 256);
    event.error = (message.is_some() || code.is_some()).then_some(Failure { message, code });
    event.notes = text(entry.message.as_ref());
    event.metadata = names::others(value);
    let (service, environment) = (entry.service.as_deref(), entry.environment.as_deref());
    let origin = Origin::of("pipeline-log")
        .service("service", service.filter(|name| !name.is_empty()))
        .environment("environment", environment.filter(|name| !name.is_empty()))
        .with("service", service)
        .with("environment", environment);
    Ok(Report::foreign(event, origin))
}

/// How it stands, as the fields beside `event_type` say: by a word, by a yes or no, or by how much traffic
/// was shifted.
fn stated(value: &Value, entry: &Entry, meaning: &Meaning) -> Result<Option<StatusWord>, Vec<FieldError>> {
    let word = match (entry.status, entry.result) {
        (Some(status), Some(result)) if status != result => {
            return Err(vec![FieldError::new("result", "contradicts status; leave one of them out")]);
        }
        (status, result) => status.or(result),
    };
    match (word, names::went_well(value)) {
        (Some(word), Some(well)) if word.contradicts(well) => {
            Err(vec![FieldError::new("status", "contradicts success; leave one of them out")])
        }
        (Some(word), _) => Ok(Some(word)),
        (None, Some(well)) => Ok(Some(StatusWord::of(well))),
        (None, None) if meaning.is_bare_traffic() => Ok(entry.has_all_traffic().map(StatusWord::of_share)),
        (None, None) => Ok(None),
    }
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
    let ends = status.is_terminal() && kind == Kind::Deployment;
    let ended = entry.occurred_at(ends).filter(|_| ends);
    let before = entry.duration(ends)?.map_or(0, milliseconds);
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

#[expect(clippy::cast_possible_truncation, reason = "a figure is at most 10^12 seconds")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
