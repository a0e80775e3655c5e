//! What recording some events of one deployment changes, as one transaction: decided here, without
//! reading or writing anything, and carried out by the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::catalog::{self, CatalogEntry};
use crate::ledger::changed::{ChangedFigures, changed};
use crate::ledger::observed::Observed;
use crate::ledger::received::Received;
use crate::ledger::recording::{NotRecorded, Record, State, record};
use crate::ledger::summary::Summary;
use crate::listings::{self, ListingChange};
use crate::live::log::{self, Entry, Place};
use crate::live::log_key::LogKey;
use crate::live::thing::{Thing, ThingKey};
use crate::live::timing::Timing;
use crate::live::undone::undoings;

/// All that one transaction writes for a deployment.
#[derive(Debug)]
pub struct Commit {
    /// The new records, in sequence order.
    pub records: Vec<Record>,
    /// The deployment's state after them.
    pub state: State,
    /// What changes in the live log, place by place.
    pub live: BTreeMap<Place, LogChange>,
    /// Entries that hold as before, and of which it is known better how long they took.
    pub retimed: Vec<Retimed>,
    /// What the deployment shows to exist that it did not show before.
    pub catalog: BTreeSet<CatalogEntry>,
    /// In which lists the deployment stands now, and in which no longer.
    pub listings: ListingChange,
    /// What the records say was observed.
    pub observed: Vec<Observed>,
    /// Since when figures of days that are over are others by it.
    pub changed: Vec<ChangedFigures>,
}

impl Commit {
    /// How many writes it takes at most: the records, the summary, the catalog, the lists, what was observed, whose
    /// figures are others; and what each place's [change](LogChange::writes_at_most) takes.
    #[must_use]
    pub fn writes_at_most(&self) -> usize {
        let live: usize = self.live.values().map(LogChange::writes_at_most).sum();
        let notes = self.observed.len() + self.changed.len();
        self.records.len() + 1 + self.retimed.len() + self.catalog.len() + self.listings.writes() + notes + live
    }
}

/// What changes in one place's log.
#[derive(Debug, Default, PartialEq)]
pub struct LogChange {
    /// Entries that hold from now on, each with the time from which it is known.
    pub added: BTreeMap<Entry, Timestamp>,
    /// Entries that no longer hold, because what was learned later corrects them. They stay in the
    /// log for the question what was known when.
    pub superseded: Vec<Superseded>,
    /// Entries that [undo](undoings) what their deployment brought, and did not before.
    pub undone: BTreeSet<Entry>,
    /// Entries that no longer do, or no longer hold.
    pub not_undone: BTreeSet<Entry>,
    /// How long those of the added ones took that are landings.
    pub timings: BTreeMap<LogKey, Timing>,
}

/// An entry of which it is known better how long it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retimed {
    /// The place in whose log it stands.
    pub place: Place,
    /// Where it stands there.
    pub key: LogKey,
    /// How long it took; none where that is not known any more.
    pub timing: Option<Timing>,
}

/// A log entry that was corrected.
#[derive(Debug, Clone, PartialEq)]
pub struct Superseded {
    /// The entry.
    pub entry: Entry,
    /// From when it was known; absent when it was stored by an earlier transaction.
    pub known_from: Option<Timestamp>,
    /// Until when it was believed.
    pub known_until: Timestamp,
    /// The record that corrected it.
    pub by_sequence: u64,
}

/// Decides what recording `received` after `state` changes; `now` is the time of recording.
///
/// # Errors
/// Which of them can't be recorded, by its place among them, and why: the first such one.
pub fn commit(
    state: Option<&State>,
    received: Vec<Received>,
    now: Timestamp,
) -> Result<Option<Commit>, (usize, NotRecorded)> {
    let mut current = state.cloned();
    let mut records = Vec::new();
    let mut live: BTreeMap<Place, LogChange> = BTreeMap::new();
    for (index, received) in received.into_iter().enumerate() {
        let (made, after) = record(current.as_ref(), received, now).map_err(|why| (index, why))?;
        for (place, change) in log_changes(current.as_ref(), &after, &made) {
            live.entry(place).or_default().add(change);
        }
        records.push(made);
        current = Some(after);
    }
    let Some(after) = current.filter(|_| !records.is_empty()) else { return Ok(None) };
    let before = state.map(|state| &state.summary);
    let retimed = time(before, &after.summary, &mut live);
    let catalog = catalog::changes(before, &after.summary);
    let listings = listings::changes(before, &after.summary);
    let observed: Vec<Observed> = records.iter().filter_map(Observed::of).collect();
    let in_logs = live.iter().flat_map(|(place, change)| change.times().map(move |at| (&place.environment, at)));
    let changed = changed((before, &after.summary), in_logs, (&records, &observed), now);
    Ok(Some(Commit { records, state: after, live, retimed, catalog, listings, observed, changed }))
}

