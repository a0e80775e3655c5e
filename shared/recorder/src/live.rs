//! What a change of a place's log writes: the cell, which answers what runs there now, what is kept of the
//! things that landed, and log entries.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::commit::LogChange;
use domain::live::as_of::EntryWrite;
use domain::live::log::removals;
use domain::live::log_key::LogKey;
use domain::live::next::{Known, Lacking, Next, ReadLandings};
use domain::live::undone::{UndoneKey, brought};
use domain::live::{Cell, Entry, Place, Tail, ThingKey};
use domain::{Moment, Timestamp};
use store::items::cell::CellItem;
use store::items::landings::LandingsItem;
use store::items::log::LogItem;
use store::items::to_item;
use store::items::undone::UndoneItem;
use store::keys::{Key, landings_key, log_key, undone_key};
use store::reader::log::Series;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;

/// What is stored of a place's landings, as it was read.
pub(crate) type StoredLandings = BTreeMap<ThingKey, Option<LandingsItem>>;

/// The writes of a change in one place.
pub(crate) struct LiveWrites {
    /// The writes: first the cell, then the landings in order, then the log.
    pub(crate) writes: Transaction,
    /// Whose landings are written.
    pub(crate) landings: Vec<ThingKey>,
}

/// Whether a change writes this key of something undone anew: a transaction has one write for each key.
fn rewritten(change: &LogChange, key: &Key, place: &Place) -> bool {
    let keys = |entry: &Entry| {
        UndoneKey::of(&brought(entry))
            .into_iter()
            .map(|key| undone_key(place, &key, &LogKey::of(entry)))
            .collect::<Vec<_>>()
    };
    change.undone.iter().flat_map(keys).any(|written| written == *key)
}

impl<S: WriteItems> Recorder<S> {
    /// The writes of a change in one place, whose cell, and some of whose landings, were read to be these, and
    /// whose environment was retired at these times.
    pub(crate) async fn live_writes(
        &self,
        place: &Place,
        change: &LogChange,
        (cell, retirements): (Option<&CellItem>, &[Moment]),
        mut stored: StoredLandings,
    ) -> Result<LiveWrites, StoreError> {
        let removals: Vec<Entry> = removals(&place.environment, retirements).collect();
        let Next { cell: next, landings } = self.next(place, change, (cell, &removals), &mut stored).await?;
        let read = cell.map(|cell| cell.revision);
        let mut writes = Transaction::default();
        writes.put_next(Table::State, to_item(&CellItem::next(place, next, read))?, CellItem::GUARD, read);
        let mut written = Vec::new();
        for (key, landings) in landings {
            let read = stored.get(&key).and_then(Option::as_ref).map(|item| item.revision);
            match landings {
                Some(landings) => {
                    let item = to_item(&LandingsItem::next(place, &key, landings, read))?;
                    writes.put_next(Table::State, item, LandingsItem::GUARD, read);
                }
                None => writes.delete(Table::State, landings_key(place, &key)),
            }
            written.push(key);
        }
        for (entries, is_undone) in [(&change.not_undone, false), (&change.undone, true)] {
            for entry in entries {
                for key in UndoneKey::of(&brought(entry)) {
                    let key = undone_key(place, &key, &LogKey::of(entry));
                    if is_undone {
                        writes.put(Table::State, to_item(&UndoneItem::new(place, key, entry.clone()))?);
                    } else if !rewritten(change, &key, place) {
                        writes.delete(Table::State, key);
                    }
                }
            }
        }
        let mut known_from = BTreeMap::new();
        for key in change.corrected_keys() {
            let stored: Option<LogItem> = self.reader.get(Table::State, &log_key(place, &key)).await?;
            known_from.extend(stored.map(|item| (key, item.into_entry().1.known_from)));
        }
        for write in change.writes(|key| known_from.get(key).copied()) {
            match write {
                EntryWrite::Put(key, entry) => writes.put(Table::State, to_item(&LogItem::new(place, &key, entry))?),
                EntryWrite::Remove(key) => writes.delete(Table::State, log_key(place, &key)),
            }
        }
        Ok(LiveWrites { writes, landings: written })
    }

    /// What stands after a change. The cell is mostly enough; what it does not settle is read.
    async fn next(
        &self,
        place: &Place,
        change: &LogChange,
        (cell, removals): (Option<&CellItem>, &[Entry]),
        stored: &mut StoredLandings,
    ) -> Result<Next, StoreError> {
        let cell = cell.map_or_else(Cell::empty, |item| item.cell.clone());
        // A retirement that it does not know of can stand anywhere in the log.
        let mut known = if cell.retirements == removals.len() {
            self.newest(place, change, &cell.tail, removals).await?
        } else {
            self.all(place, change, removals).await?
        };
        loop {
            let of = |item: &Option<LandingsItem>| item.as_ref().map(|item| item.landings.clone());
            let read: ReadLandings = stored.iter().map(|(key, item)| (key.clone(), of(item))).collect();
            match cell.after(change, &known, &read) {
                Ok(next) => return Ok(next),
                Err(Lacking::Landings(keys)) => {
                    let of_place: BTreeSet<_> = keys.into_iter().map(|key| (place.clone(), key)).collect();
                    let read = self.reader.landings(of_place).await?;
                    stored.extend(read.into_iter().map(|((_, key), item)| (key, item)));
                }
                Err(Lacking::Log) => known = self.all(place, change, removals).await?,
            }
        }
    }

    /// The whole log of a place once a change is made.
    async fn all(&self, place: &Place, change: &LogChange, removals: &[Entry]) -> Result<Known, StoreError> {
        let entries = self.reader.entries(place, Timestamp::MAX, None).await?;
        Ok(Known::all(change, entries.into_iter().chain(removals.iter().cloned())))
    }

    /// The newest part of a place's log once a change is made. To add entries what the cell has of it is
    /// enough; when entries are corrected, older ones move up, and it is read.
    async fn newest(
        &self,
        place: &Place,
        change: &LogChange,
        tail: &Tail,
        removals: &[Entry],
    ) -> Result<Known, StoreError> {
        if !change.corrects_stored() {
            let oldest = tail.landings.last().filter(|_| tail.cut);
            return Ok(Known::newest(change, tail.landings.clone(), oldest));
        }
        let mut log = self.reader.log(place, Series::Landings, Timestamp::MAX, None);
        let (mut stored, mut holding) = (Vec::new(), 0);
        while let Some(entries) = log.next().await? {
            // A page without one that holds says nothing of how far it was read.
            let Some(oldest) = entries.last().cloned() else { continue };
            holding += entries.iter().filter(|entry| !change.corrects(entry)).count();
            stored.extend(entries);
            if holding > Tail::MOST {
                stored.extend(removals.iter().filter(|removal| **removal > oldest).cloned());
                return Ok(Known::newest(change, stored, Some(&oldest)));
            }
        }
        stored.extend(removals.iter().cloned());
        Ok(Known::newest(change, stored, None))
    }
}
