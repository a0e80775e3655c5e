//! One deployment: what its events say of it, read in their total order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::heard::{Event, Moment};
use super::stages::{self, Stage};
use super::times;
use super::work::Work;

/// A deployment, as far as answers show it.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) service: String,
    pub(super) environment: String,
    pub(super) version: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) region: Option<String>,
    pub(super) release: Option<String>,
    /// Whether its last attempt was to take its service away.
    pub(super) removal: bool,
    pub(super) status: String,
    pub(super) created: Moment,
    /// Whether nothing is known of it but what its gate decided.
    at_gate: bool,
    /// The event that its status is of; none when only stages are known.
    pub(super) last: Option<Event>,
    pub(super) flags: Vec<&'static str>,
    attempt: u64,
    started: Option<i64>,
    finished: Option<i64>,
    updated: i64,
    duration: Option<f64>,
    stages: Vec<Stage>,
    stage: Option<String>,
    metrics: Value,
    notes: Option<String>,
    /// Whether anything but notes tells of it.
    reported: bool,
    count: usize,
}

/// The latest value of each metric, of events in their order; null where there are none.
pub(super) fn metrics<'a>(events: impl Iterator<Item = &'a Event>) -> Value {
    let mut latest = serde_json::Map::new();
    for (name, value) in events.filter_map(|event| event.field("metrics").as_object()).flatten() {
        latest.insert(name.clone(), json!(value.as_f64()));
    }
    if latest.is_empty() { Value::Null } else { latest.into() }
}

/// Folds the events of a deployment, of which there are some.
pub(super) fn fold(id: &str, events: &[Event]) -> Deployment {
    let mut all: Vec<&Event> = events.iter().collect();
    all.sort_by_key(|event| event.order());
    // Notes say names, and when they were made; nothing of how it went.
    let events: Vec<&Event> = all.iter().copied().filter(|event| event.kind() != "note").collect();
    let earliest = |field: &str| all.iter().find_map(|event| event.text(field)).map(str::to_owned);
    let name = |field: &str| all.iter().find_map(|event| event.name(field)).map(str::to_owned);
    let moments = || all.iter().map(|event| event.moment);

    let last = last(&events);
    let status = match last {
        Some(last) => last.status(),
        None if is_at_gate(&events) => match events.last().map(|event| event.status()) {
            Some("FAILED") => "CANCELLED",
            _ => "PENDING",
        },
        None if events.iter().all(|event| event.status() == "PENDING" || is_teardown(event)) => "PENDING",
        None => "IN_PROGRESS",
    };
    let attempt = attempt(&events, last);
    // When a deployment finished of which only a teardown is known, nobody said.
    let ending = last.filter(|last| last.is_final() && !is_teardown(last));
    let work = Work::of(&events, attempt, ending);
    let worked = events.iter().filter(|event| event.status() != "PENDING" && !is_teardown(event));

    let versions: BTreeSet<&str> = all.iter().filter_map(|event| event.text("version")).collect();
    let (service, environment) = (name("service"), name("environment"));
    let mut flags = Vec::new();
    flags.extend((versions.len() > 1).then_some("VERSION_DISAGREES"));
    flags.extend((work.is_backwards() || all.iter().any(|event| event.skewed)).then_some("CLOCK_SKEW"));
    flags.extend((service.is_none() || environment.is_none()).then_some("PLACE_UNKNOWN"));
    Deployment {
        id: id.to_owned(),
        service: service.unwrap_or_else(|| "unknown".to_owned()),
        environment: environment.unwrap_or_else(|| "unknown".to_owned()),
        version: earliest("version"),
        commit: earliest("commit"),
        region: earliest("region"),
        release: earliest("release"),
        removal: events.iter().any(|event| event.kind() == "removal" && event.is_final() && event.attempt() == attempt),
        status: status.to_owned(),
        created: moments().min().expect("an event"),
        at_gate: is_at_gate(&events),
        last: last.cloned(),
        flags,
        attempt,
        started: worked.map(|event| event.moment.0).min(),
        finished: ending.map(|ending| ending.moment.0),
        updated: moments().max().expect("an event").0,
        duration: work.duration(),
        stages: stages::of(&events, attempt, status),
        stage: current_stage(&events),
        metrics: metrics(all.iter().copied().filter(|event| event.kind() == "note" || event.is_whole())),
        notes: all
            .iter()
            .rev()
            .filter(|event| event.kind() == "note" || event.is_whole())
            .find_map(|event| event.text("notes"))
            .map(str::to_owned),
        reported: !events.is_empty(),
        count: all.len(),
    }
}