/// Says of the entries that are added how long they took, and of which others that changed.
fn time(before: Option<&Summary>, after: &Summary, live: &mut BTreeMap<Place, LogChange>) -> Vec<Retimed> {
    let mut timings = Timing::of(after);
    for change in live.values_mut() {
        let added = change.added.keys().map(LogKey::of);
        change.timings = added.filter_map(|key| Some((key.clone(), timings.remove(&key)?))).collect();
    }
    let Some(before) = before else { return Vec::new() };
    // What was corrected has gone from there, or was added again.
    let place = log::entries(after).0;
    let is_gone = |key: &LogKey| {
        live.get(&place).is_some_and(|change| {
            let mut gone = change.superseded.iter().map(|superseded| &superseded.entry).chain(change.added.keys());
            gone.any(|entry| LogKey::of(entry) == *key)
        })
    };
    let mut old = Timing::of(before);
    if log::entries(before).0 != place {
        return Vec::new();
    }
    let mut retimed = Vec::new();
    for (key, timing) in timings {
        let known = old.remove(&key);
        if known.as_ref() != Some(&timing) && !is_gone(&key) {
            retimed.push(Retimed { place: place.clone(), key, timing: Some(timing) });
        }
    }
    let lost = old.into_keys().filter(|key| !is_gone(key));
    retimed.extend(lost.map(|key| Retimed { place: place.clone(), key, timing: None }));
    retimed
}

impl LogChange {
    /// How many writes it takes at most: the cell; for each entry that holds one, and for each that was
    /// corrected its new copy and the removal of the old one; and what is kept of each thing that landed, or was
    /// undone, by its commit and by its version.
    #[must_use]
    pub fn writes_at_most(&self) -> usize {
        let entries = self.added.keys().chain(self.superseded.iter().map(|superseded| &superseded.entry));
        let keys: BTreeSet<ThingKey> =
            entries.filter(|entry| entry.lands()).flat_map(|entry| Thing::from(entry).keys()).collect();
        // By two keys at most.
        let undone = 2 * (self.undone.len() + self.not_undone.len());
        1 + self.added.len() + 2 * self.superseded.len() + keys.len() + undone
    }

    /// Whether it corrects entries that are stored already. Then an older entry can move up into the newest
    /// part of the log, so it is read.
    #[must_use]
    pub fn corrects_stored(&self) -> bool {
        self.superseded.iter().any(|superseded| superseded.known_from.is_none())
    }

    /// Whether it corrects this stored entry.
    #[must_use]
    pub fn corrects(&self, stored: &Entry) -> bool {
        self.superseded.iter().any(|superseded| superseded.known_from.is_none() && superseded.entry == *stored)
    }

    /// The times of all entries that it adds or corrects.
    fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.added.keys().chain(self.superseded.iter().map(|superseded| &superseded.entry)).map(|entry| entry.at)
    }

    /// Adds the change of a later record: what it corrects may have been added by this one.
    fn add(&mut self, later: Self) {
        for superseded in later.superseded {
            let known_from = self.added.remove(&superseded.entry).or(superseded.known_from);
            self.superseded.push(Superseded { known_from, ..superseded });
        }
        self.added.extend(later.added);
        let no_longer = later.not_undone.into_iter().filter(|entry| !self.undone.remove(entry));
        self.not_undone.extend(no_longer.collect::<Vec<_>>());
        let undone = later.undone.into_iter().filter(|entry| !self.not_undone.remove(entry));
        self.undone.extend(undone.collect::<Vec<_>>());
    }
}

/// How the logs differ between two states of a deployment, before and after this record, place by place.
#[must_use]
pub fn log_changes(before: Option<&State>, after: &State, made: &Record) -> BTreeMap<Place, LogChange> {
    let mut changes: BTreeMap<Place, LogChange> = BTreeMap::new();
    let (place, entries) = log::entries(&after.summary);
    let (old_place, old_entries) =
        before.map_or_else(|| (place.clone(), BTreeSet::new()), |before| log::entries(&before.summary));
    let moved = old_place != place;
    for entry in &old_entries {
        if moved || !entries.contains(entry) {
            changes.entry(old_place.clone()).or_default().superseded.push(Superseded {
                entry: entry.clone(),
                known_from: None,
                known_until: made.recorded_at,
                by_sequence: made.sequence,
            });
        }
    }
    let (undone, old_undone) = (undoings(&entries), undoings(&old_entries));
    for entry in old_undone.iter().filter(|entry| moved || !undone.contains(*entry)) {
        changes.entry(old_place.clone()).or_default().not_undone.insert((*entry).clone());
    }
    for entry in undone.iter().filter(|entry| moved || !old_undone.contains(*entry)) {
        changes.entry(place.clone()).or_default().undone.insert((*entry).clone());
    }
    for entry in &entries {
        if moved || !old_entries.contains(entry) {
            changes.entry(place.clone()).or_default().added.insert(entry.clone(), made.recorded_at);
        }
    }
    changes
}
