//! One deployment from both sides: its chain, its summary, and what follows from it in the state.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalog;
use domain::ledger::verification::Verified;
use domain::listings;
use domain::live::Cell;
use domain::live::replay::{Replayed, replay};
use domain::{DeploymentId, Retention, Timestamp};

use super::Reader;
use crate::items::listing::ListingItem;
use crate::items::log::LogItem;
use crate::items::observed::ObservedItem;
use crate::items::to_item;
use crate::keys::{catalog_key, log_key};
use crate::port::ReadItems;
use crate::{Item, Key, StoreError, Table, Trail};

/// What verifying a deployment found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BothSides {
    /// How many events were read.
    pub events: usize,
    /// What is wrong, and how many have expired.
    pub verified: Verified,
    /// The hash of the last event, as the summary has it; empty where there is none.
    pub head_hash: String,
}

impl<S: ReadItems> Reader<S> {
    /// Verifies a deployment: its chain, its summary, and what must stand in logs, cells, lists and the catalog by its
    /// events. What is found is looked for again: of what is recorded meanwhile nothing is reported.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn both_sides(
        &self,
        id: &DeploymentId,
        retention: Retention,
        now: Timestamp,
    ) -> Result<BothSides, StoreError> {
        let before = self.look_at_both_sides(id, retention, now).await?;
        if before.verified.problems.is_empty() {
            return Ok(before);
        }
        let mut again = self.look_at_both_sides(id, retention, now).await?;
        again.verified.problems.retain(|problem| before.verified.problems.contains(problem));
        Ok(again)
    }

    async fn look_at_both_sides(
        &self,
        id: &DeploymentId,
        retention: Retention,
        now: Timestamp,
    ) -> Result<BothSides, StoreError> {
        // The state first: what is recorded after it was read is not its concern.
        let state = self.state(id).await?;
        let trail = self.trail(id).await?;
        let Some(state) = state else {
            let problems = vec!["it has events and no summary".to_owned()];
            let verified = Verified { expired: 0, summary_compared: false, problems };
            return Ok(BothSides { events: trail.records.len(), verified, head_hash: String::new() });
        };
        let replayed = known(&trail, state.sequence);
        let (events, mut verified) = trail.verify(&state, retention, now);
        if let Some(replayed) = replayed.filter(|_| verified.summary_compared) {
            verified.problems.extend(self.missing(&replayed).await?);
            for place in replayed.logs.keys() {
                verified.problems.extend(self.cell_problem(place).await?);
            }
        }
        Ok(BothSides { events, verified, head_hash: state.head_hash })
    }

    /// What must stand in logs, lists and the catalog, and does not.
    async fn missing(&self, replayed: &Replayed) -> Result<Vec<String>, StoreError> {
        let mut expected: BTreeMap<Key, Item> = BTreeMap::new();
        for (place, log) in &replayed.logs {
            for (key, entry) in &log.0 {
                expected.insert(log_key(place, key), to_item(&LogItem::new(place, key, entry.clone()))?);
            }
        }
        let summary = &replayed.state.summary;
        for key in catalog::entries(summary).iter().map(catalog_key) {
            expected.insert(key.clone(), key.into());
        }
        for line in listings::entries(summary).iter().map(ListingItem::from) {
            expected.insert(line.key.clone(), to_item(&line)?);
        }
        for line in &replayed.observed {
            let line = ObservedItem::new(line)?;
            expected.insert(line.key().clone(), to_item(&line)?);
        }
        let found = self.store().batch_get(Table::State, expected.keys().cloned().collect()).await?;
        let found: BTreeMap<Key, Item> = found.into_iter().filter_map(|item| Some((Key::of(&item)?, item))).collect();
        let is_it = |found: &Item, expected: &Item| found == expected || *found == LogItem::without_timing(expected);
        let wrong = expected.iter().filter(|(key, item)| !found.get(*key).is_some_and(|found| is_it(found, item)));
        Ok(wrong
            .map(|(Key { partition, sort }, _)| format!("{partition} {sort} is missing or not what the events say"))
            .collect())
    }

    /// What is wrong with the cell of a place, beside its log.
    async fn cell_problem(&self, place: &domain::live::Place) -> Result<Option<String>, StoreError> {
        let stored = self.cell(place).await?;
        let log = self.entries(place, Timestamp::MAX, None).await?;
        let retirements = self.retirements_known_at(&place.environment, Timestamp::MAX).await?;
        let (cell, _) = Cell::expected(&place.environment, (&log, &retirements), stored.as_ref());
        let is_right = stored.as_ref() == Some(&cell) || (stored.is_none() && log.is_empty());
        let what = format!("what is live of {} in {} is not what the log says", place.service, place.environment);
        Ok((!is_right).then_some(what))
    }
}

/// What follows from the events that the summary counts, where all of them can be read.
fn known(trail: &Trail, counted: u64) -> Option<Replayed> {
    let records: Vec<_> = trail.records.iter().filter(|record| record.sequence <= counted).cloned().collect();
    let numbers: BTreeSet<u64> = records.iter().map(|record| record.sequence).collect();
    (numbers.len() as u64 == counted).then(|| replay(&records)).flatten()
}
