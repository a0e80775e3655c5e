//! That a notification of a stuck deployment was sent: once per silence; and that people are still to be told that it
//! goes on.

use std::collections::BTreeSet;

use domain::State;
use domain::follows::digest::Held;
use domain::follows::stuck::Told;
use store::items::held::HeldItem;
use store::items::stalled::StalledItem;
use store::keys::{stalled_key, stuck_key};
use store::transaction::Transaction;
use store::{Key, StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::transact_all;

const CONTENDED: &str = "notes of stuck deployments were contended each time";

impl<S: WriteItems> Recorder<S> {
    /// Those of these silent deployments of which no notification was sent since they fell silent. One round trip for
    /// all of them.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn not_notified_stuck<'a>(&self, stuck: &[&'a State]) -> Result<Vec<&'a State>, StoreError> {
        if stuck.is_empty() {
            return Ok(Vec::new());
        }
        let keys: BTreeSet<Key> = stuck.iter().map(|state| stuck_key(state)).collect();
        let items = self.reader.store().batch_get(Table::State, keys.into_iter().collect()).await?;
        let notified: BTreeSet<Key> = items.iter().filter_map(Key::of).collect();
        Ok(stuck.iter().copied().filter(|state| !notified.contains(&stuck_key(state))).collect())
    }

    /// Remembers that notifications of these silences were sent.
    ///
    /// # Errors
    /// When it can't be written; then the notifications are sent again.
    pub async fn remember_stuck_notified(&self, stuck: &[(&State, Told)]) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for some in stuck.chunks(Transaction::MOST / 2) {
            let mut transaction = Transaction::default();
            for (state, told) in some {
                transaction.put(Table::State, stuck_key(state).into());
                transaction.put(Table::State, items::to_item(&StalledItem::of(told.clone()))?);
            }
            transactions.push(transaction);
        }
        transact_all(self.reader.store(), transactions, CONTENDED).await
    }

    /// Holds notifications of silences for their digest, and remembers at the same moment that they were notified: so
    /// each is in one digest.
    ///
    /// # Errors
    /// When it can't be written; then those that were not are notified later.
    pub async fn hold_stuck(&self, stuck: &[(&State, Told, Held)]) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for some in stuck.chunks(Transaction::MOST / 3) {
            let mut transaction = Transaction::default();
            for (state, told, held) in some {
                transaction.put(Table::State, stuck_key(state).into());
                transaction.put(Table::State, items::to_item(&StalledItem::of(told.clone()))?);
                transaction.put(Table::State, items::to_item(&HeldItem::of(held.clone()))?);
            }
            transactions.push(transaction);
        }
        transact_all(self.reader.store(), transactions, CONTENDED).await
    }
    /// Forgets that people were told that these stalled: that they go on was told, or need not be. A notification that
    /// waits for its digest is held at the same moment.
    ///
    /// # Errors
    /// When it can't be written; then it is told again, with the same `dedupeId`.
    pub async fn forget_stalled(&self, stalled: &[(&Told, Option<Held>)]) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for some in stalled.chunks(Transaction::MOST / 2) {
            let mut transaction = Transaction::default();
            for (told, held) in some {
                transaction.delete(Table::State, stalled_key(&told.deployment_id));
                if let Some(held) = held {
                    transaction.put(Table::State, items::to_item(&HeldItem::of(held.clone()))?);
                }
            }
            transactions.push(transaction);
        }
        transact_all(self.reader.store(), transactions, CONTENDED).await
    }
}
