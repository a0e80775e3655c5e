//! The endings of each place, in the order in which they happened.

use std::collections::BTreeMap;

use super::fold::Deployment;
use super::heard::{Event, Heard, Moment};

/// A service in an environment.
pub(super) type Place = (String, String);

/// What an ending does to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Cancelled,
    Completed,
    Failed,
    Removed,
    /// Its environment was given up, with all that ran there.
    Retired,
    RolledBack,
    TornDown,
}

/// The ending of a deployment, or of an attempt of it.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) moment: Moment,
    pub(super) deployment: String,
    pub(super) effect: Effect,
    pub(super) version: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) region: Option<String>,
    pub(super) rollback_to: Option<String>,
}

impl Ending {
    /// Where it stands among all endings of its place.
    pub(super) fn order(&self) -> (Moment, &str, Effect) {
        (self.moment, &self.deployment, self.effect)
    }

    /// The status in which it ended, as a last attempt shows it; a teardown is none, and a retirement neither.
    pub(super) fn status(&self) -> Option<&'static str> {
        match self.effect {
            Effect::Cancelled => Some("CANCELLED"),
            Effect::Completed | Effect::Removed => Some("COMPLETED"),
            Effect::Failed => Some("FAILED"),
            Effect::RolledBack => Some("ROLLED_BACK"),
            Effect::TornDown | Effect::Retired => None,
        }
    }
}

/// What the event does to the place, if it ends anything.
pub(super) fn effect(event: &Event) -> Option<Effect> {
    Some(match (event.kind(), event.status()) {
        ("teardown", _) => Effect::TornDown,
        ("removal", "COMPLETED") => Effect::Removed,
        ("stage" | "note", _) => return None,
        (_, "COMPLETED") => Effect::Completed,
        (_, "ROLLED_BACK") => Effect::RolledBack,
        (_, "FAILED") => Effect::Failed,
        (_, "CANCELLED") => Effect::Cancelled,
        _ => return None,
    })
}

/// The log of each place of these deployments: what a deployment is known to be of stands in all its endings.
/// Retirements are of each place of their environment, in all its regions.
pub(super) fn logs(deployments: &[(Deployment, Vec<Event>)], heard: &Heard) -> BTreeMap<Place, Vec<Ending>> {
    let mut logs: BTreeMap<Place, Vec<Ending>> = BTreeMap::new();
    for (deployment, events) in deployments {
        let is_known = deployment.environment != "unknown" && deployment.service != "unknown";
        let mut events: Vec<&Event> = events.iter().collect();
        events.sort_by_key(|event| event.order());
        for event in events {
            let Some(effect) = effect(event) else { continue };
            let ending = Ending {
                moment: event.moment,
                deployment: deployment.id.clone(),
                effect,
                version: deployment.version.clone(),
                commit: deployment.commit.clone(),
                // Of what has no place yet, no part is meant.
                region: deployment.region.clone().filter(|_| is_known),
                rollback_to: event.text("rollbackTo").map(str::to_owned),
            };
            let log = logs.entry((deployment.environment.clone(), deployment.service.clone())).or_default();
            // Of two that are the same ending, the later one by the order of events counts.
            log.retain(|other| other.order() != ending.order());
            log.push(ending);
        }
    }
    for ((environment, _), log) in &mut logs {
        log.extend(heard.retirements(environment).map(|(id, retired)| Ending {
            moment: retired.moment,
            deployment: id.clone(),
            effect: Effect::Retired,
            version: None,
            commit: None,
            region: None,
            rollback_to: None,
        }));
        log.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    logs
}
