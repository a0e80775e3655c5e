//! The whole system in one process: both functions behind one loopback HTTP server, on an embedded DynamoDB,
//! whose stream is delivered to the function as Lambda does.
//!
//! There is no second implementation: requests become the JSON that API Gateway sends, stream records the
//! JSON that DynamoDB sends, and both go to the same handlers that Lambda calls.

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod demo;
pub mod door;
pub mod embedded;
pub mod pump;
pub mod rebuild;
pub mod server;
pub mod system;
pub mod tokens;

pub use system::System;
