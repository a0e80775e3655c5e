//! The retirement of an environment: from then on nothing runs there, until something is deployed there
//! again. It is of no deployment; its history is the environment's own.

use super::slot::Slot;
use super::{Event, Kind, Named};
use crate::fields::Fields;
use crate::identifiers::{DeploymentId, Environment, Service, Source};
use crate::{Status, Timestamp};

/// The fields that a retirement can have; no others say anything of an environment.
pub(super) const FIELDS: [&str; 9] =
    ["type", "environment", "occurredAt", "source", "eventId", "triggeredBy", "links", "notes", "metadata"];

impl Event {
    /// An event that this environment is retired.
    #[must_use]
    pub fn retirement(source: Source, environment: Environment) -> Self {
        let id = DeploymentId::of_environment(&environment);
        let mut event = Self::new(source, id, Kind::Retirement, Status::Completed);
        event.named.environment = Some(environment);
        event
    }

    /// A retirement as one of the environment that it names now, and of nothing in it; a verdict as one of the
    /// service that it names now; an observation as one of the place; any other event as it is. Whoever gives one of them another name needs it.
    #[must_use]
    pub fn readdressed(mut self) -> Self {
        if self.kind == Kind::Retirement {
            let Named { environment, triggered_by, .. } = self.named;
            self.named = Named { environment, triggered_by, ..Named::default() };
        }
        if let Some(id) = self.history_of(&self.named) {
            self.deployment_id = id;
        }
        self
    }
}

impl Event {
    /// The id of the history that this event belongs to with these names, where they say it.
    pub(super) fn history_of(&self, named: &Named) -> Option<DeploymentId> {
        let environment = || named.environment.clone().unwrap_or_else(Environment::unknown);
        let service = || named.service.clone().unwrap_or_else(Service::unknown);
        match self.kind {
            Kind::Retirement => Some(DeploymentId::of_environment(&environment())),
            Kind::Verdict => Some(DeploymentId::of_verdicts(&service())),
            Kind::Observation => {
                let of_place = |at| DeploymentId::of_observations_in(&environment(), &service(), at);
                let of_deployment = self.of.as_ref().map(DeploymentId::of_observations_of);
                of_deployment.or_else(|| self.occurred_at.map(of_place))
            }
            _ => None,
        }
    }
}

/// Takes a retirement out of an object; none when its environment is wrong. Each field that it can't have is
/// an error.
pub(super) fn take(from: &mut Fields<'_>, now: Timestamp) -> Option<Event> {
    absent(from, &FIELDS, left_out);
    from.take(&["type"]);
    let environment: Option<Environment> = from.identifier(&["environment"]);
    if environment.is_none() && !from.has_error("environment") {
        from.wrong("environment", REQUIRED);
    }
    let occurred_at: Option<Option<Timestamp>> = Slot::take(from, &["occurredAt", "timestamp"], now);
    if occurred_at == Some(None) && !from.has_error("occurredAt") && !from.has_error("timestamp") {
        // Without a time, the second retirement of an environment would be a duplicate of the first.
        from.wrong("occurredAt", "is required on a retirement: when the environment was retired");
    }
    let (source, event_id) = (Slot::take(from, &["source"], now), Slot::take(from, &["eventId"], now));
    let (notes, metadata) = (Slot::take(from, &["notes"], now), Slot::take(from, &["metadata"], now));
    let (links, triggered_by) = (Slot::take(from, &["links"], now), Slot::take(from, &["triggeredBy"], now));
    let mut event = Event::retirement(source?, environment?);
    (event.occurred_at, event.event_id, event.notes) = (occurred_at?, event_id?, notes?);
    (event.metadata, event.links, event.named.triggered_by) = (metadata?, links?, triggered_by?);
    Some(event)
}

/// Notes an error for each field beside these that an object has all the same.
pub(super) fn absent(from: &mut Fields<'_>, fields: &[&str], left_out: fn(&str) -> &'static str) {
    for field in Event::fields().iter().filter(|field| !fields.contains(&field.name)) {
        for name in [field.name].iter().chain(field.aliases) {
            if from.take(&[name]).is_some() {
                from.wrong(name, left_out(field.name));
            }
        }
    }
}

/// What is wrong with a retirement of nothing.
const REQUIRED: &str = "is required on a retirement: the environment that is retired";

/// What would be right instead of a field that a retirement can't have.
fn left_out(field: &str) -> &'static str {
    match field {
        "deploymentId" => "must be left out of a retirement: its history is that of its `environment`",
        "status" => "must be left out of a retirement: it is always COMPLETED",
        "service" => {
            "must be left out of a retirement, which is of a whole environment; a `removal` takes one service out of it"
        }
        _ => "must be left out of a retirement, which is of an environment and of no deployment",
    }
}

/// What of a retirement contradicts itself, whoever made it.
pub(super) fn contradictions(event: &Event) -> Vec<(&'static str, &'static str)> {
    let of_its_environment = match event.named.environment.as_ref() {
        Some(environment) if *environment != Environment::unknown() => {
            event.deployment_id == DeploymentId::of_environment(environment)
        }
        _ => return vec![("environment", REQUIRED)],
    };
    let id = ("deploymentId", left_out("deploymentId"));
    let status = ("status", left_out("status"));
    let wrong = [(!of_its_environment).then_some(id), (event.status != Status::Completed).then_some(status)];
    wrong.into_iter().flatten().collect()
}
