//! The stages of a deployment: those with events of their own, and those that its own events name in
//! passing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::heard::{Event, Moment};
use super::{fold, times};

/// A stage in one attempt.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    name: String,
    attempt: u64,
    status: String,
    started: Option<Moment>,
    finished: Option<Moment>,
    duration: Option<f64>,
    error: Value,
    metrics: Value,
    inferred: bool,
}

impl Stage {
    pub(super) fn shown(&self) -> Value {
        json!({
            "stage": self.name, "attempt": self.attempt, "status": self.status, "inferred": self.inferred,
            "startedAt": self.started.map(|started| times::text(started.0)),
            "finishedAt": self.finished.map(|finished| times::text(finished.0)),
            "durationSeconds": self.duration, "error": self.error, "links": {},
            "metrics": self.metrics,
        })
    }
}

/// The stages of these events, which are in their order, in the order of their start. The deployment is
/// in this attempt and has this status.
pub(super) fn of(events: &[&Event], attempt: u64, status: &str) -> Vec<Stage> {
    let mut stages = reported(events);
    let own: BTreeSet<(u64, String)> = stages.iter().map(|stage| (stage.attempt, stage.name.clone())).collect();
    let attempts: BTreeSet<u64> = events.iter().map(|event| event.attempt()).collect();
    let inferred = attempts.into_iter().flat_map(|of| in_passing(events, of, of == attempt && status == "PENDING"));
    stages.extend(inferred.filter(|stage| !own.contains(&(stage.attempt, stage.name.clone()))));
    stages.sort_by_key(|stage| (stage.attempt, stage.started.or(stage.finished).map(|moment| moment.0)));
    stages
}

/// Those with events of their own.
fn reported(events: &[&Event]) -> Vec<Stage> {
    let own: Vec<&Event> = events.iter().filter(|event| event.kind() == "stage").copied().collect();
    let names: BTreeSet<(u64, &str)> =
        own.iter().filter_map(|event| Some((event.attempt(), event.text("stage")?))).collect();
    let mut stages = Vec::new();
    for (attempt, name) in names {
        let of = |event: &&&Event| event.attempt() == attempt && event.text("stage") == Some(name);
        let events: Vec<&Event> = own.iter().filter(of).copied().collect();
        let last = events[events.len() - 1];
        let worked = events.iter().filter(|event| event.status() != "PENDING" && !event.is_final());
        let started = worked.map(|event| event.moment).min();
        let finished = last.is_final().then_some(last.moment);
        let ends = events.iter().rev().filter(|event| event.is_final());
        let reported = ends.map(|end| &end.field("metrics")["durationSeconds"]).find_map(Value::as_f64);
        let measured = finished.zip(started).map(|(finished, started)| finished.0 - started.0);
        let measured = measured.filter(|millis| *millis >= 0).map(times::seconds);
        let duration = measured.or(reported.filter(|_| finished.is_some()));
        let error = last.field("error").clone();
        // How long it took is only what its end reports.
        let mut metrics = fold::metrics(events.iter().copied());
        if let Some(metrics) = metrics.as_object_mut() {
            metrics.remove("durationSeconds");
            metrics.extend(reported.map(|reported| ("durationSeconds".to_owned(), json!(reported))));
        }
        let metrics = if metrics == json!({}) { Value::Null } else { metrics };
        stages.push(Stage {
            name: name.to_owned(),
            attempt,
            status: last.status().to_owned(),
            started,
            finished,
            duration,
            error,
            metrics,
            inferred: false,
        });
    }
    stages
}

/// Those that events of the deployment name, in one attempt; in the current one of a
/// deployment that `waits`, they wait too.
fn in_passing(events: &[&Event], attempt: u64, waits: bool) -> Vec<Stage> {
    let here = |event: &&&Event| event.is_whole() && event.attempt() == attempt;
    let mut naming: Vec<&Event> = events.iter().filter(here).copied().collect();
    let ending = naming.last().copied().filter(|last| last.is_final());
    // Of those that are named at once the name decides, which is documented nowhere.
    naming.sort_by_key(|event| (event.is_final(), event.moment, event.rank(), event.text("stage")));
    naming.retain(|event| event.text("stage").is_some() && event.kind() == "deployment");
    let mut firsts: Vec<&Event> = Vec::new();
    for event in &naming {
        if !firsts.iter().any(|first| first.text("stage") == event.text("stage")) {
            firsts.push(event);
        }
    }
    let mut stages = Vec::new();
    for (place, first) in firsts.iter().enumerate() {
        let name = first.text("stage").expect("it names one");
        let by = |ended: bool| {
            naming.iter().filter(move |event| event.text("stage") == Some(name) && event.is_final() == ended)
        };
        let started = by(false).next().map(|event| event.moment);
        let own_end = by(true).max_by_key(|event| event.order());
        let next = firsts.get(place + 1);
        let (status, finished) = match (next, own_end, ending) {
            (Some(_), Some(end), _) => (end.status(), Some(end.moment)),
            (Some(next), None, _) => ("COMPLETED", Some(next.moment)),
            (None, _, Some(ending)) => (ending.status(), Some(ending.moment)),
            (None, _, None) => (if waits { "PENDING" } else { "IN_PROGRESS" }, None),
        };
        let duration = match (started, finished) {
            (Some(started), Some(finished)) if started.0 <= finished.0 => Some(times::seconds(finished.0 - started.0)),
            _ => None,
        };
        stages.push(Stage {
            name: name.to_owned(),
            attempt,
            status: status.to_owned(),
            started,
            finished,
            duration,
            error: Value::Null,
            metrics: Value::Null,
            inferred: true,
        });
    }
    stages
}

/// The stage of the attempt that failed: of several one with an error, then the one that ended
/// first, then one that was reported.
pub(super) fn failed(stages: &[Stage], attempt: u64) -> Value {
    let failed = stages.iter().filter(|stage| stage.attempt == attempt && stage.status == "FAILED");
    // Of a fast clock nobody sees it: what ended at one time ended at one time.
    let ended = |stage: &Stage| stage.finished.map(|moment| moment.0);
    let first = failed.min_by_key(|stage| (stage.error.is_null(), ended(stage), stage.inferred, stage.name.clone()));
    first.map_or(Value::Null, |stage| json!({"stage": stage.name, "error": stage.error}))
}
