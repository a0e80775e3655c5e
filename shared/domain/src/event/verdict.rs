//! A verdict: that a version of a service is bad, or that it is no longer. It is of no deployment; its history is
//! that of all verdicts of the service.

use super::outcome::{Reason, Verdict};
use super::retirement::absent;
use super::slot::{Optional, Slot};
use super::{Event, Kind};
use crate::fields::Fields;
use crate::identifiers::{Commit, DeploymentId, Environment, Service, Source, Version};
use crate::{Status, Timestamp};

/// The fields that a verdict can have.
pub(super) const FIELDS: [&str; 14] = [
    "type",
    "service",
    "environment",
    "version",
    "commit",
    "outcome",
    "reason",
    "occurredAt",
    "source",
    "eventId",
    "triggeredBy",
    "links",
    "notes",
    "metadata",
];

/// The names under which an event has its service.
pub(super) const SERVICE: [&str; 3] = ["service", "application", "applicationName"];

/// Takes a verdict out of an object; none when what it can't be without is wrong. Each field that it can't have is
/// an error.
pub(super) fn take(from: &mut Fields<'_>, now: Timestamp) -> Option<Event> {
    absent(from, &FIELDS, left_out);
    from.take(&["type"]);
    let service: Option<Service> = from.identifier(&SERVICE);
    if service.is_none() && !SERVICE.iter().any(|name| from.has_error(name)) {
        from.wrong("service", REQUIRED);
    }
    let environment: Option<Environment> = from.identifier(&["environment"]);
    let (version, commit): (Option<Version>, Option<Commit>) =
        (from.identifier(&["version"]), from.identifier(&["commit"]));
    if version.is_none() && commit.is_none() && !from.has_error("version") && !from.has_error("commit") {
        from.wrong("version", "is required on a verdict, or `commit`: what is judged");
    }
    let verdict: Option<Verdict> = Optional::take(from, &["outcome"], now);
    if verdict.is_none() && !from.has_error("outcome") {
        from.wrong("outcome", "is required on a verdict: BAD or CLEARED");
    }
    let reason: Option<Reason> = Optional::take(from, &["reason"], now);
    if reason.is_none() && !from.has_error("reason") {
        from.wrong("reason", "is required on a verdict: why the version is bad, or no longer");
    }
    let occurred_at: Option<Timestamp> = Optional::take(from, &["occurredAt", "timestamp"], now);
    let event_id: Option<crate::identifiers::EventId> = Optional::take(from, &["eventId"], now);
    let told_apart = occurred_at.is_some() || event_id.is_some();
    if !told_apart && !["occurredAt", "timestamp", "eventId"].iter().any(|name| from.has_error(name)) {
        // Without either, to call it bad again once it was cleared would be a duplicate.
        from.wrong("occurredAt", "is required on a verdict, or `eventId`: when it was judged");
    }
    let source: Option<Source> = Slot::take(from, &["source"], now);
    let (notes, metadata) = (Slot::take(from, &["notes"], now), Slot::take(from, &["metadata"], now));
    let (links, triggered_by) = (Slot::take(from, &["links"], now), Slot::take(from, &["triggeredBy"], now));
    let service = service?;
    let mut event = Event::new(source?, DeploymentId::of_verdicts(&service), Kind::Verdict, Status::Completed);
    event.named.service = Some(service);
    (event.named.environment, event.named.version, event.named.commit) = (environment, version, commit);
    (event.verdict, event.reason, event.occurred_at, event.event_id) = (verdict, reason, occurred_at, event_id);
    (event.notes, event.metadata, event.links, event.named.triggered_by) = (notes?, metadata?, links?, triggered_by?);
    Some(event)
}

/// What is wrong with a verdict of nothing.
const REQUIRED: &str = "is required on a verdict: the service of the version that is judged";

/// What would be right instead of a field that a verdict can't have.
fn left_out(field: &str) -> &'static str {
    match field {
        "deploymentId" => "must be left out of a verdict: its history is that of its `service`",
        "status" => "must be left out of a verdict: what it says is its `outcome`",
        _ => "must be left out of a verdict, which is of a version and of no deployment",
    }
}

/// What of a verdict contradicts itself, whoever made it.
pub(super) fn contradictions(event: &Event) -> Vec<(&'static str, &'static str)> {
    let named = &event.named;
    let Some(service) = named.service.as_ref().filter(|service| **service != Service::unknown()) else {
        return vec![("service", REQUIRED)];
    };
    let nowhere = named.environment.as_ref() == Some(&Environment::unknown());
    let of_its_service = event.deployment_id == DeploymentId::of_verdicts(service);
    let wrong = [
        (nowhere, "environment", "must be a known environment, or be left out of a verdict that holds everywhere"),
        (!of_its_service, "deploymentId", left_out("deploymentId")),
        (event.status != Status::Completed, "status", left_out("status")),
    ];
    wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong).map(|(_, field, detail)| (field, detail)).collect()
}
