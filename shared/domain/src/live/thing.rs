//! What lands in a place: a version of a service, built from a commit; and when two landings are of the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Region;
use crate::identifiers::{Commit, Version};
use crate::ledger::summary::Summary;
use crate::live::log::{Effect, Entry};
use crate::live::log_key::LogKey;

/// What lands, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// Its version.
    pub version: Option<Version>,
    /// Its commit.
    pub commit: Option<Commit>,
}

impl Thing {
    /// What a deployment brings.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        Self { version: summary.version(), commit: summary.commit() }
    }

    /// Whether anything is known of it. What is not known is the same as nothing else.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.version.is_some() || self.commit.is_some()
    }

    /// Whether both are the same: their commits, or, where one has none, their versions. A branch is a version
    /// too, and moves from commit to commit; a tag and a branch can be of one commit.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.commit, &other.commit) {
            (Some(commit), Some(other)) => commit == other,
            _ => self.version.is_some() && self.version == other.version,
        }
    }

    /// Whether both have a version, or both a commit. Without that nobody can say whether they are the same.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        let both_have_versions = self.version.is_some() && other.version.is_some();
        both_have_versions || (self.commit.is_some() && other.commit.is_some())
    }

    /// Where its landings are kept, among all [`Landings`] of a place.
    #[must_use]
    pub fn keys(&self) -> Vec<ThingKey> {
        let commit = self.commit.clone().map(ThingKey::Commit);
        commit.into_iter().chain(self.version.clone().map(ThingKey::Version)).collect()
    }
}

impl From<&Entry> for Thing {
    /// What a deployment brought that completed; what one was rolled back to that named it.
    fn from(entry: &Entry) -> Self {
        match entry.effect {
            Effect::RolledBack => Self { version: entry.rollback_to.clone(), commit: None },
            _ => Self { version: entry.version.clone(), commit: entry.commit.clone() },
        }
    }
}

/// By what landings are looked up: a commit that is known, else a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThingKey {
    /// Landings of this commit.
    Commit(Commit),
    /// Landings of this version.
    Version(Version),
}

/// The first landings of something in a place: for the whole environment, and in each region where it landed
/// before that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Firsts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<LogKey>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    regions: BTreeMap<Region, LogKey>,
}

impl Firsts {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.regions.is_empty()
    }

    fn add(&mut self, region: Option<&Region>, landing: LogKey) {
        if self.within(region).is_some_and(|first| *first <= landing) {
            return;
        }
        if let Some(region) = region {
            self.regions.insert(region.clone(), landing);
        } else {
            self.regions.retain(|_, first| *first < landing);
            self.whole = Some(landing);
        }
    }

    /// The first in a region; without one, the first for the whole environment.
    fn within(&self, region: Option<&Region>) -> Option<&LogKey> {
        let here = region.and_then(|region| self.regions.get(region));
        here.into_iter().chain(&self.whole).min()
    }

    fn anywhere(&self) -> Option<&LogKey> {
        self.regions.values().chain(&self.whole).min()
    }
}

/// When something landed in a place first, by one of its [keys](ThingKey).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Landings {
    /// Whatever else is known of it. A rollback to this version counts too: it can be the first that is
    /// heard of it.
    #[serde(default)]
    pub first: Firsts,
    /// Where no commit was named. Only of versions.
    #[serde(default, skip_serializing_if = "Firsts::is_empty")]
    pub without_commit: Firsts,
}

impl Landings {
    /// The landings of each thing in a log, by its keys.
    #[must_use]
    pub fn of_log<'e>(log: impl IntoIterator<Item = &'e Entry>) -> BTreeMap<ThingKey, Self> {
        let mut all: BTreeMap<ThingKey, Self> = BTreeMap::new();
        for entry in log.into_iter().filter(|entry| entry.lands()) {
            for key in Thing::from(entry).keys() {
                let landings = all.entry(key.clone()).or_default();
                landings.add(&key, entry);
            }
        }
        all
    }

    /// Adds a landing whose thing has this key; in whatever order they come.
    pub fn add(&mut self, key: &ThingKey, entry: &Entry) {
        let region = entry.region.as_ref();
        self.first.add(region, LogKey::of(entry));
        let bare = entry.effect == Effect::Completed && entry.commit.is_none();
        if bare && matches!(key, ThingKey::Version(_)) {
            self.without_commit.add(region, LogKey::of(entry));
        }
    }

    /// Whether they are needed: those of a version are where a landing named no commit, or where the first is
    /// a rollback. Else those of its commits say all.
    #[must_use]
    pub fn are_needed(&self, key: &ThingKey) -> bool {
        let Firsts { whole, regions } = &self.first;
        let mut firsts = whole.iter().chain(regions.values());
        match key {
            ThingKey::Commit(_) => !self.first.is_empty(),
            ThingKey::Version(_) => {
                !self.without_commit.is_empty() || firsts.any(|first| first.effect == Effect::RolledBack)
            }
        }
    }

    /// When a thing landed first in a region, or in the whole environment, given the landings by each of its
    /// keys.
    #[must_use]
    pub fn first<'l>(
        thing: &Thing,
        region: Option<&Region>,
        landings: impl Fn(&ThingKey) -> Option<&'l Self>,
    ) -> Option<&'l LogKey> {
        Self::first_of(thing, |firsts| firsts.within(region), landings)
    }

    /// When a thing landed first in any region, or in the whole environment.
    #[must_use]
    pub fn first_anywhere<'l>(thing: &Thing, landings: impl Fn(&ThingKey) -> Option<&'l Self>) -> Option<&'l LogKey> {
        Self::first_of(thing, Firsts::anywhere, landings)
    }

    fn first_of<'l>(
        thing: &Thing,
        of: impl Fn(&'l Firsts) -> Option<&'l LogKey>,
        landings: impl Fn(&ThingKey) -> Option<&'l Self>,
    ) -> Option<&'l LogKey> {
        let of_version = thing.version.clone().and_then(|version| landings(&ThingKey::Version(version)));
        let Some(commit) = &thing.commit else { return of(&of_version?.first) };
        let of_commit = landings(&ThingKey::Commit(commit.clone())).and_then(|landings| of(&landings.first));
        // Of those of its version, what may have been of this commit: who was the first to name the version, in
        // going back to it, and who named no commit.
        let of_version = of_version.into_iter().flat_map(|landings| {
            let first = of(&landings.first).filter(|first| first.effect == Effect::RolledBack);
            first.into_iter().chain(of(&landings.without_commit))
        });
        of_commit.into_iter().chain(of_version).min()
    }

    /// When a thing landed first in any part of a place, given the landings by each of its keys.
    #[must_use]
    pub fn first_of_all<'l>(thing: &Thing, landings: impl Fn(&ThingKey) -> Option<&'l Self>) -> Option<&'l LogKey> {
        let keys = thing.keys();
        let of_keys =
            keys.iter().filter_map(&landings).flat_map(|landings| [&landings.first, &landings.without_commit]);
        let regions: BTreeSet<&Region> = of_keys.flat_map(|firsts| firsts.regions.keys()).collect();
        let parts = regions.into_iter().map(Some).chain([None]);
        parts.filter_map(|region| Self::first(thing, region, &landings)).min()
    }
}
