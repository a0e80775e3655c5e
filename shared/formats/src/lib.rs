//! What tools send, read as reports.
//!
//! Whatever comes through a [`Door`] goes the same way, for the queue and for HTTP, for
//! [explaining](explain()) and for trying out on the command line:
//!
//! ```text
//! Payload ─ read ─► Contents ─ judge ─► Judgement: record this, ignore it, or reject it
//!             │                  │
//!          SOURCES           Settings
//! ```
//!
//! * [`read`] finds the reader of a payload and lets it say what each event is about. A format knows one
//!   tool, and nothing else in the system knows any.
//! * [`judge()`] gives a user's [rules] the last word on it, and each name its meaning.
//! * [`SOURCES`] is the table of what is read: a new tool is a file below `sources` and a row there.
//! * A [`Webhook`] proves with a [`Secret`] that its tool sent it, before anything of it is read.
//!
//! Nothing here does I/O, knows AWS's SDK or HTTP's status codes, or reads a clock: time is an argument.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod cloud_event;
mod contents;
mod custom;
mod door;
mod envelope;
mod explain;
mod fields;
mod ids;
mod judge;
mod known_tools;
mod native;
mod origin;
mod payload;
mod proof;
pub mod read;
mod reading;
mod rejection;
pub mod rules;
mod settings;
mod source;
mod sources;
mod unrelated;
mod webhook;
mod webhook_secrets;

pub use contents::{Contents, Element};
pub use custom::{CustomSource, CustomSources};
pub use door::Door;
pub use explain::{Explanation, Outcome, explain};
pub use judge::{Arrival, Decision, Judgement, judge};
pub use origin::Origin;
pub use payload::Payload;
pub use proof::{Secret, Unproven};
pub use reading::Ignored;
pub use rejection::Rejection;
pub use rules::SourceRules;
pub use settings::Settings;
pub use source::{FACTS_OF_ALL, Source};
pub use sources::SOURCES;
pub use webhook::Webhook;
pub use webhook_secrets::{WebhookSecrets, WrongSecrets};
