//! Records events, and publishes what was recorded.
//!
//! Four ways in. Lambda invokes them all through one function (`invocation`, with the feature `aws`), one
//! machine calls each:
//!
//! ```text
//! EventBridge events ───────────► queue ─┐
//! HTTP request ─────────────────► http ──┴─► read ─► judge ─► record ─► answer
//! what is new in the history ───► publish ─► metrics, notifications
//! clock ────────────────────────► tick ────► gauges, stuck deployments
//! ```

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod drift;
mod expectations;
mod explain;
mod forms;
mod http;
#[cfg(feature = "aws")]
mod invocation;
mod judged;
mod metric_sets;
mod problem;
mod processor;
mod publish;
mod queue;
pub mod settings;
mod tick;

pub use explain::explain;
#[cfg(feature = "aws")]
pub use invocation::{NotATrigger, Trigger};
pub use processor::{EventProcessor, Failed};
pub use publish::News;
pub use queue::Message;
pub use tick::Ticked;
