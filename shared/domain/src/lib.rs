//! Deployments as pure rules: what an event is, how events fold into a deployment's summary, which
//! version is live where, what a recorded event means to those who watch, how deployments went over a
//! window of time, and how history is chained.
//!
//! Nothing here does I/O, knows AWS, or reads a clock: time is an argument. So each rule can be
//! tested without a double, and the Lambda functions, the local server and the command line agree
//! because they run the same code.
//!
//! The flow of one event through this crate:
//!
//! ```text
//! bytes ─ json ─► Value ─ event::read ─► Event ─ recording::record ─► Record + State + live-log changes
//!                                                     │
//!                                     fold · live · chain · milestones
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod anchors;
pub mod catalog;
pub mod day;
pub mod event;
pub mod export;
pub mod fields;
pub mod follows;
pub mod health;
pub mod identifiers;
pub mod json;
pub mod label;
pub mod ledger;
pub mod listings;
pub mod live;
pub mod moment;
pub mod page_paths;
pub mod pages_url;
pub mod pattern;
pub mod questions;
pub mod rejection_reason;
pub mod release;
pub mod retention;
pub mod settings;
pub mod status;
pub mod subject;
pub mod time;

pub use day::Day;
pub use event::Event;
pub use fields::FieldError;
pub use identifiers::{
    Commit, DeploymentId, Environment, EventId, EventKey, Label, Region, Service, Source, StageName, Version,
};
pub use label::{label, one_line};
pub use ledger::figures::Figures;
pub use ledger::received::Received;
pub use ledger::recording::{Record, State};
pub use ledger::summary::Summary;
pub use moment::Moment;
pub use rejection_reason::RejectionReason;
pub use retention::Retention;
pub use settings::Settings;
pub use status::Status;
pub use subject::Subject;
pub use time::Timestamp;
