//! The next cell of a place: how a change of its log changes what runs there, from as little of the log as
//! decides it. It comes to what [`Cell::of_log`] says of the log after the change.

use std::collections::{BTreeMap, BTreeSet};

use crate::Region;
use crate::ledger::commit::LogChange;
use crate::live::cell::{Cell, InRegion, Kept};
use crate::live::last_attempt::Attempt;
use crate::live::log::{Effect, Entry};
use crate::live::log_key::LogKey;
use crate::live::resolve::{Live, Resolved, resolve_both};
use crate::live::tail::Tail;
use crate::live::thing::{Landings, Thing, ThingKey};

mod landings;

/// What is known of a log once a change is made.
#[derive(Debug)]
pub enum Known {
    /// The newest entries that change what runs, newest first; and whether they are all such entries.
    Newest(Vec<Entry>, bool),
    /// All entries.
    All(Vec<Entry>),
}

/// What else must be read for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// The whole log.
    Log,
    /// What is kept under these keys.
    Landings(BTreeSet<ThingKey>),
}

/// The next cell, and the landings to be written with it: none where nothing is to be kept any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The cell.
    pub cell: Cell,
    /// The landings by their keys.
    pub landings: BTreeMap<ThingKey, Option<Landings>>,
}

/// The landings that were read, by their keys; none where nothing is kept.
pub type ReadLandings = BTreeMap<ThingKey, Option<Landings>>;

impl Known {
    /// This part of a log, read before a change, once the change is made. `read_to` is the oldest entry that
    /// was read; none where it was read to its end.
    #[must_use]
    pub fn newest(change: &LogChange, stored: Vec<Entry>, read_to: Option<&Entry>) -> Self {
        // Older than what was read there may be stored entries that are newer than an added one.
        let reached = change.added.keys().filter(|entry| read_to.is_none_or(|oldest| *entry >= oldest));
        let added = reached.filter(|entry| entry.effect.changes_live()).cloned();
        let mut landings: BTreeSet<Entry> = stored.into_iter().filter(|entry| !change.corrects(entry)).collect();
        landings.extend(added);
        Self::Newest(landings.into_iter().rev().collect(), read_to.is_none())
    }

    /// The log, read whole before a change, once the change is made.
    #[must_use]
    pub fn all(change: &LogChange, stored: impl IntoIterator<Item = Entry>) -> Self {
        let mut log: BTreeSet<Entry> = stored.into_iter().filter(|entry| !change.corrects(entry)).collect();
        log.extend(change.added.keys().cloned());
        Self::All(log.into_iter().rev().collect())
    }

    fn landings(&self) -> (Vec<Entry>, bool) {
        match self {
            Self::Newest(landings, whole) => (landings.clone(), *whole),
            Self::All(log) => (log.iter().filter(|entry| entry.effect.changes_live()).cloned().collect(), true),
        }
    }
}

/// A change on its way into a cell.
struct Changing<'c> {
    cell: &'c Cell,
    removed: Vec<&'c Entry>,
    added: Vec<&'c Entry>,
    /// The newest entries that change what runs, newest first, once the change is made.
    newest: Vec<Entry>,
    /// Whether these are all.
    whole: bool,
    read: &'c ReadLandings,
}

impl Cell {
    /// The cell after a change of the log, of which this is known, given landings that were read.
    ///
    /// # Errors
    /// What more is to be read.
    pub fn after(&self, change: &LogChange, known: &Known, read: &ReadLandings) -> Result<Next, Lacking> {
        let stored = change.superseded.iter().filter(|superseded| superseded.known_from.is_none());
        let (newest, whole) = known.landings();
        let changing = Changing {
            cell: self,
            removed: stored.map(|superseded| &superseded.entry).collect(),
            added: change.added.keys().collect(),
            newest,
            whole,
            read,
        };
        let landings = if self.kept.is_some() { changing.landings()? } else { BTreeMap::new() };
        let written = landings.iter().filter(|(_, landings)| landings.is_some()).map(|(key, _)| key);
        let kept = self.kept.map(|kept| kept.and(Kept::of(written)));
        let cell = match known {
            Known::All(log) => Self { kept, undone_kept: self.undone_kept, ..Self::of_log(log).0 },
            Known::Newest(..) => Self { kept, ..changing.cell(&landings)? },
        };
        Ok(Next { cell, landings })
    }
}

