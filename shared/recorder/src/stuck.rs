//! That a notification of a stuck deployment was sent: once per silence.

use std::collections::BTreeSet;

use domain::State;
use domain::follows::digest::Held;
use store::items::held::HeldItem;
use store::keys::stuck_key;
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
    pub async fn remember_stuck_notified(&self, stuck: &[&State]) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for some in stuck.chunks(Transaction::MOST) {
            let mut transaction = Transaction::default();
            for state in some {
                transaction.put(Table::State, stuck_key(state).into());
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
    pub async fn hold_stuck(&self, stuck: &[(&State, Held)]) -> Result<(), StoreError> {
        let mut transactions = Vec::new();
        for some in stuck.chunks(Transaction::MOST / 2) {
            let mut transaction = Transaction::default();
            for (state, held) in some {
                transaction.put(Table::State, stuck_key(state).into());
                transaction.put(Table::State, items::to_item(&HeldItem::of(held.clone()))?);
            }
            transactions.push(transaction);
        }
        transact_all(self.reader.store(), transactions, CONTENDED).await
    }
}
