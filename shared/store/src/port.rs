//! The port: what a database must do to be a store. An adapter implements it, and nothing above an adapter
//! knows which database it is.
//!
//! # Items
//!
//! A table holds items. An item is a map of attributes by name; a value is a text (`S`), a number (`N`, as
//! decimal digits), a truth value, a list or a map of values. Different items of one table have different
//! attributes. Each has the texts [`PARTITION`](crate::tables::PARTITION) and
//! [`SORT`](crate::tables::SORT), which together are its [`Key`]: at most one item of a table has a key. An
//! item comes back as it was written: every attribute, every digit of a number.
//!
//! Within a partition items stand in the order of their sort keys, compared byte by byte as UTF-8. Keys
//! hold any character, in any script; a partition key has up to 2,048 bytes, a sort key up to 1,024, an
//! item up to 400 KB.
//!
//! # Indexes
//!
//! [`tables`](crate::tables) declares which attributes are the key of which index. An index follows its
//! table by itself: an item stands in it when it has both attributes of the index's key, with the
//! attributes of both keys and those that the index includes. An index can lag behind its table for a
//! moment (an adapter whose indexes never lag is welcome): readers know, and read again what must be
//! certain by its key. Items with one key in an index stand in an order that does not change.
//!
//! # Who calls what
//!
//! What reads is generic over [`ReadItems`], so a program that is given an adapter of the reading half
//! can't write. What writes is generic over [`WriteItems`]. An adapter is shared by all tasks of a process
//! and is called by many at once; each call is one round trip.

use std::future::Future;
use std::time::Duration;

use crate::query::{Page, Query};
use crate::tables::Table;
use crate::transaction::{Outcome, Transaction};
use crate::{Item, Key, StoreError};

/// The reading half.
///
/// An error is [busy](StoreError::busy) when to try again later can help. An adapter itself tries again
/// what its database asks it to, a few times and for a few seconds at most.
pub trait ReadItems: Send + Sync {
    /// The item with this key; none when there is none. Everything that was written before is seen.
    fn get(&self, table: Table, key: &Key) -> impl Future<Output = Result<Option<Item>, StoreError>> + Send;

    /// The items with these keys that there are, in any order. Everything that was written before is seen,
    /// although not all of it at one moment. The keys differ from each other, and there can be any number
    /// of them: an adapter splits them as its database needs.
    fn batch_get(&self, table: Table, keys: Vec<Key>) -> impl Future<Output = Result<Vec<Item>, StoreError>> + Send;

    /// One page of the answer to a query.
    ///
    /// A page ends with the last item; or when [`limit`](Query::limit) items are read; or when it is as
    /// large as the adapter lets a page be (in `DynamoDB` 1 MB). [`Page::next`] says where to go on, unless
    /// it is certain that nothing is left. It is the key of the page's last item: the attributes of the
    /// table's key and, in a query of an index, of the index's key. With it as [`start`](Query::start) the
    /// same query goes on behind that item, whether or not it still stands there, so that what is written
    /// meanwhile neither hides an item nor shows one twice.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// The writing half.
pub trait WriteItems: ReadItems {
    /// Carries out a transaction: all conditions are checked and all writes take effect at one moment, or
    /// nothing happens. What is [`Committed`](Outcome::Committed) is on disk, and is not lost by a crash.
    ///
    /// When conditions don't hold, each write that is to blame hands back the whole item that stands there
    /// (read at that same moment), so that the caller can decide anew without reading. An adapter whose
    /// database has no conflicts between transactions never answers [`Contended`](Outcome::Contended).
    ///
    /// What is written to a table with a [stream](crate::tables::Definition::stream) is delivered to the
    /// publisher if and only if it is committed, in the order of its partition: in a database without
    /// streams, the adapter notes it in the same transaction.
    ///
    /// An error means that the transaction may or may not have taken effect. Callers send it again, and
    /// its conditions keep it from taking effect twice.
    fn transact(&self, transaction: Transaction) -> impl Future<Output = Result<Outcome, StoreError>> + Send;

    /// Writes one item, whatever stands there, without a transaction. For a note that many writers make at
    /// once and that is the same from each: they need not be kept apart, and in some databases that is
    /// cheaper.
    fn put(&self, table: Table, item: Item) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Waits, before something is tried again, on the timer of the runtime that the adapter works with.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}
