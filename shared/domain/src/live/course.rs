//! What became of a thing in a place: when it landed there, and when it was undone.
//!
//! When it landed, and what was put in its place, is read from the log, from the first landing of the thing on. That
//! a deployment of it was rolled back, or failed, is [kept on its own](super::undone), whether or not it ever landed.

use std::collections::btree_map::Entry::{Occupied, Vacant};
use std::collections::{BTreeMap, BTreeSet};

use crate::Region;
use crate::live::change::Change;
use crate::live::log::{Effect, Entry};
use crate::live::log_key::LogKey;
use crate::live::resolve::{ReadFurther, Resolved, resolve, resolve_both};
use crate::live::thing::{Landings, Thing, ThingKey};
use crate::live::undone::{Undoing, Undone, brought, how, undoings};

/// What became of a thing in a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// Where its landings stand in the log.
    pub landed: BTreeSet<LogKey>,
    /// Where it was undone, and how.
    pub undone: BTreeMap<LogKey, Undoing>,
    /// Which of these are about a region, and about which.
    pub regions: BTreeMap<LogKey, Region>,
    /// As what it was deployed: the version and the commit that each deployment named.
    pub builds: BTreeSet<Thing>,
}

/// A part of a log, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Read<'e> {
    /// The newest entries that [change what runs](Effect::changes_live), newest first.
    pub newest_first: &'e [&'e Entry],
    /// Whether these are all.
    pub whole: bool,
    /// From where on each region is named.
    pub named: &'e BTreeMap<Region, LogKey>,
}

/// A course, as far as the log says it: what took the place of the thing is to be judged by what is kept of both.
#[derive(Debug)]
pub struct Traced {
    course: Course,
    replacing: Vec<(Option<Region>, Resolved)>,
}

impl Course {
    /// The landing since which it stands there: the first since it was last undone. None while it is undone in any
    /// region: what was undone in one is put right by a landing there, or in the whole environment, and by no other.
    #[must_use]
    pub fn stands_since(&self) -> Option<&LogKey> {
        let mut since = self.landed.first()?;
        for undone in self.undone.keys() {
            let region = self.regions.get(undone);
            let again = self.landed.iter().find(|landing| {
                let landed_in = self.regions.get(landing);
                *landing > undone && (landed_in.is_none() || landed_in == region)
            });
            since = since.max(again?);
        }
        Some(since)
    }

    /// This and what became of it elsewhere.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.landed.extend(other.landed);
        for (entry, undoing) in other.undone {
            self.undo(entry, undoing);
        }
        self.regions.extend(other.regions);
        self.builds.extend(other.builds);
        self
    }

    /// Adds that it was undone; that a deployment of it was, stands above that it was replaced.
    fn undo(&mut self, entry: LogKey, undoing: Undoing) {
        match self.undone.entry(entry) {
            Occupied(mut known) => {
                let known = known.get_mut();
                known.how = known.how.min(undoing.how);
                known.things.extend(undoing.things);
            }
            Vacant(unknown) => {
                unknown.insert(undoing);
            }
        }
    }

    /// What [`undoings`] in a place say of a thing.
    #[must_use]
    pub fn undone_by<'e>(thing: &Thing, undoings: impl IntoIterator<Item = &'e Entry>) -> Self {
        let of_it: Vec<&Entry> = undoings.into_iter().filter(|entry| brought(entry).is_same(thing)).collect();
        let undoing = |entry: &Entry| Undoing { how: how(entry), things: [brought(entry)].into() };
        let undone = of_it.iter().map(|entry| (LogKey::of(entry), undoing(entry))).collect();
        let builds = of_it.iter().map(|entry| brought(entry)).collect();
        Self { undone, regions: regions(&of_it), builds, ..Self::default() }
    }

    /// What a whole log says.
    #[must_use]
    pub fn of_log(thing: &Thing, log: &[Entry]) -> Self {
        let undone = Self::undone_by(thing, undoings(log));
        let changing = log.iter().filter(|entry| entry.effect.changes_live());
        let mut newest_first: Vec<&Entry> = changing.collect();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        let landings = Landings::of_log(log);
        let Some(first) = Landings::first_of_all(thing, |key| landings.get(key)) else { return undone };
        let mut named: BTreeMap<Region, LogKey> = BTreeMap::new();
        for entry in log {
            let Some(region) = &entry.region else { continue };
            let key = LogKey::of(entry);
            let first = named.entry(region.clone()).or_insert_with(|| key.clone());
            *first = key.min(first.clone());
        }
        let read = Read { newest_first: &newest_first, whole: true, named: &named };
        // Of a whole log nothing is lacking.
        let traced = Self::trace(thing, first, read).map(|traced| traced.judged(|key| landings.get(key)));
        traced.unwrap_or_default().and(undone)
    }

    /// When a thing landed since its first landing, and what was put in its place.
    ///
    /// # Errors
    /// [`ReadFurther`] when what ran can't be said without older entries.
    pub fn trace(thing: &Thing, first: &LogKey, read: Read<'_>) -> Result<Traced, ReadFurther> {
        let since = |entry: &&&Entry| LogKey::of(entry) >= *first;
        let here: Vec<&Entry> = read.newest_first.iter().take_while(since).copied().collect();
        let completed = here.iter().filter(|entry| entry.effect == Effect::Completed).map(|entry| brought(entry));
        let builds = completed.filter(|build| build.is_same(thing)).collect();
        let course = Self { regions: regions(&here), builds, ..Self::default() };
        let mut traced = Traced { course, replacing: Vec::new() };
        let parts = read.named.keys().map(Some).chain([None]);
        for part in parts {
            let speaking = read.newest_first.iter().filter(|entry| entry.speaks_for(part));
            let speaking: Vec<&Entry> = speaking.copied().collect();
            for (at, entry) in speaking.iter().enumerate().take_while(|(_, entry)| LogKey::of(entry) >= *first) {
                if matches!(entry.effect, Effect::Completed | Effect::RolledBack) && is_about(entry, part, read.named) {
                    traced.landing(thing, part, &speaking[at..], read.whole)?;
                }
            }
        }
        Ok(traced)
    }
}

