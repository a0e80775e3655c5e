//! The store: two tables of items, the port behind which a database has them, and what is read of them.
//!
//! * [`port`]: what a database must do, in two halves: reading and writing. A database is an adapter of
//!   its own (`dynamodb`), and nothing here or above knows which one it is;
//! * [`tables`]: the two tables with their indexes, as data;
//! * [`query`] and [`transaction`]: a question to a table and a change of tables, as data; [`pages`]: an
//!   answer that comes in several pages;
//! * [`keys`] and [`items`]: how the domain's values stand in the tables;
//! * [`reader`]: the questions, over the reading half alone;
//! * [`in_force`]: the settings that a process works by;
//! * [`backoff`]: how long to wait before another try.
//!
//! What writes is the crate `recorder`. With the feature `contract` there are checks that every adapter
//! must pass.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod backoff;
#[cfg(feature = "contract")]
pub mod contract;
pub mod error;
pub mod in_force;
pub mod items;
pub mod keys;
pub mod pages;
pub mod port;
pub mod position;
pub mod query;
pub mod reader;
pub mod size;
pub mod tables;
pub mod transaction;

pub use error::StoreError;
pub use in_force::InForce;
pub use keys::Key;
pub use port::{ReadItems, WriteItems};
pub use reader::Reader;
pub use reader::lists::ListQuery;
pub use reader::trail::Trail;
/// An item of a table: its attributes by name; and the value of an attribute. Both are plain data.
pub use serde_dynamo::{AttributeValue, Item};
pub use tables::{Table, TableNames};
