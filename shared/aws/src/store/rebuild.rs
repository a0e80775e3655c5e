//! Rebuilding: state recomputed from history alone, and compared with what is stored. What differs is
//! told, together with the write that would mend it (see `repair`).
//!
//! Events may be recorded meanwhile. What counts its changes, a summary or a cell, is read before the
//! history that it is compared with: a write that is made only while the count is still that one can't
//! undo what history did not yet say when it was read.
//!
//! Where retention is on, history is not all there was: a deployment with events missing can't be
//! recomputed. Its state is taken as it stands, its entries in live logs too.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identifiers::Identifier as _;
use domain::ledger::commit::change_log;
use domain::ledger::recording::{Record, State, record};
use domain::live::{Entry, Place, Tail, resolve_newest};
use domain::{DeploymentId, Service, Timestamp, catalog};
use serde::Deserialize;

use super::Store;
use super::items::{
    CellItem, KeyItem, LogItem, REJECTED_DAYS, SUMMARY, SummaryItem, catalog_key, cell_pk, deployment_pk, from_item,
    log_pk, log_sk, to_item,
};
use super::repair::{LogWrite, Repair};
use super::tables::BY_DAY;
use crate::StoreError;

/// What a rebuild found.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// How many deployments were recomputed.
    pub deployments: usize,
    /// How many events they have.
    pub events: usize,
    /// How many deployments were found that could not be recomputed, because history that is not kept
    /// for ever has no longer all of their events. Why, verifying them tells.
    pub left: usize,
    /// Each item of the state that is not what history says, with what is different.
    pub differences: Vec<String>,
    /// What makes the state what history says.
    pub(super) repairs: Vec<Repair>,
}

impl Rebuilt {
    /// Notes an item that differs, and what mends it.
    fn differs(&mut self, difference: String, repair: Repair) {
        self.differences.push(difference);
        self.repairs.push(repair);
    }
}

#[derive(Deserialize)]
struct DayEntry {
    pk: String,
}

/// The stored log entries of a place, by sort key: entry, known from, known until.
type Log = BTreeMap<String, (Entry, i64, Option<i64>)>;

impl Store {
    /// Recomputes the state of all deployments that have an event recorded from `first_day` to
    /// `last_day`, and compares it with what is stored. Only reads.
    ///
    /// # Errors
    /// When a table can't be read.
    pub async fn rebuild(&self, first_day: Timestamp, last_day: Timestamp) -> Result<Rebuilt, StoreError> {
        let mut found = Rebuilt::default();
        let mut logs: BTreeMap<Place, Log> = BTreeMap::new();
        let (mut shown, mut recomputed) = (BTreeSet::new(), BTreeSet::new());
        let mut cells = self.all_cells().await?;
        for id in self.recorded_deployments(first_day, last_day).await? {
            let stored: Option<SummaryItem> =
                self.get(&self.tables.state, &deployment_pk(id.as_str()), SUMMARY).await?;
            let records = self.trail(&id).await?.whole()?;
            if self.retention.ends() && !is_whole(stored.as_ref(), &records) {
                found.left += 1;
                continue;
            }
            found.deployments += 1;
            found.events += records.len();
            let Some(state) = replay(&records, &mut logs) else { continue };
            shown.extend(catalog::entries(&state.summary));
            compare_summary(&id, stored.as_ref(), &state, &mut found)?;
            recomputed.insert(id);
        }
        for (place, mut log) in logs {
            let stored = self.stored_log(&place).await?;
            for (key, value) in stored.iter().filter(|(_, (entry, ..))| !recomputed.contains(&entry.deployment_id)) {
                if self.retention.ends() || self.has_history(&value.0.deployment_id).await? {
                    log.insert(key.clone(), value.clone());
                }
            }
            let cell = cells.remove(&place);
            // One that is new, or in an environment that the catalog lost: compared the next time.
            if cell.is_none() && self.read_cell(&place).await?.is_some() {
                continue;
            }
            compare_live(&place, cell, &stored, &log, &mut found)?;
        }
        for (pk, sk) in shown.iter().map(catalog_key) {
            if self.get::<KeyItem>(&self.tables.state, &pk, &sk).await?.is_none() {
                found.differs(format!("{pk} {sk}: missing"), Repair::Put(to_item(&KeyItem { pk, sk })?));
            }
        }
        self.compare_rejected_days(first_day, last_day, &mut found).await?;
        Ok(found)
    }

