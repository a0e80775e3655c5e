//! Repairing: the writes that make the state what history says, as a rebuild found them.
//!
//! Events may be recorded meanwhile. A write whose item has moved on since it was read is left out, and
//! the next rebuild tells what is still to be done.

use super::Store;
use super::items::{Item, KeyItem};
use super::rebuild::Rebuilt;
use super::record::pause;
use super::transaction::{Committed, Transaction};
use crate::StoreError;

/// How often a contended write is tried.
const TRIES: u32 = 10;

/// One write.
#[derive(Debug)]
pub(super) enum Repair {
    /// An item whose key says all there is to it, or that only one event writes.
    Put(Item),
    /// An item that counts its changes: it is replaced while the count is still the one read.
    Next { item: Item, guard: &'static str, read: Option<u64> },
    /// An item that history knows nothing of.
    Remove(KeyItem),
}

/// What became of the repairs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// How many items were written or removed.
    pub items: usize,
    /// How many had changed meanwhile and were left as they are.
    pub changed_meanwhile: usize,
}

impl Store {
    /// Carries out what `found` says is to be done.
    ///
    /// # Errors
    /// When an item can't be written; those before it are. Doing all of it again is safe.
    pub async fn repair(&self, found: Rebuilt) -> Result<Repaired, StoreError> {
        let mut repaired = Repaired::default();
        for repair in found.repairs {
            if self.write(&repair).await? {
                repaired.items += 1;
            } else {
                repaired.changed_meanwhile += 1;
            }
        }
        Ok(repaired)
    }

    /// Whether the write took effect.
    async fn write(&self, repair: &Repair) -> Result<bool, StoreError> {
        let table = &self.tables.state;
        for tries in 0..TRIES {
            let mut transaction = Transaction::default();
            match repair {
                Repair::Put(item) => transaction.put(table, item.clone())?,
                Repair::Next { item, guard, read } => transaction.put_next(table, item.clone(), guard, *read)?,
                Repair::Remove(key) => transaction.delete(table, key)?,
            }
            match self.transact(transaction).await? {
                Committed::Yes => return Ok(true),
                Committed::No(_) => return Ok(false),
                Committed::Contended(_) => pause(tries).await,
            }
        }
        Err(StoreError::busy("TransactWriteItems", "a repair was contended each time"))
    }
}
