//! The templates say what the code says. Whatever one of them names and the other must know is
//! compared here, so that `cargo test` goes red when they drift apart: metrics that alarms and
//! dashboards read, environment variables, tables, routes, the rule on the default bus, permissions.
//!
//! What the code says is not a list in a test: it is the code's own definitions, or what the real
//! handlers did when they were driven. Each check answers complaints, and has a test beside it that
//! spoils something and expects the complaint: a check that can't go red proves nothing.

#![expect(clippy::unwrap_used, reason = "panicking is how a test fails, in what tests share too")]

mod alarms;
mod attributes;
mod calls;
mod cloudwatch;
mod default_bus;
mod drift;
pub(crate) mod emitted;
mod metrics;
mod parameters;
mod permissions;
mod readings;
mod references;
mod routes;
mod samconfig;
mod stack;
mod stolen;
mod tables;
mod templates;
mod variables;
mod watched;
pub(crate) mod yaml;
