//! The whole system in one process: both functions behind one loopback HTTP server, over an embedded
//! DynamoDB, with the table's stream pumped into the function as Lambda would.
//!
//! Nothing here is a second implementation: requests become the JSON that API Gateway sends, stream
//! records the JSON that DynamoDB sends, and both go to the very handlers that Lambda calls.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod demo;
pub mod embedded;
pub mod pump;
pub mod rebuild;
pub mod server;
pub mod system;

pub use system::System;
