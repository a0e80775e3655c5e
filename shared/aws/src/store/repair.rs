//! Repairing: the writes that make the state what history says, as a rebuild found them.
//!
//! Events may be recorded meanwhile, and each moves on the summary of its deployment or the cell of its
//! place. So these are written while they are still as they were read, and a place's log together with
//! its cell. What has moved on is left out, and the next rebuild tells what is still to be done.

use super::Store;
use super::items::{CellItem, Item, KeyItem, to_item};
use super::rebuild::Rebuilt;
use super::record::pause;
use super::transaction::{Committed, Transaction};
use crate::StoreError;

/// How often a contended write is tried.
const TRIES: u32 = 10;
/// How many writes to a log go into one transaction with the cell.
const LOG_WRITES: usize = 90;

/// What mends a difference.
#[derive(Debug)]
pub(super) enum Repair {
    /// An item whose key says all there is to it.
    Put(Item),
    /// A summary, while its sequence is still the one read.
    Summary { item: Item, read: Option<u64> },
    /// A place's cell and log, of which so many items differ, while the cell's revision is still the one
    /// read.
    Place { cell: Box<CellItem>, read: Option<u64>, log: Vec<LogWrite>, differing: usize },
}

/// A write to the log of a place.
#[derive(Debug)]
pub(super) enum LogWrite {
    Put(Item),
    Remove(KeyItem),
}

/// What became of the repairs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// How many items that differed were written or removed.
    pub items: usize,
    /// How many were left as they are, for they or their place had changed meanwhile.
    pub changed_meanwhile: usize,
}

impl Store {
    /// Carries out what `found` says is to be done.
    ///
    /// # Errors
    /// When an item can't be written; those before it are. Doing all of it again is safe.
    pub async fn repair(&self, found: Rebuilt) -> Result<Repaired, StoreError> {
        let mut repaired = Repaired::default();
        let table = &self.tables.state;
        for repair in found.repairs {
            let (items, done) = match repair {
                Repair::Put(item) => (1, self.write(|transaction| transaction.put(table, item.clone())).await?),
                Repair::Summary { item, read } => {
                    (1, self.write(|transaction| transaction.put_next(table, item.clone(), "sequence", read)).await?)
                }
                Repair::Place { cell, read, log, differing } => (differing, self.write_place(*cell, read, &log).await?),
            };
            *(if done { &mut repaired.items } else { &mut repaired.changed_meanwhile }) += items;
        }
        Ok(repaired)
    }

    /// Writes a place's cell and log. Each transaction moves the cell on by one revision.
    async fn write_place(
        &self,
        mut cell: CellItem,
        mut read: Option<u64>,
        log: &[LogWrite],
    ) -> Result<bool, StoreError> {
        let table = &self.tables.state;
        let mut chunks = log.chunks(LOG_WRITES);
        let mut chunk = chunks.next().unwrap_or_default();
        loop {
            cell.revision = read.unwrap_or(0) + 1;
            let item = to_item(&cell)?;
            let done = self.write(|transaction| {
                transaction.put_next(table, item.clone(), "revision", read)?;
                chunk.iter().try_for_each(|write| match write {
                    LogWrite::Put(item) => transaction.put(table, item.clone()),
                    LogWrite::Remove(key) => transaction.delete(table, key),
                })
            });
            if !done.await? {
                return Ok(false);
            }
            read = Some(cell.revision);
            let Some(next) = chunks.next() else { return Ok(true) };
            chunk = next;
        }
    }

    /// Whether a transaction with these writes took effect.
    async fn write(&self, fill: impl Fn(&mut Transaction) -> Result<(), StoreError>) -> Result<bool, StoreError> {
        for tries in 0..TRIES {
            let mut transaction = Transaction::default();
            fill(&mut transaction)?;
            match self.transact(transaction).await? {
                Committed::Yes => return Ok(true),
                Committed::No(_) => return Ok(false),
                Committed::Contended(_) => pause(tries).await,
            }
        }
        Err(StoreError::busy("TransactWriteItems", "a repair was contended each time"))
    }
}
