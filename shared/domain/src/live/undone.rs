//! What undid a thing: a deployment of it that was rolled back, or that failed after it had completed.
//!
//! The endings of one deployment say it, so each is kept on its own, whatever else the log of the place holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::identifiers::{Commit, DeploymentId, Version};
use crate::live::log::{Effect, Entry};
use crate::live::thing::Thing;

/// How a thing was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undone {
    /// A deployment of it was rolled back.
    RolledBack,
    /// A deployment of it failed after it had completed.
    FailedAfterCompleting,
    /// What had landed earlier was put in its place.
    ReplacedByRollback,
}

/// That something was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// How.
    pub how: Undone,
    /// What: it can be another build in each region.
    pub things: BTreeSet<Thing>,
}

/// By what it is looked up that something was undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndoneKey {
    /// Deployments of this commit.
    Commit(Commit),
    /// Deployments of this version that named no commit.
    Version(Version),
    /// Deployments of this version that named a commit too.
    VersionOfCommits(Version),
}

impl UndoneKey {
    /// Under which keys a deployment of this thing is found.
    #[must_use]
    pub fn of(Thing { version, commit }: &Thing) -> Vec<Self> {
        match (version.clone(), commit.clone()) {
            (version, Some(commit)) => {
                [Self::Commit(commit)].into_iter().chain(version.map(Self::VersionOfCommits)).collect()
            }
            (version, None) => version.map(Self::Version).into_iter().collect(),
        }
    }

    /// Under which keys that stands that is the [same](Thing::is_same) as this thing.
    #[must_use]
    pub fn same_as(Thing { version, commit }: &Thing) -> Vec<Self> {
        let without_commit = version.clone().map(Self::Version);
        let other = match commit {
            Some(commit) => Some(Self::Commit(commit.clone())),
            None => version.clone().map(Self::VersionOfCommits),
        };
        without_commit.into_iter().chain(other).collect()
    }
}

/// Those of these entries of a place that report that what their deployment brought was undone. The rollback of a
/// removal undoes that, and not what was removed.
#[must_use]
pub fn undoings<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> BTreeSet<&'e Entry> {
    let entries: BTreeSet<&Entry> = entries.into_iter().collect();
    let (mut undoings, mut before): (BTreeSet<&Entry>, BTreeMap<&DeploymentId, Effect>) = Default::default();
    for entry in entries {
        let ended = before.get(&entry.deployment_id).copied();
        match entry.effect {
            Effect::Completed | Effect::Removed => {
                before.insert(&entry.deployment_id, entry.effect);
            }
            Effect::RolledBack if ended != Some(Effect::Removed) => {
                undoings.insert(entry);
            }
            Effect::Failed if ended == Some(Effect::Completed) => {
                undoings.insert(entry);
            }
            Effect::Cancelled | Effect::Failed | Effect::RolledBack | Effect::TornDown => {}
        }
    }
    undoings
}

/// How an [undoing](undoings) undid what its deployment brought.
#[must_use]
pub fn how(undoing: &Entry) -> Undone {
    if undoing.effect == Effect::Failed { Undone::FailedAfterCompleting } else { Undone::RolledBack }
}

/// What the deployment of an entry brought.
#[must_use]
pub fn brought(entry: &Entry) -> Thing {
    Thing { version: entry.version.clone(), commit: entry.commit.clone() }
}
