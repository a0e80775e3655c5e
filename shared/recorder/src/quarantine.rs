//! Quarantine: what came through the queue or behind a proof, and could not be recorded, is itself
//! recorded, so that somebody can find it and its publication can raise the alarm.

use domain::Timestamp;
use store::items::rejected::{Refusal, RejectedItem};
use store::items::to_item;
use store::keys::rejected_day_key;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::recorder::Recorder;
use crate::retry::transact;

impl<S: WriteItems> Recorder<S> {
    /// Records a refusal. What is sent again is the same item, and changes nothing.
    ///
    /// # Errors
    /// When it is not known to be recorded: the message must stay in its queue.
    pub async fn quarantine(&self, refusal: Refusal, now: Timestamp) -> Result<(), StoreError> {
        let day = refusal.sent_at.day();
        let item = RejectedItem::new(refusal, self.retention, now);
        self.mark_day(&day).await?;
        let mut transaction = Transaction::default();
        transaction.put_new(Table::History, to_item(&item)?);
        transact(self.reader.store(), &transaction, "a rejected event was contended each time").await?;
        Ok(())
    }

    /// Notes that something was refused on this day, so that a list need not look at each day. Before
    /// the refusal, and not with it: refusals come many at once, and would contend for the day.
    async fn mark_day(&self, day: &str) -> Result<(), StoreError> {
        let key = rejected_day_key(day);
        if self.memory.exists(&key) {
            return Ok(());
        }
        self.reader.store().put(Table::State, key.clone().into()).await?;
        self.memory.keep_existing([key]);
        Ok(())
    }
}
