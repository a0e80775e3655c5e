//! A deployment's history.

use domain::ledger::verification::{Verified, verify};
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
        (self.records.len(), verify(state, &self.records, &unreadable, retention, now))
    }
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
