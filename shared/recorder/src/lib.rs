//! What writes to the store: over the writing half of its port, and so to any database.
//!
//! * [`Recorder`] records events: history and state of a deployment in one transaction, and those of a batch in as
//!   few as they fit in. Besides, it puts
//!   aside what can't be recorded ([`quarantine`](Recorder::quarantine)), and remembers of which silence a
//!   notification was sent;
//!   and records [settings](Recorder::apply_settings) and [releases](Recorder::declare_release);
//! * [`Rebuilder`] computes the state from the history alone, compares, and on request repairs.
//!
//! How an event is recorded:
//!
//! ```text
//! record ─ read_ahead ─► group: next step ─► attempt: draw ─► joint ─► transact
//!                          ▲                                            │
//!                          └── committed · stale · recorded before · contended
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod accepted;
mod attempt;
mod compare;
mod drift;
mod gauges;
mod group;
mod held;
mod history;
mod joint;
pub mod judged;
pub mod kept;
mod live;
mod look;
mod memory;
mod metric_sets;
mod quarantine;
mod read_ahead;
mod rebuilder;
mod rebuilt;
mod record;
mod recorded;
mod recorder;
mod releases;
mod repair;
mod retry;
mod settings;
mod strays;
mod stuck;
mod taken;
mod together;

pub use gauges::TickPosition;
pub use rebuilder::Rebuilder;
pub use rebuilt::{Broken, Rebuilt};
pub use recorded::{Receipt, Recorded, Refused};
pub use recorder::Recorder;
pub use repair::Repaired;
pub use settings::Applied;
