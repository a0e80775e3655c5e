//! For which environments a gauge is above zero: so that it is published once more when it is zero again,
//! and then no longer; and how far a tick came.

use std::collections::BTreeSet;

use domain::Environment;
use store::items::tick::TickPositionItem;
use store::keys::{gauge_key, tick_position_key};
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::transact;

/// What becomes of the note how far a tick came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickPosition<'a> {
    /// It came so far, and there is more.
    After(&'a Environment),
    /// It came to its end: nothing is noted any more.
    Done,
    /// Nothing was noted, and nothing has to be.
    Unchanged,
}

impl<S: WriteItems> Recorder<S> {
    /// Remembers whose gauges are above zero now, and whose no longer; and how far the tick came. Without a change
    /// nothing is written.
    ///
    /// # Errors
    /// When it can't be written; then a gauge is published at zero again, or not once more.
    pub async fn remember_gauged(
        &self,
        above: &BTreeSet<Environment>,
        before: &BTreeSet<Environment>,
        position: TickPosition<'_>,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::default();
        match position {
            TickPosition::After(environment) => {
                transaction.put(Table::State, items::to_item(&TickPositionItem::after(environment))?);
            }
            TickPosition::Done => transaction.delete(Table::State, tick_position_key()),
            TickPosition::Unchanged => {}
        }
        for environment in above.symmetric_difference(before) {
            if transaction.len() == Transaction::MOST {
                self.note_gauges(std::mem::take(&mut transaction)).await?;
            }
            if above.contains(environment) {
                transaction.put(Table::State, gauge_key(environment).into());
            } else {
                transaction.delete(Table::State, gauge_key(environment));
            }
        }
        if !transaction.is_empty() {
            self.note_gauges(transaction).await?;
        }
        Ok(())
    }

    async fn note_gauges(&self, transaction: Transaction) -> Result<(), StoreError> {
        transact(self.reader.store(), &transaction, "gauges were contended each time").await?;
        Ok(())
    }
}
