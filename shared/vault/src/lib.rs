//! Where anchors are kept in AWS, and who signs them: a [bucket](Bucket) whose objects are written once and never again,
//! and a [key](SigningKey) that never leaves KMS.
//!
//! Four operations of two services: they are [called](calls::Calls) over the connection of the SDK's clients and
//! signed as these sign, without the clients (`docs/decisions/0054-the-witness.md`).

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod bucket;
mod calls;
mod error;
mod key;
mod listing;

pub use bucket::{Bucket, Kept, Put};
pub use calls::Calls;
pub use error::VaultError;
pub use key::SigningKey;
