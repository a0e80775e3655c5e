//! What a release is expected to be: as it is declared, or as its deployments imply.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::summary::Summary;
use crate::listings::brings;
use crate::live::log::{Effect, entries};
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::release::Declaration;
use crate::settings::{Names, Path};
use crate::{DeploymentId, Environment, Service, Timestamp};

/// A service of a release, and what is expected of it in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The service.
    pub service: Service,
    /// What is to run.
    pub thing: Thing,
    /// The deployments of the service that name the release; none where it is declared.
    pub deployments: BTreeSet<DeploymentId>,
    /// Whether it landed with the release in an environment before, and nothing of the release did in this one.
    pub skipped: bool,
}

/// What is declared.
#[must_use]
pub fn declared(declaration: &Declaration) -> Vec<Expected> {
    let expected = declaration.services.iter().map(|(service, version)| Expected {
        service: service.clone(),
        thing: Thing { version: Some(version.clone()), commit: None },
        deployments: BTreeSet::new(),
        skipped: false,
    });
    expected.collect()
}

/// When a deployment landed last, by a time; none where it never did by then.
#[must_use]
pub fn landed_at(summary: &Summary, by: Timestamp) -> Option<LogKey> {
    let landings = entries(summary).1.into_iter().filter(|entry| entry.effect == Effect::Completed && entry.at <= by);
    landings.max().as_ref().map(LogKey::of)
}

/// What the deployments that name a release imply for an environment, as of a time: of each service what landed
/// last with the release, anywhere; where none did, what was deployed last. Removals bring nothing.
#[must_use]
pub fn implied<'s>(
    deployments: impl IntoIterator<Item = &'s Summary>,
    by: Timestamp,
    environment: &Environment,
    names: &Names,
    path: &Path,
) -> Vec<Expected> {
    let mut services: BTreeMap<Service, Implied> = BTreeMap::new();
    for summary in deployments {
        let service = names.services.resolve(&summary.service()).clone();
        if summary.created_at() > by || !brings(summary) {
            continue;
        }
        let at = names.environments.resolve(&summary.environment()).clone();
        let landed = landed_at(summary, by);
        let implied = services.entry(service).or_default();
        if landed.is_some() {
            implied.here |= at == *environment;
            implied.before |= path.leads(&at, environment);
        }
        let thing = Thing::of(summary);
        let rank = (landed, summary.created_at(), summary.deployment_id.clone());
        if implied.last.as_ref().is_none_or(|(last, _)| *last < rank) {
            implied.last = Some((rank, thing));
        }
        implied.deployments.insert(summary.deployment_id.clone());
    }
    let expected = services.into_iter().filter_map(|(service, Implied { last, deployments, here, before })| {
        let (_, thing) = last?;
        Some(Expected { service, thing, deployments, skipped: before && !here })
    });
    expected.collect()
}

/// What landed comes after what did not, and the later one after the earlier one.
type Rank = (Option<LogKey>, Timestamp, DeploymentId);

/// What the deployments of a service imply.
#[derive(Default)]
struct Implied {
    last: Option<(Rank, Thing)>,
    deployments: BTreeSet<DeploymentId>,
    here: bool,
    before: bool,
}
