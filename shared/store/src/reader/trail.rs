//! A deployment's history.

use std::collections::BTreeMap;

use domain::anchors::{ChainEntry, Kept};
use domain::ledger::standing::Standing;
use domain::ledger::verification::{Head, Judged, MayBeMissing, Verified, adoptable, verify};
use domain::{DeploymentId, Record, Retention, State, Timestamp};

use super::Reader;
use crate::StoreError;
use crate::items::event::EventItem;
use crate::items::from_item;
use crate::keys::deployment_partition;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// A deployment's history.
#[derive(Debug, Default)]
pub struct Trail {
    /// Its records in sequence order.
    pub records: Vec<Record>,
    /// Events that stand there and can't be read: someone altered them. Number and reason.
    pub unreadable: Vec<(u64, StoreError)>,
    /// Events that the index of days has under another day than that of their recording.
    pub misfiled: Vec<u64>,
}

impl Trail {
    /// Its records, when all of them can be read.
    ///
    /// # Errors
    /// Why the first of the others can't.
    pub fn whole(mut self) -> Result<Vec<Record>, StoreError> {
        if self.unreadable.is_empty() { Ok(self.records) } else { Err(self.unreadable.swap_remove(0).1) }
    }

    /// Whether it is intact up to `state`, which was read before it: what was recorded since is not the state's
    /// concern. Answers how many events were looked at, and what was found.
    #[must_use]
    pub fn verify(mut self, state: &State, retention: Retention, now: Timestamp) -> (usize, Verified) {
        self.records.retain(|record| record.sequence <= state.sequence);
        let unreadable = self.unreadable.into_iter().map(|(sequence, _)| sequence);
        let unreadable: Vec<u64> = unreadable.filter(|sequence| *sequence <= state.sequence).collect();
        let mut verified = verify(state, &self.records, &unreadable, retention, now);
        let misfiled = self.misfiled.iter().filter(|sequence| **sequence <= state.sequence);
        verified.problems.extend(misfiled.map(|sequence| misfiled_problem(*sequence)));
        (self.records.len(), verified)
    }

    /// Whether it may be taken as what the state follows from, of which a summary states this much; nothing where
    /// there is none.
    #[must_use]
    pub fn adoptable(&self, id: &DeploymentId, stated: Option<Stated<'_>>, kept: Kept) -> Judged {
        let entries: Vec<Standing<'_>> = self.records.iter().map(Standing::from).collect();
        let unreadable: BTreeMap<u64, Option<&str>> =
            self.unreadable.iter().map(|(sequence, _)| (*sequence, None)).collect();
        let last = self.records.last().map(|last| last.recorded_at);
        let may_be_missing = MayBeMissing::ByAge {
            retention: kept.retention,
            last_recorded_at: stated.map(|stated| stated.recorded_at).max(last).unwrap_or(kept.now),
            now: kept.now,
        };
        let head = stated.map(|stated| Head { sequence: stated.sequence, hash: Some(stated.head_hash) });
        let mut judged = adoptable(id, &entries, &unreadable, head, may_be_missing);
        let altered = |(sequence, _): &(u64, StoreError)| format!("event {sequence} was altered: it can't be parsed");
        judged.problems.extend(self.unreadable.iter().map(altered));
        judged.problems.extend(self.misfiled.iter().map(|sequence| misfiled_problem(*sequence)));
        judged
    }

    /// Its records, as much of them as anchors are about.
    #[must_use]
    pub fn chain(&self) -> Vec<ChainEntry> {
        let entry = |record: &Record| ChainEntry {
            sequence: record.sequence,
            recorded_at: record.recorded_at,
            hash: record.hash.clone(),
        };
        self.records.iter().map(entry).collect()
    }
}

fn misfiled_problem(sequence: u64) -> String {
    format!("event {sequence} was altered: it stands under another day than that of its recording")
}

/// The end of a history, as the summary of its deployment states it.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// How many events there are.
    pub sequence: u64,
    /// The hash of the last one.
    pub head_hash: &'a str,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl<S: ReadItems> Reader<S> {
    /// The whole history of a deployment. It has at most
    /// [`EVENTS_PER_DEPLOYMENT`](domain::ledger::room::EVENTS_PER_DEPLOYMENT) events.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn trail(&self, id: &DeploymentId) -> Result<Trail, StoreError> {
        let mut trail = Trail::default();
        let mut pages = self.pages(Query::of(Table::History, deployment_partition(id)).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let item: EventItem = from_item(item)?;
                let sequence = item.sequence;
                if !item.is_filed() {
                    trail.misfiled.push(sequence);
                }
                match item.record() {
                    Ok(record) => trail.records.push(record),
                    Err(error) => trail.unreadable.push((sequence, error)),
                }
            }
        }
        trail.records.sort_unstable_by_key(|record| record.sequence);
        trail.unreadable.sort_unstable_by_key(|(sequence, _)| *sequence);
        Ok(trail)
    }
}
