//! The adapter to `SQLite`: it keeps what the store's port promises, in memory and in a file.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod contract;
mod file;
mod published;