impl Changing<'_> {
    /// The cell after the change.
    fn cell(&self, landings: &BTreeMap<ThingKey, Option<Landings>>) -> Result<Cell, Lacking> {
        let mut cell = Cell { tail: Tail::of(&self.newest, self.whole), ..self.cell.clone() };
        self.attempts(&mut cell)?;
        cell.live = self.live(None, landings)?;
        for (region, of_region) in &mut cell.regions {
            of_region.live = self.live(Some(region), landings)?;
        }
        Ok(cell)
    }

    /// Which regions are named, and the newest attempt in each.
    fn attempts(&self, cell: &mut Cell) -> Result<(), Lacking> {
        let whole = self.last(None, self.cell.last())?;
        for entry in &self.added {
            let Some(region) = &entry.region else { continue };
            let key = LogKey::of(entry);
            let of_region = cell.regions.entry(region.clone()).or_insert_with(|| InRegion {
                named: key.clone(),
                live: self.cell.live.clone(),
                last: self.cell.last(),
            });
            of_region.named = key.min(of_region.named.clone());
        }
        for entry in &self.removed {
            let Some(region) = &entry.region else { continue };
            // Another may be the first now, or none.
            if cell.regions.get(region).is_none_or(|of_region| of_region.named == LogKey::of(entry))
                && !self.is_added(entry, |added| added.region == entry.region)
            {
                return Err(Lacking::Log);
            }
        }
        for (region, of_region) in &mut cell.regions {
            of_region.last = self.last(Some(region), of_region.last.take())?;
        }
        cell.last = whole;
        Ok(())
    }

    /// The newest attempt that speaks for a region.
    fn last(&self, region: Option<&Region>, stored: Option<Attempt>) -> Result<Option<Attempt>, Lacking> {
        let speaking = |entry: &&&Entry| entry.speaks_for(region);
        let added = self.added.iter().filter(speaking).filter_map(|entry| Attempt::of(entry)).max();
        let Some(stored) = stored else { return Ok(added) };
        let is_removed = self.removed.iter().filter(speaking).any(|entry| LogKey::of(entry) == stored.ending);
        match added {
            Some(added) if added.ending >= stored.ending => Ok(Some(added)),
            _ if is_removed => Err(Lacking::Log),
            _ => Ok(Some(stored)),
        }
    }

    /// Whether an entry that is added stands where this one stood.
    fn is_added(&self, removed: &Entry, also: impl Fn(&Entry) -> bool) -> bool {
        self.added.iter().any(|added| LogKey::of(added) == LogKey::of(removed) && also(added))
    }

    /// What runs in a region.
    fn live(&self, region: Option<&Region>, touched: &BTreeMap<ThingKey, Option<Landings>>) -> Result<Live, Lacking> {
        let stored = region.and_then(|region| self.cell.regions.get(region)).map(|of_region| &of_region.live);
        let stored = stored.unwrap_or(&self.cell.live);
        let changes = |entry: &&&Entry| entry.speaks_for(region) && entry.effect.changes_live();
        let is_removed = self.removed.iter().any(|entry| changes(&entry));
        let added: Vec<&Entry> = self.added.iter().filter(changes).copied().collect();
        if !is_removed && added.is_empty() {
            return Ok(stored.clone());
        }
        let speaking: Vec<&Entry> = self.newest.iter().filter(|entry| entry.speaks_for(region)).collect();
        let resolved = match resolve_both(&speaking, self.whole) {
            Ok(resolved) => resolved,
            Err(_) if is_removed => return Err(Lacking::Log),
            Err(_) => match appended(stored, &added, &speaking)? {
                Some(resolved) => resolved,
                None => return Ok(stored.clone()),
            },
        };
        if self.cell.kept.is_none() {
            return Ok(resolved.live);
        }
        let mut lacking = BTreeSet::new();
        let ran = resolved.replaced.iter().chain([&resolved.live]).filter(|_| resolved.landing.is_some());
        for thing in ran.filter(|live| self.first_of_stored(stored, live).is_none()).map(Thing::from) {
            let keys = thing.keys().into_iter().filter(|key| self.may_be_kept(key));
            lacking.extend(keys.filter(|key| !touched.contains_key(key) && !self.read.contains_key(key)));
        }
        if !lacking.is_empty() {
            return Err(Lacking::Landings(lacking));
        }
        let landings = |key: &ThingKey| touched.get(key).or_else(|| self.read.get(key)).and_then(Option::as_ref);
        Ok(resolved.judged_by(|live| {
            let stored = self.first_of_stored(stored, live);
            stored.or_else(|| Landings::first(&Thing::from(live), region, landings)).cloned()
        }))
    }

    /// When something landed first, where the stored answer is of the same and the change is not.
    fn first_of_stored<'s>(&self, stored: &'s Live, live: &Live) -> Option<&'s LogKey> {
        let thing = Thing::from(live);
        let first = stored.first.as_ref().filter(|_| Thing::from(stored) == thing)?;
        // Whatever landed in its version can count for it, and whatever landed of its commit.
        let keys = thing.keys();
        let mut changed = self.added.iter().chain(&self.removed).filter(|entry| entry.lands());
        let is_touched = changed.any(|entry| Thing::from(*entry).keys().iter().any(|key| keys.contains(key)));
        (!is_touched).then_some(first)
    }
}

/// What runs when these entries, all newer than all else that speaks, are added to what ran. None when that
/// stays as it is.
fn appended(stored: &Live, added: &[&Entry], speaking: &[&Entry]) -> Result<Option<Resolved>, Lacking> {
    let newest = speaking.get(..added.len()).unwrap_or_default();
    if !newest.iter().rev().eq(added) {
        return Err(Lacking::Log);
    }
    let mut now = None;
    for entry in added {
        let before: &Live = now.as_ref().map_or(stored, |resolved: &Resolved| &resolved.live);
        now = match entry.effect {
            Effect::Completed => {
                let mut resolved = resolve_both(&[entry], true).map_err(|_| Lacking::Log)?;
                resolved.replaced = Some(before.clone()).filter(Live::is_running);
                Some(resolved)
            }
            Effect::Removed => Some(Resolved::nothing(Live::emptied(entry.at))),
            Effect::TornDown if before.deployment_id.as_ref() == Some(&entry.deployment_id) => {
                Some(Resolved::nothing(Live::emptied(entry.at)))
            }
            Effect::TornDown => now,
            Effect::Cancelled | Effect::Failed | Effect::RolledBack => return Err(Lacking::Log),
        };
    }
    Ok(now)
}
