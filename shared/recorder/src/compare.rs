//! Comparing what is stored with what history says.

use std::collections::BTreeMap;

use domain::live::as_of::LogEntry;
use domain::live::log_key::LogKey;
use domain::live::undone::{UndoneKey, brought, undoings};
use domain::live::{Cell, Entry, Landings, Place};
use domain::{DeploymentId, Moment, Record, State};
use store::items::cell::CellItem;
use store::items::landings::LandingsItem;
use store::items::log::LogItem;
use store::items::summary::SummaryItem;
use store::items::to_item;
use store::items::undone::UndoneItem;
use store::keys::{landings_key, landings_partition, log_partition, undone_key, undone_partition};
use store::{Item, Key, StoreError};

use crate::rebuilt::{Difference, PlaceRepair, PlaceWrite, Repair};

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

/// What is stored of a place.
pub(crate) struct StoredPlace {
    /// Its cell.
    pub(crate) cell: Option<CellItem>,
    /// Its log.
    pub(crate) log: SortedLog,
    /// What is kept of the things that landed there, by sort key.
    pub(crate) landings: BTreeMap<String, LandingsItem>,
    /// What is kept of what was undone there, by sort key.
    pub(crate) undone: BTreeMap<String, UndoneItem>,
}

/// How what is stored of a place differs from what its log, as it should be, says. Its environment was retired
/// at these times, in the order in which they were recorded.
pub(crate) fn place(
    place: &Place,
    stored: &StoredPlace,
    (expected, retirements): (&SortedLog, &[Moment]),
) -> Result<Option<Difference>, StoreError> {
    let (partition, mut items, mut writes) = (log_partition(place), Vec::new(), Vec::new());
    for sort in stored.log.keys().filter(|sort| !expected.contains_key(*sort)) {
        items.push(format!("{partition} {sort}: stored, but not in history"));
        writes.push(PlaceWrite::Remove(Key::new(partition.as_str(), sort.as_str())));
    }
    for (sort, entry) in expected.iter().filter(|(sort, entry)| stored.log.get(*sort) != Some(entry)) {
        items.push(format!("{partition} {sort}: stored {:?}, computed from history {entry:?}", stored.log.get(sort)));
        writes.push(PlaceWrite::Put(to_item(&LogItem::at(place, sort.clone(), entry.clone()))?));
    }
    let holding = expected.values().filter(|entry| entry.holds(None));
    let holding: Vec<Entry> = holding.map(|stored| stored.entry.clone()).collect();
    undone(place, &stored.undone, &holding, (&mut items, &mut writes))?;
    let stored_cell = stored.cell.as_ref().map(|item| &item.cell);
    let (cell, needed) = Cell::expected(&place.environment, (&holding, retirements), stored_cell);
    let kept = needed.into_iter().map(|(key, landings)| (landings_key(place, &key).sort, landings));
    let kept: BTreeMap<String, Landings> = kept.collect();
    let partition = landings_partition(place);
    for sort in stored.landings.keys().filter(|sort| !kept.contains_key(*sort)) {
        items.push(format!("{partition} {sort}: stored, but not in history"));
        writes.push(PlaceWrite::Remove(Key::new(partition.as_str(), sort.as_str())));
    }
    for (sort, landings) in kept {
        let item = stored.landings.get(&sort);
        if item.map(|item| &item.landings) != Some(&landings) {
            items.push(format!("{partition} {sort}: stored {item:?}, computed from history {landings:?}"));
            let read = item.map(|item| item.revision);
            writes.push(PlaceWrite::Put(to_item(&LandingsItem::at(place, sort, landings, read))?));
        }
    }
    let read = stored.cell.as_ref().map(|item| item.revision);
    // Where nothing ever landed, a cell that says so is as good as none.
    if stored_cell != Some(&cell) && !(stored_cell.is_none() && expected.is_empty()) {
        items.push(format!("live cell {place:?}: stored {stored_cell:?}, computed from history {cell:?}"));
    }
    if items.is_empty() {
        return Ok(None);
    }
    let differing = items.len();
    let repair = PlaceRepair { place: place.clone(), cell, read, writes, differing };
    Ok(Some(Difference { items, repair: Repair::Place(Box::new(repair)) }))
}

/// How what is kept of what was undone in a place differs from what these entries of its log say.
fn undone(
    place: &Place,
    stored: &BTreeMap<String, UndoneItem>,
    holding: &[Entry],
    (items, writes): (&mut Vec<String>, &mut Vec<PlaceWrite>),
) -> Result<(), StoreError> {
    let mut expected: BTreeMap<String, UndoneItem> = BTreeMap::new();
    for entry in undoings(holding) {
        for key in UndoneKey::of(&brought(entry)) {
            let item = UndoneItem::new(place, undone_key(place, &key, &LogKey::of(entry)), entry.clone());
            expected.insert(item.sort().to_owned(), item);
        }
    }
    let partition = undone_partition(&place.service);
    for sort in stored.keys().filter(|sort| !expected.contains_key(*sort)) {
        items.push(format!("{partition} {sort}: stored, but not in history"));
        writes.push(PlaceWrite::Remove(Key::new(partition.as_str(), sort.as_str())));
    }
    for (sort, item) in expected.iter().filter(|(sort, item)| stored.get(*sort) != Some(item)) {
        items.push(format!("{partition} {sort}: stored {:?}, computed from history {item:?}", stored.get(sort)));
        writes.push(PlaceWrite::Put(to_item(item)?));
    }
    Ok(())
}

/// An item that stands in the state, and that history knows nothing of.
pub(crate) fn stray(key: &Key, why: &str) -> Difference {
    Difference { items: vec![format!("{} {}: {why}", key.partition, key.sort)], repair: Repair::Remove(key.clone()) }
}

/// An item that says that something exists, and is missing.
pub(crate) fn missing(key: &Key, item: Item) -> Difference {
    Difference { items: vec![format!("{} {}: missing", key.partition, key.sort)], repair: Repair::Put(item) }
}

fn to_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("compare", error))
}