    /// The days on which something was refused: the state lists them, so that a reader need not ask
    /// of each day.
    async fn compare_rejected_days(
        &self,
        first: Timestamp,
        last: Timestamp,
        found: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        let listed: BTreeSet<String> = self.rejected_days(&first.day(), &last.day()).await?.into_iter().collect();
        for day in days(first, last).filter(|day| !listed.contains(day)) {
            if !self.rejected(&day, None, 1).await?.0.is_empty() {
                let item = to_item(&KeyItem { pk: REJECTED_DAYS.to_owned(), sk: day.clone() })?;
                found.differs(format!("{REJECTED_DAYS} {day}: missing"), Repair::Put(item));
            }
        }
        Ok(())
    }

    /// Whether anything stands of a deployment's history. The index of days lags behind, and lists what
    /// was just recorded a little later.
    async fn has_history(&self, id: &DeploymentId) -> Result<bool, StoreError> {
        let trail = self.trail(id).await?;
        Ok(!trail.records.is_empty() || !trail.unreadable.is_empty())
    }

    /// Every cell of the environments that the catalog knows.
    async fn all_cells(&self) -> Result<BTreeMap<Place, CellItem>, StoreError> {
        let mut cells = BTreeMap::new();
        for environment in self.environments().await? {
            let (pk, mut after) = (cell_pk(environment.as_str()), None);
            loop {
                let (items, next) =
                    self.range::<CellItem>(&self.tables.state, &pk, "", after.as_deref(), true, 1000).await?;
                for cell in items {
                    let service = Service::parse(&cell.sk).map_err(|e| StoreError::unreadable("cell", e))?;
                    cells.insert(Place { environment: environment.clone(), service }, cell);
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(cells)
    }

    async fn recorded_deployments(
        &self,
        first: Timestamp,
        last: Timestamp,
    ) -> Result<BTreeSet<DeploymentId>, StoreError> {
        let mut ids = BTreeSet::new();
        for day in days(first, last) {
            let mut start = None;
            loop {
                let answer = self
                    .query(&self.tables.history)
                    .index_name(BY_DAY.name)
                    .key_condition_expression("recordedDay = :day")
                    .expression_attribute_values(":day", AttributeValue::S(day.clone()))
                    .set_exclusive_start_key(start)
                    .send()
                    .await
                    .map_err(|error| StoreError::call("Query", error))?;
                for item in answer.items.into_iter().flatten() {
                    let entry: DayEntry = from_item(item)?;
                    let id = entry.pk.trim_start_matches("DEPLOYMENT#");
                    ids.insert(DeploymentId::parse(id).map_err(|e| StoreError::unreadable("by-day", e))?);
                }
                start = answer.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(ids)
    }

    async fn stored_log(&self, place: &Place) -> Result<Log, StoreError> {
        let mut log = Log::new();
        let mut start = None;
        loop {
            let answer = self
                .query(&self.tables.state)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(log_pk(place)))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::call("Query", error))?;
            for item in answer.items.into_iter().flatten() {
                let item: LogItem = from_item(item)?;
                log.insert(item.sk, (item.entry, item.known_from, item.known_until));
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(log);
            }
        }
    }
}

/// Whether these are all the records that a deployment ever had, as its summary counts them.
fn is_whole(stored: Option<&SummaryItem>, records: &[Record]) -> bool {
    let last = stored.map(|item| item.sequence).max(records.last().map(|record| record.sequence));
    records.iter().map(|record| record.sequence).eq(1..=last.unwrap_or(0))
}

fn compare_summary(
    id: &DeploymentId,
    stored: Option<&SummaryItem>,
    state: &State,
    found: &mut Rebuilt,
) -> Result<(), StoreError> {
    let item = SummaryItem::new(state)?;
    let expected = to_text(&item)?;
    let read = stored.map(|stored| stored.sequence);
    let stored = stored.map_or_else(|| Ok("nothing".to_owned()), to_text)?;
    if stored != expected {
        let difference = format!("deployment {id}: stored {stored}, but history says {expected}");
        found.differs(difference, Repair::Summary { item: to_item(&item)?, read });
    }
    Ok(())
}

fn compare_live(
    place: &Place,
    cell: Option<CellItem>,
    stored: &Log,
    expected: &Log,
    found: &mut Rebuilt,
) -> Result<(), StoreError> {
    let (pk, mut differences, mut log) = (log_pk(place), Vec::new(), Vec::new());
    for sk in stored.keys().filter(|sk| !expected.contains_key(*sk)) {
        differences.push(format!("{pk} {sk}: stored, but history does not say it"));
        log.push(LogWrite::Remove(KeyItem { pk: pk.clone(), sk: sk.clone() }));
    }
    for (sk, value) in expected.iter().filter(|(sk, value)| stored.get(*sk) != Some(value)) {
        differences.push(format!("{pk} {sk}: stored {:?}, but history says {value:?}", stored.get(sk)));
        let (entry, known_from, known_until) = value.clone();
        let item = LogItem { pk: pk.clone(), sk: sk.clone(), entry, known_from, known_until };
        log.push(LogWrite::Put(to_item(&item)?));
    }
    let mut holding: Vec<Entry> =
        expected.values().filter(|(_, _, until)| until.is_none()).map(|(entry, _, _)| entry.clone()).collect();
    holding.sort_unstable_by(|a, b| b.cmp(a));
    let mut tail = Tail::default();
    for entry in &holding {
        tail.add(entry.clone());
    }
    let landings: Vec<Entry> = holding.into_iter().filter(|entry| entry.effect.changes_live()).collect();
    let live = resolve_newest(&landings, true).unwrap_or_default();
    if cell.as_ref().map(|cell| (&cell.live, &cell.tail)) != Some((&live, &tail)) {
        differences.push(format!("live cell {place:?}: stored {cell:?}, but history says {live:?} {tail:?}"));
    }
    if !differences.is_empty() {
        let read = cell.map(|cell| cell.revision);
        let (pk, sk) = (cell_pk(place.environment.as_str()), place.service.to_string());
        let cell = CellItem { pk, sk, live, tail, revision: read.unwrap_or(0) };
        found.repairs.push(Repair::Place { cell: Box::new(cell), read, log, differing: differences.len() });
        found.differences.extend(differences);
    }
    Ok(())
}

/// Each day from the first to the last, as keys name it.
fn days(first: Timestamp, last: Timestamp) -> impl Iterator<Item = String> {
    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
    let days = std::iter::successors(Some(first), |day| Some(day.plus_millis(DAY_MILLIS)));
    days.map(Timestamp::day).take_while(move |day| *day <= last.day())
}

/// Folds a deployment's records again, and writes what they do to live logs as recording does.
fn replay(records: &[Record], logs: &mut BTreeMap<Place, Log>) -> Option<State> {
    let mut state: Option<State> = None;
    for recorded in records {
        let (made, after) = record(state.as_ref(), recorded.received.clone(), recorded.recorded_at).ok()?;
        let mut changes = BTreeMap::new();
        change_log(&mut changes, state.as_ref(), &after, &made);
        for (place, change) in changes {
            let log = logs.entry(place).or_default();
            for superseded in change.superseded {
                let key = log_sk(&superseded.entry);
                let until = superseded.known_until.millis();
                let known_from = log.remove(&key).map_or(until, |(_, from, _)| from);
                let corrected = format!("{key}#{}", superseded.by_sequence);
                log.insert(corrected, (superseded.entry, known_from, Some(until)));
            }
            for (entry, known_from) in change.added {
                log.insert(log_sk(&entry), (entry, known_from.millis(), None));
            }
        }
        state = Some(after);
    }
    state
}

fn to_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("compare", error))
}
