//! The store on `SQLite`: a table of items for each of the two tables, in one file or in memory.
//!
//! ```text
//! Sqlite ─┬─ reads ──► Readers: connections of their own, beside the writer
//!         └─ writes ─► Writer: one thread; what waits is written in one transaction
//! ```
//!
//! * [`Sqlite`] has both halves of the store's port;
//! * [`mod@file`] makes, opens and copies the file, and refuses what is not ours;
//! * [`Unpublished`] is what was recorded and is still to be published.
//!
//! An item stands as JSON in the form of `DynamoDB`'s own (`{"pk": {"S": "LIVE#production"}}`), beside the
//! attributes that are keys, so any `SQLite` tool can read the file.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod error;
pub mod file;
mod inspect;
mod item;
mod limits;
mod not_opened;
mod published;
mod query;
mod readers;
mod schema;
mod store;
mod trouble;
mod write;
mod writer;

pub use inspect::Inspected;
pub use not_opened::NotOpened;
pub use published::Unpublished;
pub use store::Sqlite;
