//! A place whose log changes, as a store keeps it.

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::ledger::commit::{LogChange, Superseded};
use crate::live::cell::Cell;
use crate::live::log_key::LogKey;
use crate::live::next::{Known, Lacking, ReadLandings};
use crate::live::thing::{Landings, ThingKey};
use crate::live::{Entry, Tail};

pub(super) struct Place {
    pub(super) log: BTreeSet<Entry>,
    pub(super) cell: Cell,
    pub(super) landings: BTreeMap<ThingKey, Landings>,
    /// How often the whole log had to be read.
    pub(super) reads: usize,
}

impl Place {
    pub(super) fn empty() -> Self {
        Self { log: BTreeSet::new(), cell: Cell::empty(), landings: BTreeMap::new(), reads: 0 }
    }

    pub(super) fn of(log: impl IntoIterator<Item = Entry>) -> Self {
        let mut place = Self::empty();
        for entry in log {
            place.change([], [entry]);
        }
        place
    }

    /// Takes entries out of the log, and others in.
    pub(super) fn change<'e>(
        &mut self,
        removed: impl IntoIterator<Item = &'e Entry>,
        added: impl IntoIterator<Item = Entry>,
    ) {
        let known_until = Timestamp::from_millis(0);
        let superseded = removed.into_iter().filter(|entry| self.log.contains(entry)).map(|entry| Superseded {
            entry: entry.clone(),
            known_from: None,
            known_until,
            by_sequence: 1,
        });
        let superseded: Vec<Superseded> = superseded.collect();
        // A log has one entry for each time and effect of a deployment.
        let corrected: Vec<LogKey> = superseded.iter().map(|superseded| LogKey::of(&superseded.entry)).collect();
        let mut keys: BTreeSet<LogKey> =
            self.log.iter().map(LogKey::of).filter(|key| !corrected.contains(key)).collect();
        let added = added.into_iter().filter(|entry| keys.insert(LogKey::of(entry)));
        let added = added.map(|entry| (entry, known_until)).collect();
        let change = LogChange { added, superseded, ..LogChange::default() };
        let landings = self.log.iter().rev().filter(|entry| entry.effect.changes_live());
        let mut known = if change.corrects_stored() {
            // A page of the log that is just enough.
            let gone = landings.clone().filter(|entry| change.corrects(entry)).count();
            let page: Vec<Entry> = landings.clone().take(Tail::MOST + gone + 1).cloned().collect();
            let read_to = page.last().filter(|_| page.len() < landings.count()).cloned();
            Known::newest(&change, page, read_to.as_ref())
        } else {
            let tail = &self.cell.tail;
            Known::newest(&change, tail.landings.clone(), tail.landings.last().filter(|_| tail.cut))
        };
        let mut read = ReadLandings::new();
        let next = loop {
            match self.cell.after(&change, &known, &read) {
                Ok(next) => break next,
                Err(Lacking::Log) => {
                    assert!(!matches!(known, Known::All(_)), "the whole log is enough");
                    self.reads += 1;
                    known = Known::all(&change, self.log.iter().cloned());
                }
                Err(Lacking::Landings(keys)) => {
                    assert!(keys.iter().all(|key| !read.contains_key(key)), "what was read is not asked for again");
                    read.extend(keys.into_iter().map(|key| (key.clone(), self.landings.get(&key).cloned())));
                }
            }
        };
        self.cell = next.cell;
        for (key, landings) in next.landings {
            match landings {
                Some(landings) => self.landings.insert(key, landings),
                None => self.landings.remove(&key),
            };
        }
        self.log.retain(|entry| !change.corrects(entry));
        self.log.extend(change.added.into_keys());
    }

    /// Compares what is kept with what the log says.
    pub(super) fn expect_is_its_log(&self) {
        let log: Vec<Entry> = self.log.iter().cloned().collect();
        let (mut cell, needed) = Cell::of_log(&log);
        // That something was kept once is not forgotten.
        let kept = cell.kept.unwrap().and(self.cell.kept.unwrap());
        cell.kept = Some(kept);
        assert_eq!(serde_json::to_string(&self.cell).unwrap(), serde_json::to_string(&cell).unwrap());
        assert_eq!(self.cell, cell);
        assert_eq!(self.landings, needed);
    }
}
