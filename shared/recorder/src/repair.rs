//! Repairing: the writes that make the state what history says, as a rebuild found them.
//!
//! Events may be recorded meanwhile, and each moves on the summary of its deployment or the cell of its
//! place. So these are written while they are still as they were read, and what a place has besides
//! together with its cell. What has moved on is left out, and the next rebuild finds what is still to be done.

use store::items::cell::CellItem;
use store::items::summary::SummaryItem;
use store::items::to_item;
use store::transaction::Transaction;
use store::{StoreError, Table, WriteItems};

use crate::rebuilder::Rebuilder;
use crate::rebuilt::{PlaceRepair, PlaceWrite, Rebuilt, Repair};
use crate::retry::transact;

/// How many other writes of a place go into one transaction with the cell.
const PLACE_WRITES: usize = 90;

/// What became of the repairs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// How many items that differed were written or removed.
    pub items: usize,
    /// How many were left as they are, for they or their place had changed meanwhile.
    pub changed_meanwhile: usize,
}

impl<S: WriteItems> Rebuilder<S> {
    /// Carries out what `found` says is to be done.
    ///
    /// # Errors
    /// When an item can't be written; those before it are. Doing all of it again is safe.
    pub async fn repair(&self, found: Rebuilt) -> Result<Repaired, StoreError> {
        let mut repaired = Repaired::default();
        for repair in found.found.into_iter().map(|difference| difference.repair) {
            let mut transaction = Transaction::default();
            let (items, done) = match repair {
                Repair::Put(item) => {
                    transaction.put(Table::State, item);
                    (1, self.write(&transaction).await?)
                }
                Repair::Remove(key) => {
                    transaction.delete(Table::State, key);
                    (1, self.write(&transaction).await?)
                }
                Repair::Summary { item, read } => {
                    transaction.put_next(Table::State, item, SummaryItem::GUARD, read);
                    (1, self.write(&transaction).await?)
                }
                Repair::Place(place) => (place.differing, self.write_place(*place).await?),
            };
            *(if done { &mut repaired.items } else { &mut repaired.changed_meanwhile }) += items;
        }
        if repaired.items > 0 {
            self.make_days_again().await?;
        }
        Ok(repaired)
    }

    /// Writes a place's cell and what it follows from. Each transaction moves the cell on by one revision, and
    /// only with the last it says that what landed is kept. Answers whether all of it took effect.
    async fn write_place(&self, repair: PlaceRepair) -> Result<bool, StoreError> {
        let mut cell = CellItem::next(&repair.place, repair.cell, repair.read);
        let mut read = repair.read;
        let (kept, undone_kept) = (cell.cell.kept, cell.cell.undone_kept);
        let mut writes = repair.writes.into_iter().peekable();
        loop {
            let some: Vec<PlaceWrite> = writes.by_ref().take(PLACE_WRITES).collect();
            cell.cell.kept = kept.filter(|_| writes.peek().is_none());
            cell.cell.undone_kept = undone_kept && writes.peek().is_none();
            let mut transaction = Transaction::default();
            transaction.put_next(Table::State, to_item(&cell)?, CellItem::GUARD, read);
            for write in some {
                match write {
                    PlaceWrite::Put(item) => transaction.put(Table::State, item),
                    PlaceWrite::Remove(key) => transaction.delete(Table::State, key),
                }
            }
            if !self.write(&transaction).await? {
                return Ok(false);
            }
            if writes.peek().is_none() {
                return Ok(true);
            }
            read = Some(cell.revision);
            cell.revision += 1;
        }
    }

    /// Whether a transaction took effect.
    async fn write(&self, transaction: &Transaction) -> Result<bool, StoreError> {
        transact(self.reader.store(), transaction, "a repair was contended each time").await
    }
}
