//! Deployments that have not ended: how many there are, which there are, and which are stuck.

use aws_sdk_dynamodb::types::Select;
use domain::{Environment, State, Timestamp};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::Store;
use super::items::{KeyItem, deployment_pk, from_item, to_item};
use super::queries::{END, Position};
use super::tables::ACTIVE;
use super::transaction::{Committed, Transaction};
use crate::StoreError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActiveEntry {
    started_key: Position,
}

impl Store {
    /// How many deployments of an environment have not ended.
    ///
    /// # Errors
    /// When they can't be counted.
    pub async fn count_active(&self, environment: &Environment) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut start = None;
        loop {
            let answer = self
                .index_range(ACTIVE, environment.as_str(), "0", END)
                .select(Select::Count)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::call("Query", error))?;
            count += u64::try_from(answer.count).unwrap_or(0);
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// Deployments of an environment that have not ended, newest first, before `position`, and the
    /// position to go on from. Each is
    /// read itself: an index that is a moment behind must not show an ended one as active.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn active(
        &self,
        environment: &Environment,
        position: &str,
        limit: usize,
    ) -> Result<(Vec<State>, Option<Position>), StoreError> {
        let request = self
            .index_range(ACTIVE, environment.as_str(), "0", position)
            .scan_index_forward(false)
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(|error| StoreError::call("Query", error))?;
        let more = answer.last_evaluated_key.is_some();
        let entries = answer.items.into_iter().flatten().map(from_item).collect::<Result<Vec<ActiveEntry>, _>>()?;
        let keys = entries.into_iter().map(|entry| entry.started_key).filter(|key| key != position);
        let keys: Vec<Position> = keys.collect();
        let next = keys.last().filter(|_| more).cloned();
        let states = try_join_all(keys.iter().map(|key| self.listed_state(key))).await?;
        let active = |state: &State| !state.summary.status().is_terminal();
        Ok((states.into_iter().flatten().filter(active).collect(), next))
    }

    /// Whether this silence of a deployment was told already.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn told_stuck(&self, state: &State) -> Result<bool, StoreError> {
        let (pk, sk) = stuck_key(state);
        Ok(self.get::<KeyItem>(&self.tables.state, &pk, &sk).await?.is_some())
    }

    /// Remembers that a deployment was told to be stuck, so that it is told once per silence.
    ///
    /// # Errors
    /// When it can't be written; then it is told again.
    pub async fn remember_told_stuck(&self, state: &State) -> Result<(), StoreError> {
        let (pk, sk) = stuck_key(state);
        let mut transaction = Transaction::default();
        transaction.put(&self.tables.state, to_item(&KeyItem { pk, sk })?)?;
        match self.transact(transaction).await? {
            Committed::Yes | Committed::No(_) => Ok(()),
            Committed::Contended(cause) => Err(StoreError::busy("TransactWriteItems", cause)),
        }
    }
}

fn stuck_key(state: &State) -> (String, String) {
    let silent_since: Timestamp = state.summary.updated_at;
    (deployment_pk(state.summary.deployment_id.as_str()), format!("STUCK#{}", silent_since.sort_key()))
}