/// Which of these entries are about a region, and about which.
fn regions(entries: &[&Entry]) -> BTreeMap<LogKey, Region> {
    entries.iter().filter_map(|entry| Some((LogKey::of(entry), entry.region.clone()?))).collect()
}

/// Whether what ran in a part of a place is what an entry changed: one that is about the whole environment did so
/// in each region that was named by then, or, where none was, in all of it.
fn is_about(entry: &Entry, part: Option<&Region>, named: &BTreeMap<Region, LogKey>) -> bool {
    let at = LogKey::of(entry);
    match (&entry.region, part) {
        (Some(region), Some(part)) => region == part,
        (Some(_), None) => false,
        (None, Some(part)) => named.get(part).is_some_and(|named| *named <= at),
        (None, None) => named.values().all(|named| *named > at),
    }
}

impl Traced {
    /// What the newest of these entries, newest first, changed.
    fn landing(
        &mut self,
        thing: &Thing,
        part: Option<&Region>,
        newest_first: &[&Entry],
        whole: bool,
    ) -> Result<(), ReadFurther> {
        let live = near(newest_first, whole, resolve)?;
        if !live.is_running() {
            return Ok(());
        }
        if Thing::from(&live).is_same(thing) {
            self.course.landed.extend(newest_first.first().map(|entry| LogKey::of(entry)));
            return Ok(());
        }
        let resolved = near(newest_first, whole, resolve_both)?;
        if resolved.replaced.as_ref().is_some_and(|replaced| Thing::from(replaced).is_same(thing)) {
            self.replacing.push((part.cloned(), resolved));
        }
        Ok(())
    }

    /// By what is kept of what took the place of the thing, and of the thing.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<ThingKey> {
        self.replacing.iter().flat_map(|(_, resolved)| resolved.keys()).collect()
    }

    /// The course, given the landings that are kept by each key.
    #[must_use]
    pub fn judged<'l>(self, landings: impl Fn(&ThingKey) -> Option<&'l Landings>) -> Course {
        let Self { mut course, replacing } = self;
        for (part, resolved) in replacing {
            let Some(landing) = resolved.landing.clone() else { continue };
            let Some(replaced) = resolved.replaced.as_ref().map(Thing::from) else { continue };
            if resolved.judged(part.as_ref(), &landings).change == Some(Change::Rollback) {
                course.undo(landing, Undoing { how: Undone::ReplacedByRollback, things: [replaced].into() });
            }
        }
        course
    }
}

/// How many entries mostly say what ran.
const NEAR: usize = 50;

/// Resolves a log by its newest entries, where these say it.
fn near<T>(
    newest_first: &[&Entry],
    whole: bool,
    resolve: impl Fn(&[&Entry], bool) -> Result<T, ReadFurther>,
) -> Result<T, ReadFurther> {
    match newest_first.get(..NEAR) {
        Some(near) => resolve(near, false).or_else(|_| resolve(newest_first, whole)),
        None => resolve(newest_first, whole),
    }
}
