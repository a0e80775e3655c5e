//! Rebuilding: state recomputed from history alone, and compared with what is stored. What differs is
//! told, together with the write that would mend it (see `repair`).
//!
//! Where retention is on, history is not all there was: a deployment with events missing can't be
//! recomputed. Its state is taken as it stands, its entries in live logs too.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::commit::change_log;
use domain::identifiers::Identifier as _;
use domain::live::{Entry, Place, Tail, resolve_newest};
use domain::recording::{Record, State, record};
use domain::{DeploymentId, Timestamp, catalog};
use serde::Deserialize;

use super::Store;
use super::items::{
    CellItem, KeyItem, LogItem, REJECTED_DAYS, SummaryItem, catalog_key, cell_pk, from_item, log_pk, log_sk, to_item,
};
use super::repair::Repair;
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
        for id in self.recorded_deployments(first_day, last_day).await? {
            let records = self.trail(&id).await?.whole()?;
            if self.retention.ends() && !self.is_whole(&id, &records).await? {
                found.left += 1;
                continue;
            }
            found.deployments += 1;
            found.events += records.len();
            let Some(state) = replay(&records, &mut logs) else { continue };
            shown.extend(catalog::entries(&state.summary));
            self.compare_summary(&id, &state, &mut found).await?;
            recomputed.insert(id);
        }
        for (place, mut log) in logs {
            let stored = self.stored_log(&place).await?;
            if self.retention.ends() {
                let left = stored.iter().filter(|(_, (entry, ..))| !recomputed.contains(&entry.deployment_id));
                log.extend(left.map(|(key, value)| (key.clone(), value.clone())));
            }
            self.compare_live(&place, &stored, &log, &mut found).await?;
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

    /// Whether these are all the records that a deployment ever had, as its summary counts them.
    async fn is_whole(&self, id: &DeploymentId, records: &[Record]) -> Result<bool, StoreError> {
        let counted = self.state(id).await?.map(|state| state.sequence);
        let last = counted.into_iter().chain(records.last().map(|record| record.sequence)).max();
        Ok(records.iter().map(|record| record.sequence).eq(1..=last.unwrap_or(0)))
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

    async fn compare_summary(&self, id: &DeploymentId, state: &State, found: &mut Rebuilt) -> Result<(), StoreError> {
        let expected = to_text(&SummaryItem::new(state)?)?;
        let stored = match self.get::<SummaryItem>(&self.tables.state, &format!("DEPLOYMENT#{id}"), "SUMMARY").await? {
            Some(item) => to_text(&item)?,
            None => "nothing".to_owned(),
        };
        if stored != expected {
            let read = self.state(id).await.ok().flatten().map(|state| state.sequence);
            let repair = Repair::Next { item: to_item(&SummaryItem::new(state)?)?, guard: "sequence", read };
            found.differs(format!("deployment {id}: stored {stored}, but history says {expected}"), repair);
        }
        Ok(())
    }

    async fn compare_live(
        &self,
        place: &Place,
        stored: &Log,
        expected: &Log,
        found: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        let pk = log_pk(place);
        for sk in stored.keys().filter(|sk| !expected.contains_key(*sk)) {
            let repair = Repair::Remove(KeyItem { pk: pk.clone(), sk: sk.clone() });
            found.differs(format!("{pk} {sk}: stored, but history does not say it"), repair);
        }
        for (sk, value) in expected.iter().filter(|(sk, value)| stored.get(*sk) != Some(value)) {
            let (entry, known_from, known_until) = value.clone();
            let item = LogItem { pk: pk.clone(), sk: sk.clone(), entry, known_from, known_until };
            let difference = format!("{pk} {sk}: stored {:?}, but history says {value:?}", stored.get(sk));
            found.differs(difference, Repair::Put(to_item(&item)?));
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
        let cell: Option<CellItem> = self.read_cell(place).await?;
        if cell.as_ref().map(|cell| (&cell.live, &cell.tail)) != Some((&live, &tail)) {
            let read = cell.as_ref().map(|cell| cell.revision);
            let difference = format!("live cell {place:?}: stored {cell:?}, but history says {live:?} {tail:?}");
            let (pk, sk) = (cell_pk(place.environment.as_str()), place.service.to_string());
            let item = to_item(&CellItem { pk, sk, live, tail, revision: read.unwrap_or(0) + 1 })?;
            found.differs(difference, Repair::Next { item, guard: "revision", read });
        }
        Ok(())
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
