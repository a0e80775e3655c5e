//! The store: both halves of the port.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use store::query::{Page, Query};
use store::transaction::{Outcome, Transaction};
use store::{Item, Key, ReadItems, StoreError, Table, WriteItems};

use crate::file;
use crate::inspect::{self, Inspected};
use crate::not_opened::NotOpened;
use crate::published::{self, Unpublished};
use crate::query;
use crate::readers::Readers;
use crate::writer::Writer;

/// Both tables in one file, or in memory. Copies of it share its connections.
#[derive(Debug, Clone)]
pub struct Sqlite {
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    /// A store in memory, empty; it ends with the last copy.
    ///
    /// # Errors
    /// When the machine has no room for it.
    pub fn in_memory() -> Result<Self, NotOpened> {
        let connection = Arc::new(Mutex::new(file::in_memory()?));
        Ok(Self { readers: Readers::Memory(Arc::clone(&connection)), writer: Writer::start(connection)? })
    }

    /// The store in a file, which is made when there is none.
    ///
    /// # Errors
    /// When the file is not one of ours, or can't be read or written: then it stays as it is.
    pub fn open(path: &Path) -> Result<Self, NotOpened> {
        Self::on(path, file::open(path)?)
    }

    /// The same, and a copy stays one: where it is copied back to, no log that is there is taken for its own.
    ///
    /// # Errors
    /// As when it is opened.
    pub fn open_as_it_is(path: &Path) -> Result<Self, NotOpened> {
        Self::on(path, file::open_as_it_is(path)?)
    }

    fn on(path: &Path, connection: Connection) -> Result<Self, NotOpened> {
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self { readers: Readers::of_file(path), writer: Writer::start(connection)? })
    }

    /// What `SQLite` itself finds wrong with the file: a sentence for each, and none when it is whole.
    ///
    /// # Errors
    /// When that can't be looked at.
    pub fn damaged_pages(&self) -> Result<Vec<String>, StoreError> {
        self.readers.read("integrity_check", query::damaged_pages)
    }

    /// What each row of the file says of itself: which partitions the history has, and which rows are not what they
    /// are found as.
    ///
    /// # Errors
    /// When nothing can be read at the moment.
    pub fn inspect(&self) -> Result<Inspected, StoreError> {
        self.readers.read("inspect", |connection| Ok(inspect::all(connection)))
    }

    /// The keys of all items of a table.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn keys(&self, table: Table) -> Result<BTreeSet<Key>, StoreError> {
        self.readers.read("keys", |connection| query::keys(connection, table))
    }

    /// How far the history is published, as it was noted last. Where that note can't be read it is all of it, and
    /// is noted anew.
    ///
    /// # Errors
    /// When the history can't be read.
    pub async fn published(&self) -> Result<i64, StoreError> {
        let (number, is_noted) = self.readers.read("published", published::noted)?;
        if !is_noted && let Err(error) = self.writer.published(number).await {
            tracing::error!(%error, "how far was published can't be noted");
        }
        Ok(number)
    }

    /// What of the history comes after a number, at most so many items, in the order of recording.
    ///
    /// # Errors
    /// When nothing can be read at the moment. What can't be read ever is among the items as such.
    pub fn unpublished(&self, after: i64, most: usize) -> Result<Vec<Unpublished>, StoreError> {
        self.readers.read("unpublished", |connection| published::after(connection, after, most))
    }

    /// The newest item of the history, if there is one.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn newest(&self) -> Result<Option<Item>, StoreError> {
        self.readers.read("newest", query::newest)
    }

    /// Notes in the file that the history is published up to a number.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn note_published(&self, number: i64) -> Result<(), StoreError> {
        self.writer.published(number).await
    }

    /// Merges the log into the file, so that the file alone is whole: at the end, when nobody writes any more.
    ///
    /// # Errors
    /// When that fails. Nothing is lost then either: the next start reads the log.
    pub async fn merge_log(&self) -> Result<(), StoreError> {
        self.writer.merge().await
    }
}

impl ReadItems for Sqlite {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        self.readers.read("get", |connection| query::get(connection, table, key))
    }

    async fn batch_get(&self, table: Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let get_all =
            |connection: &_| keys.iter().filter_map(|key| query::get(connection, table, key).transpose()).collect();
        self.readers.read("batch_get", get_all)
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        let page = self.readers.read("query", |connection| query::page(connection, query));
        // Between two pages of a long answer others have their turn.
        tokio::task::yield_now().await;
        page
    }
}

impl WriteItems for Sqlite {
    async fn transact(&self, transaction: Transaction) -> Result<Outcome, StoreError> {
        self.writer.transact(transaction).await
    }

    async fn put(&self, table: Table, item: Item) -> Result<(), StoreError> {
        let mut transaction = Transaction::default();
        transaction.put(table, item);
        self.writer.transact(transaction).await.map(drop)
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
