//! An observation: what was measured of a deployment, or of whatever runs in a place, or what an alarm said of it. It
//! changes no deployment; its history is that of all observations of the deployment, or of the place in one hour.

use super::retirement::absent;
use super::slot::{Optional, Slot};
use super::{Alarm, Event, Kind, Metrics};
use crate::fields::Fields;
use crate::identifiers::{DeploymentId, Environment, EventId, Region, Service, Source};
use crate::{Status, Subject, Timestamp};

/// The fields that an observation can have.
pub(super) const FIELDS: [&str; 15] = [
    "type",
    "deploymentId",
    "service",
    "environment",
    "region",
    "metrics",
    "baseline",
    "alarm",
    "occurredAt",
    "source",
    "eventId",
    "triggeredBy",
    "links",
    "notes",
    "metadata",
];

/// The metrics by which a deployment is judged.
pub(super) const JUDGED: [&str; 3] = ["healthScore", "errorRate", "latencyP95Ms"];

/// Takes an observation out of an object; none when what it can't be without is wrong. Each field that it can't have
/// is an error.
pub(super) fn take(from: &mut Fields<'_>, now: Timestamp) -> Option<Event> {
    absent(from, &FIELDS, left_out);
    from.take(&["type"]);
    let of: Option<DeploymentId> = from.identifier(&["deploymentId"]);
    let service: Option<Service> = from.identifier(&super::verdict::SERVICE);
    let environment: Option<Environment> = from.identifier(&["environment"]);
    let region: Option<Region> = from.identifier(&["region"]);
    let errors = from.error_count();
    let metrics: Option<Metrics> = Slot::take(from, &["metrics"], now);
    let baseline: Option<Metrics> = Slot::take(from, &["baseline"], now);
    let alarm: Option<Alarm> = Optional::take(from, &["alarm"], now);
    // What is said is not known yet where that is wrong.
    let is_said = from.error_count() == errors;
    let occurred_at: Option<Timestamp> = Optional::take(from, &["occurredAt", "timestamp"], now);
    if occurred_at.is_none() && !["occurredAt", "timestamp"].iter().any(|name| from.has_error(name)) {
        // The same figures can be measured again; and without a time nobody knows of what they are.
        from.wrong("occurredAt", OCCURRED_AT);
    }
    let source: Option<Source> = Slot::take(from, &["source"], now);
    let event_id: Option<EventId> = Optional::take(from, &["eventId"], now);
    let (notes, metadata) = (Slot::take(from, &["notes"], now), Slot::take(from, &["metadata"], now));
    let (links, triggered_by) = (Slot::take(from, &["links"], now), Slot::take(from, &["triggeredBy"], now));
    let mut names = ["deploymentId", "environment"].into_iter().chain(super::verdict::SERVICE);
    if !is_said || names.any(|name| from.has_error(name)) {
        return None;
    }
    // The history is that of what it names, which is not known yet where that is wrong.
    let nowhere = DeploymentId::of_observations_in(&Environment::unknown(), &Service::unknown(), Timestamp::MIN);
    let mut event = Event::new(source?, nowhere, Kind::Observation, DONE);
    event.named.service = service;
    (event.of, event.named.environment, event.named.region) = (of, environment, region);
    (event.metrics, event.baseline, event.alarm) = (metrics?, baseline?, alarm);
    (event.occurred_at, event.event_id) = (occurred_at, event_id);
    (event.notes, event.metadata, event.links, event.named.triggered_by) = (notes?, metadata?, links?, triggered_by?);
    Some(event.readdressed())
}

/// An observation is made once, and goes nowhere.
const DONE: Status = Status::Completed;
const OCCURRED_AT: &str = "is required on an observation: when it was measured";

/// What would be right instead of a field that an observation can't have.
fn left_out(field: &str) -> &'static str {
    match field {
        "status" => "must be left out of an observation: it changes no status",
        "version" | "commit" => {
            "must be left out of an observation: it is of `deploymentId`, or of what was live at `occurredAt`"
        }
        _ => "must be left out of an observation, which says only what was measured, or what an alarm said",
    }
}

/// What of an observation contradicts itself, whoever made it.
pub(super) fn contradictions(event: &Event) -> Vec<(&'static str, &'static str)> {
    let named = &event.named;
    let mut wrong = Vec::new();
    match &event.of {
        Some(of) if of.subject() != Subject::Deployment => {
            wrong.push(("deploymentId", "must be a deployment: only deployments are observed"));
        }
        Some(_) => {}
        None => {
            let known = |name: Option<&str>| name.is_some_and(|name| name != UNKNOWN);
            if !known(named.service.as_ref().map(Service::as_str)) {
                wrong.push(("service", "is required on an observation, with `environment`; or `deploymentId`"));
            }
            if !known(named.environment.as_ref().map(Environment::as_str)) {
                wrong.push(("environment", "is required on an observation, with `service`; or `deploymentId`"));
            }
        }
    }
    if event.occurred_at.is_none() {
        wrong.push(("occurredAt", OCCURRED_AT));
    }
    if event.alarm.is_some() {
        let measured = [("metrics", &event.metrics), ("baseline", &event.baseline)];
        wrong.extend(
            measured.iter().filter(|(_, metrics)| !metrics.is_empty()).map(|(name, _)| (*name, BESIDE_AN_ALARM)),
        );
    } else if !says_anything(&event.metrics) {
        wrong.push((
            "metrics",
            "must have healthScore, errorRate or latencyP95Ms: by these it is judged; or say `alarm`",
        ));
    }
    if event.history_of(named).is_some_and(|id| id != event.deployment_id) {
        wrong.push(("deploymentId", "must be that of the history of what is observed"));
    }
    if event.status != DONE {
        wrong.push(("status", left_out("status")));
    }
    wrong
}

const UNKNOWN: &str = "unknown";
const BESIDE_AN_ALARM: &str = "must be left out beside `alarm`: what was measured is an observation of its own";

fn says_anything(metrics: &Metrics) -> bool {
    [metrics.health_score, metrics.error_rate, metrics.latency_p95_ms].iter().any(Option::is_some)
}
