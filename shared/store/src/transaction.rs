//! A change of the tables, as data: all of it takes effect, or nothing.

use crate::keys::Key;
use crate::tables::Table;
use crate::{Item, size};

/// The writes of one transaction, in order.
///
/// No two of them are to one item, and there are at most [`Transaction::MOST`]. Whoever puts a
/// transaction together keeps to that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transaction {
    /// The writes.
    pub writes: Vec<Write>,
}

/// One write.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Writes this item in place of whatever has its key, if the condition holds.
    Put {
        /// Where.
        table: Table,
        /// What; its key is in it.
        item: Item,
        /// On which condition.
        condition: Condition,
    },
    /// Removes the item with this key. There need not be one.
    Delete {
        /// Where.
        table: Table,
        /// Which.
        key: Key,
    },
}

/// What must be true of the item that has the key of a write, before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing: it can be any, or none.
    Anything,
    /// There is none.
    Nothing,
    /// There is one, and this attribute of it is this number.
    Number(&'static str, u64),
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All of it took effect.
    Committed,
    /// Nothing of it took effect, because of conditions that don't hold: for each write, in order, whether
    /// its own holds.
    Refused(Vec<Checked>),
    /// Nothing of it took effect, because another transaction was at the same items. To try again may
    /// help. These are the writes that met it, each by its place; none where it is not known which.
    Contended(Vec<usize>),
}

/// Whether the condition of one write of a refused transaction holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// It holds, or there was no need to look.
    Holds,
    /// It does not: this is the whole item that stands there, or none.
    Fails(Option<Item>),
}

impl Transaction {
    /// How many writes a transaction has room for.
    pub const MOST: usize = 100;

    /// How many writes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// About how many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.writes.iter().map(Write::bytes).sum()
    }

    /// Writes `item`, whatever stands there.
    pub fn put(&mut self, table: Table, item: Item) {
        self.put_if(table, item, Condition::Anything);
    }

    /// Writes `item` where nothing stands.
    pub fn put_new(&mut self, table: Table, item: Item) {
        self.put_if(table, item, Condition::Nothing);
    }

    /// Writes `item` where the number `attribute` is still the one that was read, or, when there was no
    /// item to read, where nothing stands.
    pub fn put_next(&mut self, table: Table, item: Item, attribute: &'static str, read: Option<u64>) {
        let condition = read.map_or(Condition::Nothing, |read| Condition::Number(attribute, read));
        self.put_if(table, item, condition);
    }

    /// Removes the item with this key.
    pub fn delete(&mut self, table: Table, key: Key) {
        self.writes.push(Write::Delete { table, key });
    }

    /// Adds the writes of another.
    pub fn append(&mut self, mut other: Self) {
        self.writes.append(&mut other.writes);
    }

    fn put_if(&mut self, table: Table, item: Item, condition: Condition) {
        self.writes.push(Write::Put { table, item, condition });
    }
}

impl Write {
    /// Where it writes; none for an item without its key.
    #[must_use]
    pub fn target(&self) -> Option<(Table, Key)> {
        match self {
            Self::Put { table, item, .. } => Key::of(item).map(|key| (*table, key)),
            Self::Delete { table, key } => Some((*table, key.clone())),
        }
    }

    /// About how many bytes it has.
    fn bytes(&self) -> usize {
        match self {
            Self::Put { item, .. } => size::of_item(item),
            Self::Delete { key, .. } => key.partition.len() + key.sort.len(),
        }
    }
}
