//! The whole system in one process: both functions behind one HTTP server, on a store in a file or in memory.
//!
//! There is no second implementation: requests go to the same handlers that Lambda invokes, and what is
//! recorded to the same publishing.

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod anchors;
pub mod clock;
pub mod data;
pub mod demo;
pub mod export;
pub mod listener;
mod login;
pub mod output;
pub mod publishing;
pub mod rebuild;
pub mod replay;
pub mod server;
mod shown;
pub mod system;
pub mod target;
pub mod tokens;
pub mod verify;

pub use system::System;
