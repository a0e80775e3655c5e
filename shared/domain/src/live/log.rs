//! The log of a place: the endings of one service's deployments to one environment.
//!
//! It is a function of the deployments' summaries ([`entries`]), so it can't drift from history.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind};
use crate::identifiers::{Commit, DeploymentId, Environment, Region, Service, Version};
use crate::ledger::summary::Summary;
use crate::time::as_millis;
use crate::{Moment, Status, Subject, Timestamp};

/// What an ending did to its environment. In alphabetical order, which is also that of the log's
/// keys: entries of one deployment at one millisecond follow each other so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Effect {
    /// Nothing: stopped before its end.
    Cancelled,
    /// Put its version live.
    Completed,
    /// Nothing: failed.
    Failed,
    /// Left nothing running.
    Removed,
    /// Put an earlier version back.
    RolledBack,
    /// Took away what the deployment brought, where that was still live.
    TornDown,
}

impl Effect {
    /// As it stands in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Removed => "REMOVED",
            Self::RolledBack => "ROLLED_BACK",
            Self::TornDown => "TORN_DOWN",
        }
    }

    /// Whether it is how an attempt ended.
    #[must_use]
    pub fn is_attempt(self) -> bool {
        self != Self::TornDown
    }

    /// Whether what runs can be different afterwards.
    #[must_use]
    pub fn changes_live(self) -> bool {
        matches!(self, Self::Completed | Self::Removed | Self::RolledBack | Self::TornDown)
    }

    /// The status that an ending of this effect left.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Cancelled => Status::Cancelled,
            Self::Completed | Self::Removed | Self::TornDown => Status::Completed,
            Self::Failed => Status::Failed,
            Self::RolledBack => Status::RolledBack,
        }
    }
}

/// The place that a version can be live in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where.
    pub environment: Environment,
    /// What.
    pub service: Service,
}

impl Place {
    /// Whether both its environment and its service are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.environment != Environment::unknown() && self.service != Service::unknown()
    }
}

/// One ending in the log of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When it happened.
    #[serde(with = "as_millis")]
    pub at: Timestamp,
    /// Whether that is the time of its receipt, because the sender's clock was ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
    /// The deployment that ended.
    pub deployment_id: DeploymentId,
    /// What the ending did.
    pub effect: Effect,
    /// The region that it is about; none where it is about the whole environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The deployment's version, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The deployment's commit, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The version that it went back to, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<Version>,
}

impl Entry {
    /// When it happened, among all else.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { at: self.at, ahead: self.ahead }
    }

    /// Whether it is the retirement of the whole environment.
    #[must_use]
    pub fn is_retirement(&self) -> bool {
        self.deployment_id.subject() == Subject::Environment
    }

    /// Whether it can put something live that did not run before: it completed, or went back to what it names.
    #[must_use]
    pub fn lands(&self) -> bool {
        match self.effect {
            Effect::Completed => true,
            Effect::RolledBack => self.rollback_to.is_some(),
            Effect::Cancelled | Effect::Failed | Effect::Removed | Effect::TornDown => false,
        }
    }

    /// Whether it says what runs in a region, or, without one, in an environment that no region is named of:
    /// it is about that region, or about the whole environment.
    #[must_use]
    pub fn speaks_for(&self, region: Option<&Region>) -> bool {
        self.region.is_none() || self.region.as_ref() == region
    }
}

/// By time first. What else an entry says keeps the order total.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.moment()
            .cmp(&other.moment())
            .then_with(|| self.deployment_id.cmp(&other.deployment_id))
            .then_with(|| self.effect.cmp(&other.effect))
            .then_with(|| self.region.cmp(&other.region))
            .then_with(|| self.version.cmp(&other.version))
            .then_with(|| self.commit.cmp(&other.commit))
            .then_with(|| self.rollback_to.cmp(&other.rollback_to))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether an event can add an entry to the log of its place: whether it ends a deployment.
#[must_use]
pub fn adds_entry(event: &Event) -> bool {
    match event.kind {
        Kind::Deployment | Kind::Removal | Kind::Teardown => event.status.is_terminal(),
        Kind::Stage | Kind::Note | Kind::Retirement | Kind::Verdict | Kind::Observation | Kind::Incident => false,
    }
}

/// What the retirements of an environment are in the log of each of its places: removals. They stand in none,
/// as they are of all.
pub fn removals<'m>(environment: &Environment, retirements: &'m [Moment]) -> impl Iterator<Item = Entry> + use<'m> {
    let deployment_id = DeploymentId::of_environment(environment);
    retirements.iter().map(move |Moment { at, ahead }| Entry {
        at: *at,
        ahead: *ahead,
        deployment_id: deployment_id.clone(),
        effect: Effect::Removed,
        region: None,
        version: None,
        commit: None,
        rollback_to: None,
    })
}

/// The landing that made a deployment what its status says: completed, or rolled back.
#[must_use]
pub fn landing(summary: &Summary) -> Option<(Place, Entry)> {
    let effect = match summary.status() {
        Status::Completed => Effect::Completed,
        Status::RolledBack => Effect::RolledBack,
        _ => return None,
    };
    let deciding = summary.endings.iter().max_by_key(|ending| &ending.order)?;
    // A removal that completed is none, even if an earlier attempt completed a deployment in the same millisecond.
    if deciding.removal && effect == Effect::Completed {
        return None;
    }
    let (place, entries) = entries(summary);
    let deciding = deciding.order.moment();
    let landing = entries.into_iter().find(|entry| entry.effect == effect && entry.moment() == deciding);
    landing.map(|entry| (place, entry))
}

/// The place of a deployment and its entries there. The end of an incident puts nothing live. A
/// retirement is of all places of its environment, and stands in none of their logs.
#[must_use]
pub fn entries(summary: &Summary) -> (Place, BTreeSet<Entry>) {
    let place = Place { environment: summary.environment(), service: summary.service() };
    match summary.deployment_id.subject() {
        Subject::Deployment => {}
        Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => {
            return (place, BTreeSet::new());
        }
    }
    // Of what has no place yet, no part is meant.
    let region = summary.region().filter(|_| place.is_known());
    let (version, commit) = (summary.version(), summary.commit());
    // Of several endings at one millisecond with one effect the greatest counts; they come in order.
    let mut at_most_one = BTreeMap::new();
    for ending in &summary.endings {
        let effect = match (ending.order.status(), ending.removal) {
            (Status::Completed, false) => Effect::Completed,
            (Status::Completed, true) => Effect::Removed,
            (Status::RolledBack, _) => Effect::RolledBack,
            (Status::Failed, _) => Effect::Failed,
            _ => Effect::Cancelled,
        };
        let entry = Entry {
            at: ending.order.occurred_at(),
            ahead: ending.order.moment().ahead,
            deployment_id: summary.deployment_id.clone(),
            effect,
            region: region.clone(),
            version: version.clone(),
            commit: commit.clone(),
            rollback_to: ending.rollback_to.clone(),
        };
        at_most_one.insert((entry.moment(), effect), entry);
    }
    for order in &summary.teardowns {
        let (Moment { at, ahead }, effect) = (order.moment(), Effect::TornDown);
        let (deployment_id, region) = (summary.deployment_id.clone(), region.clone());
        let (version, commit) = (version.clone(), commit.clone());
        at_most_one.insert(
            (order.moment(), effect),
            Entry { at, ahead, deployment_id, effect, region, version, commit, rollback_to: None },
        );
    }
    (place, at_most_one.into_values().collect())
}
