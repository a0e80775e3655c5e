//! Reads our own event out of JSON: aliases, bounds, and errors that name each wrong field.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Event, Failure, Kind, Metrics, Named, Trigger, TriggerKind, incident};
use crate::fields::{FieldError, Fields, kind};
use crate::identifiers::{Identifier as _, Source};
use crate::{Status, Timestamp, json};

/// The bounds of an event. Sizes are in bytes.
pub struct Limits;

impl Limits {
    /// A whole event, as JSON.
    pub const EVENT_BYTES: usize = 64 * 1024;
    /// `metadata`, as canonical JSON.
    pub const METADATA_BYTES: usize = 16 * 1024;
    /// How deep `metadata` may be nested. What is stored and answered wraps it a few levels more,
    /// and must be readable with the depth of 128 that JSON is read to.
    pub const METADATA_DEPTH: usize = 64;
    /// `notes` and `error.message`.
    pub const TEXT_BYTES: usize = 4096;
    /// One link.
    pub const LINK_BYTES: usize = 2048;
    /// Links on one event.
    pub const LINKS: usize = 16;
    /// How far a time may lie after the time of receipt: clocks differ.
    pub const FUTURE_MILLIS: i64 = 5 * 60 * 1000;
    /// The largest figure: `CloudWatch` refuses numbers that no measurement reaches.
    pub const FIGURE: f64 = 1e12;
    /// The largest `attempt`.
    pub const ATTEMPT: f64 = 1_000_000.0;
}

const ADVICE: &str = "put fields of your own under `metadata`";

/// Reads an event of our own format, bare or wrapped in `deploymentEvent`.
///
/// # Errors
/// All that is wrong with it, not only the first.
pub fn read(value: Value, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let mut object = match value {
        Value::Object(object) => object,
        other => return Err(vec![FieldError::new("", format!("an event must be an object, not {}", kind(&other)))]),
    };
    let mut errors = Vec::new();
    let mut prefix = "";
    if let Some(wrapped) = object.remove("deploymentEvent") {
        Fields::new(object, "", &mut errors).finish("put it inside `deploymentEvent`");
        prefix = "deploymentEvent.";
        object = match wrapped {
            Value::Object(object) => object,
            other => {
                errors.push(FieldError::new("deploymentEvent", format!("must be an object, not {}", kind(&other))));
                return Err(errors);
            }
        };
    }
    let event = fields(Fields::new(object, prefix, &mut errors), now);
    event.filter(|_| errors.is_empty()).ok_or(errors)
}

fn fields(mut from: Fields<'_>, now: Timestamp) -> Option<Event> {
    let deployment_id = required(&mut from, "deploymentId", |from| from.identifier(&["deploymentId"]));
    let status = status(&mut from);
    let source = from.identifier(&["source"]).or_else(|| Source::parse("native").ok());
    let kind = event_type(&mut from);
    let stage = from.identifier(&["stage"]);
    if kind == Kind::Stage && stage.is_none() {
        from.wrong("stage", "is required on a stage event: the name of the stage");
    }
    if let (Some(id), Some(status)) = (&deployment_id, status) {
        for (name, detail) in incident::contradictions(id, kind, status) {
            from.wrong(name, detail);
        }
    }
    let occurred_at = past(&mut from, &["occurredAt", "timestamp"], now);
    let attempt = attempt(&mut from);
    let event_id = from.identifier(&["eventId"]);
    let named = Named {
        service: from.identifier(&["service", "application", "applicationName"]),
        environment: from.identifier(&["environment"]),
        version: from.identifier(&["version"]),
        commit: from.identifier(&["commit"]),
        artifact: from.identifier(&["artifact"]),
        build_number: from.identifier(&["buildNumber"]),
        region: from.identifier(&["region"]),
        triggered_by: trigger(&mut from),
        release: from.identifier(&["release"]),
    };
    let metrics = metrics(&mut from);
    let error = from.inner("error").map(|mut inner| {
        let failure =
            Failure { message: inner.free_text("message", Limits::TEXT_BYTES), code: inner.free_text("code", 256) };
        inner.finish("known are `message` and `code`");
        failure
    });
    let rollback_to = from.identifier(&["rollbackTo"]);
    let committed_at = past(&mut from, &["committedAt"], now);
    let links = links(&mut from);
    let notes = from.free_text("notes", Limits::TEXT_BYTES);
    let metadata = from.object("metadata");
    if metadata.as_ref().is_some_and(|object| size(object) > Limits::METADATA_BYTES) {
        from.wrong("metadata", "must be at most 16 KB");
    }
    if metadata.as_ref().is_some_and(|object| depth(object.values()) > Limits::METADATA_DEPTH) {
        from.wrong("metadata", format!("must be nested at most {} levels deep", Limits::METADATA_DEPTH));
    }
    if metadata.as_ref().is_some_and(|object| !object.values().all(is_exact)) {
        from.wrong(
            "metadata",
            "must have no number beyond 2^53, which not every reader keeps exactly: send it as a text",
        );
    }
    from.finish(ADVICE);
    Some(Event {
        event_id,
        source: source?,
        kind,
        deployment_id: deployment_id?,
        named,
        status: status?,
        stage,
        attempt,
        occurred_at,
        metrics,
        error,
        rollback_to,
        committed_at,
        links,
        notes,
        metadata,
    })
}

