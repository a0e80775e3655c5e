//! Transactions of several deployments as few: what goes together, and what the end of it means for each. Pure.

use std::collections::HashMap;

use store::transaction::{Checked, Condition, Outcome, Transaction, Write};
use store::{Key, StoreError, Table};

/// How many bytes go together. `DynamoDB` takes 4 MB, and counts a little otherwise than we do.
const BYTES: usize = 2 * 1024 * 1024;
/// What has more bytes goes alone: it is what may be refused for its size.
const BYTES_OF_ONE: usize = 256 * 1024;

/// Transactions that are carried out as one.
#[derive(Debug, Default)]
pub(crate) struct Joint {
    /// All their writes.
    pub(crate) transaction: Transaction,
    bytes: usize,
    /// Where each item is written.
    written: HashMap<(Table, Key), usize>,
    /// Whose they are, and where the writes of each stand.
    parts: Vec<(usize, Vec<usize>)>,
}

/// What a joint end means for one of those that went together.
#[derive(Debug, Clone)]
pub(crate) enum Share {
    /// This became of it.
    Ended(Result<Outcome, StoreError>),
    /// Nothing of it took effect, because of others.
    OfOthers,
    /// What became of it is not known, or who is to blame: it is to be tried alone.
    Unknown,
}

/// These transactions, each with whose it is, as few. Each keeps its writes, and what they are conditional on.
pub(crate) fn joined(transactions: impl Iterator<Item = (usize, Transaction)>) -> Vec<Joint> {
    let mut joint: Vec<Joint> = Vec::new();
    for (whose, transaction) in transactions {
        let bytes = transaction.bytes();
        let room = joint.iter_mut().find(|joint| joint.has_room(&transaction, bytes));
        if let Some(room) = room {
            room.take(whose, transaction, bytes);
        } else {
            let mut alone = Joint::default();
            alone.take(whose, transaction, bytes);
            joint.push(alone);
        }
    }
    joint
}

impl Joint {
    fn has_room(&self, transaction: &Transaction, bytes: usize) -> bool {
        let is_small = bytes <= BYTES_OF_ONE && self.bytes + bytes <= BYTES && self.parts.len() < Transaction::MOST;
        if !is_small || (self.parts.len() == 1 && self.bytes > BYTES_OF_ONE) {
            return false;
        }
        let mut more = 0;
        for write in &transaction.writes {
            let Some(target) = write.target() else { return false };
            match self.written.get(&target).and_then(|at| self.transaction.writes.get(*at)) {
                None => more += 1,
                Some(written) if is_the_same(written, write) => {}
                Some(_) => return false,
            }
        }
        self.transaction.len() + more <= Transaction::MOST
    }

    fn take(&mut self, whose: usize, transaction: Transaction, bytes: usize) {
        let mut places = Vec::with_capacity(transaction.len());
        for write in transaction.writes {
            let next = self.transaction.len();
            let at = write.target().map_or(next, |target| *self.written.entry(target).or_insert(next));
            places.push(at);
            if at == next {
                self.transaction.writes.push(write);
            }
        }
        self.bytes += bytes;
        self.parts.push((whose, places));
    }

    /// What this end means for each of them.
    pub(crate) fn shares(parts: &[(usize, Vec<usize>)], ended: &Result<Outcome, StoreError>) -> Vec<(usize, Share)> {
        let alone = parts.len() == 1;
        let share = |places: &[usize]| match ended {
            Ok(Outcome::Refused(checked)) => {
                let of_it = places.iter().map(|at| checked.get(*at).cloned().unwrap_or(Checked::Holds));
                let of_it: Vec<Checked> = of_it.collect();
                if alone || of_it.iter().any(|checked| *checked != Checked::Holds) {
                    Share::Ended(Ok(Outcome::Refused(of_it)))
                } else {
                    Share::OfOthers
                }
            }
            Ok(Outcome::Contended(met)) if !(alone || met.is_empty() || met.iter().any(|at| places.contains(at))) => {
                Share::OfOthers
            }
            Err(error) if !(alone || error.busy) => Share::Unknown,
            ended => Share::Ended(ended.clone()),
        };
        parts.iter().map(|(whose, places)| (*whose, share(places))).collect()
    }

    /// The transaction, and whose writes stand where in it.
    pub(crate) fn into_parts(self) -> (Transaction, Vec<(usize, Vec<usize>)>) {
        (self.transaction, self.parts)
    }
}

/// Whether two writes to one item are one: what exists, say, that each of several shows to exist.
fn is_the_same(one: &Write, other: &Write) -> bool {
    matches!(one, Write::Put { condition: Condition::Anything, .. }) && one == other
}

#[cfg(test)]
mod tests;
