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

pub mod api;
pub mod catalog;
pub mod cdevents;
pub mod chain;
pub mod commit;
pub mod cursor;
pub mod delivery;
pub mod event;
pub mod fields;
pub mod figures;
pub mod fold;
pub mod identifiers;
pub mod json;
pub mod live;
pub mod metrics;
pub mod milestones;
pub mod notifications;
pub mod order;
pub mod overlay;
pub mod recording;
pub mod retention;
pub mod source_rules;
pub mod stages;
pub mod status;
pub mod summary;
pub mod time;

pub use event::Event;
pub use fields::FieldError;
pub use figures::Figures;
pub use identifiers::{
    Commit, DeploymentId, Environment, EventId, EventKey, Label, Service, Source, StageName, Version,
};
pub use recording::{Received, Record, State};
pub use retention::Retention;
pub use source_rules::SourceRules;
pub use status::Status;
pub use summary::Summary;
pub use time::Timestamp;
