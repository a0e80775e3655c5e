//! When drift was looked for, and which findings people were notified of.

use std::collections::BTreeSet;

use domain::questions::drift::FindingId;
use store::items::drift_look::DriftLookItem;
use store::keys::{DRIFT, DRIFT_NOTIFIED, drift_look_key, drift_notified_key, text};
use store::query::Query;
use store::tables::SORT;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::{transact, write_all};

const CONTENDED: &str = "what is kept of drift was contended each time";

impl<S: WriteItems> Recorder<S> {
    /// When drift is looked for next; none where it never was.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn drift_look(&self) -> Result<Option<DriftLookItem>, StoreError> {
        self.reader.get(Table::State, &drift_look_key()).await
    }

    /// Puts `next` in the place of what was read. Answers false where another one was faster.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn set_drift_look(&self, read: Option<&DriftLookItem>, next: &DriftLookItem) -> Result<bool, StoreError> {
        let mut transaction = Transaction::default();
        transaction.put_next(Table::State, items::to_item(next)?, "revision", read.map(|read| read.revision));
        transact(self.reader.store(), &transaction, CONTENDED).await
    }

    /// The findings that people were notified of, and that are not over.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn drift_notified(&self) -> Result<BTreeSet<FindingId>, StoreError> {
        let mut notified = BTreeSet::new();
        let query = Query::of(Table::State, DRIFT).prefix(DRIFT_NOTIFIED).consistent().limit(1000);
        let mut pages = self.reader.pages(query);
        while let Some(page) = pages.next().await? {
            let keys = page.items.iter().filter_map(|item| text(item, SORT)?.strip_prefix(DRIFT_NOTIFIED));
            notified.extend(keys.filter_map(FindingId::parse));
        }
        Ok(notified)
    }

    /// Remembers of which findings people were notified, and of the end of which.
    ///
    /// # Errors
    /// When it can't be written; then the notifications are sent again.
    pub async fn remember_drift_notified(&self, new: &[FindingId], ended: &[FindingId]) -> Result<(), StoreError> {
        let changes: Vec<(&FindingId, bool)> =
            new.iter().map(|id| (id, true)).chain(ended.iter().map(|id| (id, false))).collect();
        let write = |transaction: &mut Transaction, (id, is_new): &(&FindingId, bool)| {
            if *is_new {
                transaction.put(Table::State, drift_notified_key(id).into());
            } else {
                transaction.delete(Table::State, drift_notified_key(id));
            }
            Ok(())
        };
        write_all(self.reader.store(), &changes, CONTENDED, write).await
    }
}
