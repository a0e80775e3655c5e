//! Comparing what is stored with what history says.

use std::collections::BTreeMap;

use domain::live::Place;
use domain::live::as_of::{self, LogEntry};
use domain::{DeploymentId, Record, State};
use store::items::cell::CellItem;
use store::items::log::LogItem;
use store::items::summary::SummaryItem;
use store::items::to_item;
use store::keys::log_partition;
use store::{Key, StoreError};

use crate::rebuilt::{Difference, LogWrite, PlaceRepair, Repair};

/// The log of a place, by sort key.
pub(crate) type SortedLog = BTreeMap<String, LogEntry>;

/// Whether these are all the records that a deployment ever had, as its summary counts them.
pub(crate) fn is_whole(stored: Option<&SummaryItem>, records: &[Record]) -> bool {
    let last = stored.map(|item| item.sequence).max(records.last().map(|record| record.sequence));
    records.iter().map(|record| record.sequence).eq(1..=last.unwrap_or(0))
}

/// How the summary of a deployment differs from its state.
pub(crate) fn summary(
    id: &DeploymentId,
    stored: Option<&SummaryItem>,
    state: &State,
) -> Result<Option<Difference>, StoreError> {
    let item = SummaryItem::new(state)?;
    let expected = to_text(&item)?;
    let read = stored.map(|stored| stored.sequence);
    let stored = stored.map_or_else(|| Ok("nothing".to_owned()), to_text)?;
    if stored == expected {
        return Ok(None);
    }
    let difference = format!("deployment {id}: stored {stored}, computed from history {expected}");
    Ok(Some(Difference { items: vec![difference], repair: Repair::Summary { item: to_item(&item)?, read } }))
}

/// How the cell and the log of a place differ from what they should be.
pub(crate) fn place(
    place: &Place,
    cell: Option<&CellItem>,
    stored: &SortedLog,
    expected: &SortedLog,
) -> Result<Option<Difference>, StoreError> {
    let (partition, mut items, mut log) = (log_partition(place), Vec::new(), Vec::new());
    for sort in stored.keys().filter(|sort| !expected.contains_key(*sort)) {
        items.push(format!("{partition} {sort}: stored, but not in history"));
        log.push(LogWrite::Remove(Key::new(partition.as_str(), sort.as_str())));
    }
    for (sort, entry) in expected.iter().filter(|(sort, entry)| stored.get(*sort) != Some(entry)) {
        items.push(format!("{partition} {sort}: stored {:?}, computed from history {entry:?}", stored.get(sort)));
        log.push(LogWrite::Put(to_item(&LogItem::at(place, sort.clone(), entry.clone()))?));
    }
    let (live, tail) = as_of::now(expected.values());
    if cell.map(|cell| (&cell.live, &cell.tail)) != Some((&live, &tail)) {
        items.push(format!("live cell {place:?}: stored {cell:?}, computed from history {live:?} {tail:?}"));
    }
    if items.is_empty() {
        return Ok(None);
    }
    let (read, differing) = (cell.map(|cell| cell.revision), items.len());
    let repair = PlaceRepair { place: place.clone(), live, tail, read, log, differing };
    Ok(Some(Difference { items, repair: Repair::Place(Box::new(repair)) }))
}

/// An item that says that something exists, and is missing.
pub(crate) fn missing(key: Key) -> Difference {
    Difference { items: vec![format!("{} {}: missing", key.partition, key.sort)], repair: Repair::Put(key) }
}

fn to_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("compare", error))
}
