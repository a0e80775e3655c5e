//! Noting which sets of dimensions have metrics.

use std::collections::BTreeSet;

use domain::follows::metric_sets::{Day, New};
use domain::follows::metrics::Dimensions;
use store::items::metric_sets::{MetricCountItem, MetricSetItem};
use store::keys::metric_set_key;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems, items};

use crate::recorder::Recorder;
use crate::retry::{transact, write_all};

const CONTENDED: &str = "what is kept of metrics was contended each time";

impl<S: WriteItems> Recorder<S> {
    /// Notes that these sets have values on this day, and how many were new, where the count is still the one with
    /// this revision. Answers its revision now; none where another process was faster, and what was read is out of
    /// date.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn note_metric_sets(
        &self,
        sets: &BTreeSet<Dimensions>,
        today: Day,
        new: New,
        mut revision: Option<u64>,
    ) -> Result<Option<u64>, StoreError> {
        let sets: Vec<&Dimensions> = sets.iter().collect();
        for some in sets.chunks(Transaction::MOST - 1) {
            let mut transaction = Transaction::default();
            let count = MetricCountItem::after(revision, new);
            transaction.put_next(Table::State, items::to_item(&count)?, "revision", revision);
            for set in some {
                transaction.put(Table::State, items::to_item(&MetricSetItem::of(set, today))?);
            }
            if !transact(self.reader.store(), &transaction, CONTENDED).await? {
                return Ok(None);
            }
            revision = Some(count.revision);
        }
        Ok(revision)
    }

    /// Forgets sets that had no values for long.
    ///
    /// # Errors
    /// When it can't be written; then they are forgotten later.
    pub async fn forget_metric_sets(&self, sets: &[Dimensions]) -> Result<(), StoreError> {
        let delete = |transaction: &mut Transaction, set: &Dimensions| {
            transaction.delete(Table::State, metric_set_key(set));
            Ok(())
        };
        write_all(self.reader.store(), sets, CONTENDED, delete).await
    }
}
