//! That a notification of a stuck deployment was sent: once per silence.

use domain::State;
use store::keys::stuck_key;
use store::transaction::{Outcome, Transaction};
use store::{Key, StoreError, Table, WriteItems};

use crate::recorder::Recorder;

impl<S: WriteItems> Recorder<S> {
    /// Whether a notification of this silence of a deployment was sent already.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn stuck_notified(&self, state: &State) -> Result<bool, StoreError> {
        Ok(self.reader.get::<Key>(Table::State, &stuck_key(state)).await?.is_some())
    }

    /// Remembers that a notification of this silence of a deployment was sent.
    ///
    /// # Errors
    /// When it can't be written; then the notification is sent again.
    pub async fn remember_stuck_notified(&self, state: &State) -> Result<(), StoreError> {
        let mut transaction = Transaction::default();
        transaction.put(Table::State, stuck_key(state).into());
        match self.reader.store().transact(transaction).await? {
            Outcome::Committed | Outcome::Refused(_) => Ok(()),
            Outcome::Contended(cause) => Err(StoreError::busy("transact", cause)),
        }
    }
}