/// The event that the status is of: the greatest of the deployment as a whole. Of which nothing but a
/// teardown is known, it is that.
fn last<'a>(events: &[&'a Event]) -> Option<&'a Event> {
    let only_torn_down = events.iter().all(|event| is_teardown(event));
    events.iter().rev().find(|event| event.is_whole() || only_torn_down).copied()
}

/// Whether they are all of the stage `gate`: then nothing has begun.
fn is_at_gate(events: &[&Event]) -> bool {
    !events.is_empty() && events.iter().all(|event| event.kind() == "stage" && event.text("stage") == Some("gate"))
}

fn is_teardown(event: &Event) -> bool {
    event.kind() == "teardown"
}

/// The greatest attempt that events of the deployment as a whole name, or else its stages: a teardown is of
/// none.
fn attempt(events: &[&Event], last: Option<&Event>) -> u64 {
    match last {
        Some(last) if last.is_whole() => last.attempt(),
        _ => events.iter().filter(|event| !is_teardown(event)).map(|event| event.attempt()).max().unwrap_or(1),
    }
}

/// The stage that was last reported.
fn current_stage(events: &[&Event]) -> Option<String> {
    let naming = events.iter().filter(|event| event.text("stage").is_some() && !is_teardown(event));
    let last = naming.max_by_key(|event| (event.attempt(), event.moment, &event.key))?;
    last.text("stage").map(str::to_owned)
}

impl Deployment {
    /// Whether it has begun, and anything of it is still to come.
    pub(super) fn is_active(&self) -> bool {
        !self.at_gate && matches!(self.status.as_str(), "PENDING" | "IN_PROGRESS" | "VALIDATING")
    }

    /// The attempt that it is in.
    pub(super) fn attempt(&self) -> u64 {
        self.attempt
    }

    /// As lists have it, but for `change`.
    pub(super) fn listed(&self) -> Value {
        json!({
            "deploymentId": self.id, "service": self.service, "environment": self.environment,
            "version": self.version, "commit": self.commit, "status": self.status, "attempt": self.attempt,
            "createdAt": times::text(self.created.0), "startedAt": self.started.map(times::text),
            "waitedSeconds": self.started.map(|started| times::seconds(started - self.created.0)),
            "finishedAt": self.finished.map(times::text), "durationSeconds": self.duration, "triggeredBy": null,
        })
    }

    /// As the question for it alone answers it.
    pub(super) fn full(&self) -> Value {
        let mut full = self.listed();
        let last = |field: &str| self.last.as_ref().map_or(Value::Null, |last| last.field(field).clone());
        let denied = self.at_gate && self.status == "CANCELLED";
        let error = if denied { json!({"code": "GATE_DENIED"}) } else { last("error") };
        let more = json!({
            "region": self.region, "updatedAt": times::text(self.updated), "eventCount": self.count,
            "rollbackTo": last("rollbackTo"), "error": error, "flags": self.flags,
            "stages": self.stages.iter().map(Stage::shown).collect::<Vec<Value>>(),
            "stage": self.stage, "metrics": self.metrics,
            // No story tells of these.
            "artifact": null, "buildNumber": null, "committedAt": null, "links": {}, "metadata": null, "notes": self.notes,
            "release": self.release,
            // All stories are told by one caller; who only writes a note reports nothing.
            "reportedBy": if self.reported { json!(["anonymous"]) } else { json!([]) },
            "failedStage": stages::failed(&self.stages, self.attempt),
        });
        full.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        full
    }
}
