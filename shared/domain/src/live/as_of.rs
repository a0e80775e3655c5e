//! A place's log as of a time, and as it was known at a time.
//!
//! An entry that is corrected later stays in the log: it was believed from one time until another. So
//! the log answers two questions at once: what ran then, and what was known of it then.

use std::collections::BTreeMap;

use crate::Timestamp;
use crate::ledger::commit::LogChange;
use crate::live::log::Entry;
use crate::live::log_key::LogKey;
use crate::live::timing::Timing;

/// An entry of a log, with the time in which it was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The entry.
    pub entry: Entry,
    /// From when it was known.
    pub known_from: Timestamp,
    /// Until when it was believed; none while it holds.
    pub known_until: Option<Timestamp>,
    /// How long it took, where it is a landing that holds and as far as that is known.
    pub timing: Option<Timing>,
}

impl LogEntry {
    /// Whether it holds; with a time, whether it held as far as was known then.
    #[must_use]
    pub fn holds(&self, known_at: Option<Timestamp>) -> bool {
        match known_at {
            None => self.known_until.is_none(),
            Some(at) => self.known_from <= at && self.known_until.is_none_or(|until| until > at),
        }
    }
}

/// The whole log of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log(pub BTreeMap<LogKey, LogEntry>);

impl Log {
    /// Says how long landings took, as recording keeps it: of what else holds nothing is said.
    pub fn time(&mut self, timings: &BTreeMap<LogKey, Timing>) {
        for (key, stored) in self.0.iter_mut().filter(|(_, stored)| stored.known_until.is_none()) {
            stored.timing = timings.get(key).cloned();
        }
    }

    /// Makes a change as recording writes it.
    pub fn apply(&mut self, change: &LogChange) {
        for write in change.writes(|key| self.0.get(key).map(|stored| stored.known_from)) {
            match write {
                EntryWrite::Put(key, entry) => {
                    self.0.insert(key, entry);
                }
                EntryWrite::Remove(key) => {
                    self.0.remove(&key);
                }
            }
        }
    }
}

/// A write to the log of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a few at once, most of which are the large one")]
pub enum EntryWrite {
    /// This entry stands here from now on, in place of whatever did.
    Put(LogKey, LogEntry),
    /// Nothing stands here any more.
    Remove(LogKey),
}

impl LogChange {
    /// Where the stored entries stand that it corrects. From when these were known, only the log says.
    pub fn corrected_keys(&self) -> impl Iterator<Item = LogKey> {
        let stored = self.superseded.iter().filter(|superseded| superseded.known_from.is_none());
        stored.map(|superseded| LogKey::of(&superseded.entry))
    }

    /// What it writes, each key once, given from when each of the [`corrected`](Self::corrected_keys)
    /// entries was known. One that is not there was known from no time before it was corrected.
    pub fn writes(&self, known_from: impl Fn(&LogKey) -> Option<Timestamp>) -> Vec<EntryWrite> {
        let mut writes = Vec::new();
        for superseded in &self.superseded {
            let key = LogKey::of(&superseded.entry);
            let known_until = superseded.known_until;
            let known_from = superseded.known_from.unwrap_or_else(|| known_from(&key).unwrap_or(known_until));
            let replaced = self.added.keys().any(|entry| LogKey::of(entry) == key);
            if superseded.known_from.is_none() && !replaced {
                writes.push(EntryWrite::Remove(key.clone()));
            }
            let corrected =
                LogEntry { entry: superseded.entry.clone(), known_from, known_until: Some(known_until), timing: None };
            writes.push(EntryWrite::Put(key.corrected(superseded.by_sequence), corrected));
        }
        for (entry, known_from) in &self.added {
            let key = LogKey::of(entry);
            let (timing, known_from) = (self.timings.get(&key).cloned(), *known_from);
            writes.push(EntryWrite::Put(key, LogEntry { entry: entry.clone(), known_from, known_until: None, timing }));
        }
        writes
    }
}
