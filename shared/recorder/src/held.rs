//! Notifications that wait for their digest.

use domain::follows::digest::Held;
use store::items::held::HeldItem;
use store::keys::held_key;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::write_all;

const CONTENDED: &str = "held notifications were contended each time";

impl<S: WriteItems> Recorder<S> {
    /// Holds notifications for their digest. One that is held again, because a batch came again, is held once.
    ///
    /// # Errors
    /// When it can't be written; it can be done again.
    pub async fn hold(&self, held: &[Held]) -> Result<(), StoreError> {
        let put = |transaction: &mut Transaction, held: &Held| {
            transaction.put(Table::State, items::to_item(&HeldItem::of(held.clone()))?);
            Ok(())
        };
        write_all(self.reader.store(), held, CONTENDED, put).await
    }

    /// Forgets notifications whose digest was sent.
    ///
    /// # Errors
    /// When it can't be written; then the digest is sent again, with the same `dedupeId`.
    pub async fn forget_held(&self, held: &[Held]) -> Result<(), StoreError> {
        let delete = |transaction: &mut Transaction, held: &Held| {
            transaction.delete(Table::State, held_key(held));
            Ok(())
        };
        write_all(self.reader.store(), held, CONTENDED, delete).await
    }
}
