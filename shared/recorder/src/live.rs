//! What a change of a place's log writes: the cell, which answers what runs there now, and log entries.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::ledger::commit::LogChange;
use domain::live::as_of::EntryWrite;
use domain::live::{Live, Place, Tail};
use store::items::cell::CellItem;
use store::items::log::LogItem;
use store::items::to_item;
use store::keys::log_key;
use store::reader::log::Series;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;

impl<S: WriteItems> Recorder<S> {
    /// The writes of a change in one place, whose cell was read to be this: the new cell first, then the
    /// log.
    pub(crate) async fn live_writes(
        &self,
        place: &Place,
        change: &LogChange,
        cell: Option<&CellItem>,
    ) -> Result<Transaction, StoreError> {
        let tail = self.tail_after(place, change, cell).await?;
        let live = match tail.live() {
            Ok(live) => live,
            Err(_) => self.live_after(place, change).await?,
        };
        let read = cell.map(|cell| cell.revision);
        let mut writes = Transaction::default();
        writes.put_next(Table::State, to_item(&CellItem::next(place, live, tail, read))?, CellItem::GUARD, read);
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
        Ok(writes)
    }

    /// The newest part of a place's log once `change` is made. To add entries the cell is enough; when
    /// entries are corrected the log is read.
    async fn tail_after(&self, place: &Place, change: &LogChange, cell: Option<&CellItem>) -> Result<Tail, StoreError> {
        if !change.corrects_stored() {
            return Ok(cell.map(|cell| cell.tail.clone()).unwrap_or_default().with_added(change));
        }
        let mut tail = Tail::default();
        for series in [Series::Landings, Series::Misses] {
            let mut log = self.reader.log(place, series, Timestamp::MAX, None);
            while let Some(entries) = log.next().await? {
                let holding = entries.into_iter().filter(|entry| !change.corrects(entry));
                holding.for_each(|entry| tail.add(entry));
                if tail.cut || (series == Series::Misses && tail.miss.is_some()) {
                    break;
                }
            }
        }
        Ok(tail.with_added(change))
    }

    /// What runs once `change` is made, when the tail alone is not enough.
    async fn live_after(&self, place: &Place, change: &LogChange) -> Result<Live, StoreError> {
        let mut stored = Vec::new();
        let mut log = self.reader.log(place, Series::Landings, Timestamp::MAX, None);
        loop {
            let page = log.next().await?;
            let oldest = match &page {
                None => None,
                // Nothing of this page holds; the next shows how far back it was read.
                Some(entries) if entries.is_empty() => continue,
                Some(entries) => entries.last().cloned(),
            };
            stored.extend(page.into_iter().flatten().filter(|entry| !change.corrects(entry)));
            if let Ok(live) = change.live_after(&stored, oldest.as_ref()) {
                return Ok(live);
            }
        }
    }
}
