//! For which environments a gauge is above zero: so that it is published once more when it is zero again,
//! and then no longer.

use std::collections::BTreeSet;

use domain::Environment;
use store::keys::gauge_key;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;
use crate::retry::transact;

impl<S: WriteItems> Recorder<S> {
    /// Remembers whose gauges are above zero now, and whose no longer.
    ///
    /// # Errors
    /// When it can't be written; then a gauge is published at zero again, or not once more.
    pub async fn remember_gauged(
        &self,
        above: &BTreeSet<Environment>,
        before: &BTreeSet<Environment>,
    ) -> Result<(), StoreError> {
        let changes = above.symmetric_difference(before).collect::<Vec<_>>();
        for chunk in changes.chunks(Transaction::MOST) {
            let mut transaction = Transaction::default();
            for environment in chunk {
                if above.contains(environment) {
                    transaction.put(Table::State, gauge_key(environment).into());
                } else {
                    transaction.delete(Table::State, gauge_key(environment));
                }
            }
            transact(self.reader.store(), &transaction, "gauges were contended each time").await?;
        }
        Ok(())
    }
}
