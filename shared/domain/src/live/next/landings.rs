//! Which landings are kept beside a cell, once its log has changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Changing, Lacking};
use crate::live::log::{Effect, Entry};
use crate::live::thing::{Landings, Thing, ThingKey};

impl Changing<'_> {
    /// The landings that the change touches.
    pub(super) fn landings(&self) -> Result<BTreeMap<ThingKey, Option<Landings>>, Lacking> {
        let mut touched = BTreeMap::new();
        for entry in self.removed.iter().filter(|entry| entry.lands()) {
            let stays = |added: &Entry| added.region == entry.region && Thing::from(added) == Thing::from(*entry);
            if self.is_added(entry, stays) {
                continue;
            }
            // What came first may be another now.
            for key in Thing::from(*entry).keys() {
                self.read(&key)?;
                touched.insert(key.clone(), self.counted(&key)?);
            }
        }
        for entry in self.added.iter().filter(|entry| entry.lands()) {
            for key in Thing::from(*entry).keys() {
                let landings = match touched.remove(&key) {
                    Some(landings) => landings,
                    None => self.read(&key)?.cloned(),
                };
                let landings = self.with_landing(&key, landings, entry)?;
                touched.insert(key, landings);
            }
        }
        // What need not be kept, is not.
        for (key, landings) in &mut touched {
            *landings = landings.take().filter(|landings| landings.are_needed(key));
        }
        touched.retain(|key, landings| landings.is_some() || self.is_kept(key));
        Ok(touched)
    }

    /// The landings of a key with one that is added.
    fn with_landing(
        &self,
        key: &ThingKey,
        landings: Option<Landings>,
        entry: &Entry,
    ) -> Result<Option<Landings>, Lacking> {
        let added = |mut landings: Landings| {
            landings.add(key, entry);
            Some(landings)
        };
        match (key, landings) {
            (_, Some(landings)) => Ok(added(landings)),
            // Those of its commit say all, as long as nothing landed in this version without one.
            (ThingKey::Version(_), None) if entry.effect == Effect::Completed && entry.commit.is_some() => Ok(None),
            (ThingKey::Version(_), None) if entry.effect == Effect::RolledBack && self.has_origin(entry) => Ok(None),
            // Where commits land too, landings of the version with one were not counted until now.
            (ThingKey::Version(_), None) if self.is_of_commits() => self.counted(key),
            (ThingKey::Commit(_) | ThingKey::Version(_), None) => Ok(added(Landings::default())),
        }
    }

    /// Whether a landing in this place named a commit.
    fn is_of_commits(&self) -> bool {
        let mut added = self.added.iter().filter(|entry| entry.effect == Effect::Completed);
        self.cell.kept.unwrap_or_default().commits || added.any(|entry| entry.commit.is_some())
    }

    /// Whether an older entry brought the version that this one went back to.
    fn has_origin(&self, entry: &Entry) -> bool {
        self.newest.iter().any(|older| {
            older < entry
                && older.effect == Effect::Completed
                && older.version == entry.rollback_to
                && older.speaks_for(entry.region.as_ref())
        })
    }

    /// The landings of a key, counted in the log.
    fn counted(&self, key: &ThingKey) -> Result<Option<Landings>, Lacking> {
        if !self.whole {
            return Err(Lacking::Log);
        }
        Ok(Landings::of_log(&self.newest).remove(key))
    }

    /// The landings that were kept under a key.
    fn read(&self, key: &ThingKey) -> Result<Option<&Landings>, Lacking> {
        match self.read.get(key) {
            Some(landings) => Ok(landings.as_ref()),
            None if self.may_be_kept(key) => Err(Lacking::Landings(BTreeSet::from([key.clone()]))),
            None => Ok(None),
        }
    }

    fn is_kept(&self, key: &ThingKey) -> bool {
        self.read.get(key).is_some_and(Option::is_some)
    }

    /// Whether anything of this kind is kept in this place.
    pub(super) fn may_be_kept(&self, key: &ThingKey) -> bool {
        self.cell.kept.is_some_and(|kept| kept.has(key))
    }
}