fn required<T>(from: &mut Fields<'_>, name: &'static str, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> Option<T> {
    let errors = from.error_count();
    let value = read(from);
    if value.is_none() && from.error_count() == errors {
        from.wrong(name, "is required");
    }
    value
}

fn status(from: &mut Fields<'_>) -> Option<Status> {
    let (name, text) = required(from, "status", |from| from.text(&["status"]))?;
    let status = Status::parse(&text);
    if status.is_none() {
        from.wrong(name, format!("must be one of {}", Status::names()));
    }
    status
}

/// A time that has come, as far as clocks agree.
fn past(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Timestamp> {
    let (name, time) = from.time(names)?;
    if let Err(detail) = not_in_future(time, now) {
        from.wrong(name, detail);
    }
    Some(time)
}

/// Whether a time has come, as far as clocks agree.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn not_in_future(time: Timestamp, now: Timestamp) -> Result<(), String> {
    if time > now.plus_millis(Limits::FUTURE_MILLIS) {
        return Err(format!("is more than 5 minutes in the future; it is now {now}"));
    }
    Ok(())
}

fn event_type(from: &mut Fields<'_>) -> Kind {
    match from.text(&["type"]).as_ref().map(|(_, text)| text.as_str()) {
        None | Some("deployment") => Kind::Deployment,
        Some("stage") => Kind::Stage,
        Some("removal") => Kind::Removal,
        Some("incident") => Kind::Incident,
        Some(_) => {
            from.wrong("type", "must be deployment, stage, removal or incident");
            Kind::Deployment
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds, and whole")]
fn attempt(from: &mut Fields<'_>) -> u32 {
    match from.number(&["attempt"], 1.0, Limits::ATTEMPT) {
        None => 1,
        Some(number) if number.fract() == 0.0 => number as u32,
        Some(_) => {
            from.wrong("attempt", "must be a whole number");
            1
        }
    }
}

fn trigger(from: &mut Fields<'_>) -> Option<Trigger> {
    match from.take(&["triggeredBy"])?.1 {
        Value::String(kind) => Some(Trigger { kind: trigger_kind(from, "triggeredBy", &kind), ..Trigger::default() }),
        Value::Object(object) => {
            let mut inner = from.nested("triggeredBy", object);
            let kind = inner.text(&["kind"]).and_then(|(name, text)| trigger_kind(&mut inner, name, &text));
            let trigger =
                Trigger { kind, actor: inner.free_text("actor", 256), reason: inner.free_text("reason", 1024) };
            inner.finish("known are `kind`, `actor` and `reason`");
            Some(trigger)
        }
        other => {
            from.wrong("triggeredBy", format!("must be a text or an object, not {}", kind(&other)));
            None
        }
    }
}

fn trigger_kind(from: &mut Fields<'_>, name: &str, text: &str) -> Option<TriggerKind> {
    match text {
        "MANUAL" => Some(TriggerKind::Manual),
        "AUTOMATIC" => Some(TriggerKind::Automatic),
        "SCHEDULED" => Some(TriggerKind::Scheduled),
        _ => {
            from.wrong(name, "must be MANUAL, AUTOMATIC or SCHEDULED; a person's name goes into `triggeredBy.actor`");
            None
        }
    }
}

fn metrics(from: &mut Fields<'_>) -> Metrics {
    let Some(mut inner) = from.inner("metrics") else { return Metrics::default() };
    let metrics = Metrics {
        duration_seconds: inner.number(&["durationSeconds", "duration"], 0.0, Limits::FIGURE),
        health_score: inner.number(&["healthScore"], 0.0, 100.0),
        error_count: inner.number(&["errorCount"], 0.0, Limits::FIGURE),
        error_rate: inner.number(&["errorRate"], 0.0, 100.0),
        instance_count: inner.number(&["instanceCount"], 0.0, Limits::FIGURE),
        success_rate: inner.number(&["successRate"], 0.0, 100.0),
        latency_p95_ms: inner.number(&["latencyP95Ms"], 0.0, Limits::FIGURE),
        traffic_percent: inner.number(&["trafficPercent"], 0.0, 100.0),
    };
    inner.finish("figures of your own go into the event's `metadata`");
    metrics
}

fn links(from: &mut Fields<'_>) -> BTreeMap<String, String> {
    let object = from.object("links").unwrap_or_default();
    if object.len() > Limits::LINKS {
        from.wrong("links", format!("must be at most {}", Limits::LINKS));
    }
    let mut links = BTreeMap::new();
    for (name, value) in object {
        let link = value.as_str().filter(|link| is_https(link));
        match link {
            Some(link) if is_link_name(&name) => {
                links.insert(name, link.to_owned());
            }
            _ => {
                from.wrong(
                    "links",
                    "must map names (1 to 64 printable characters) to https URLs of at most 2048 bytes",
                );
                break;
            }
        }
    }
    links
}

fn is_link_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Whether `link` is an https URL that can stand in a page as it is: a host, and no space, quote,
/// angle bracket or control character.
#[must_use]
pub fn is_https(link: &str) -> bool {
    let rest = link.strip_prefix("https://").unwrap_or_default();
    link.len() <= Limits::LINK_BYTES
        && rest.chars().next().is_some_and(char::is_alphanumeric)
        && !link.chars().any(|c| c.is_control() || c.is_whitespace() || "\"'<>\\`".contains(c))
}

/// How deep these values are nested, their own container included.
fn depth<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
    let below = values.map(|value| match value {
        Value::Object(object) => depth(object.values()),
        Value::Array(array) => depth(array.iter()),
        _ => 0,
    });
    1 + below.max().unwrap_or(0)
}

/// Whether all numbers in a value are kept as they came: RFC 8785 and most readers take them for
/// doubles, which are exact up to 2^53 (RFC 7493, section 2.2).
fn is_exact(value: &Value) -> bool {
    const SAFE: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() <= SAFE),
        Value::Object(object) => object.values().all(is_exact),
        Value::Array(array) => array.iter().all(is_exact),
        _ => true,
    }
}

fn size(object: &Map<String, Value>) -> usize {
    json::canonical(object).map_or(usize::MAX, |text| text.len())
}
