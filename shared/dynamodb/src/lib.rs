//! The store on `DynamoDB`: the only crate that names its SDK.
//!
//! * [`ReadOnly`] has the reading half of the port, for a program that must not write;
//! * [`ReadWrite`] has both halves;
//! * [`create()`] makes the tables, for one machine and for tests. In AWS the template does it.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod batch;
mod create;
mod error;
mod query;
mod read;
mod transact;
mod write;

pub use create::create;
pub use read::ReadOnly;
pub use write::ReadWrite;

/// The SDK, for those who make a client of their own.
pub use aws_sdk_dynamodb as sdk;
