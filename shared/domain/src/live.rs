//! Which version is live: the log of endings of one (environment, service), and what follows from it.
//!
//! The [`log`] is a function of the deployments' summaries, and the live version is a function of the log
//! ([`mod@resolve`]), [as of](as_of) any point in time and as known at any point in time. So neither can
//! drift from history; [`mod@replay`] makes both again from a deployment's records. The [`tail`] is the
//! newest part of the log, kept with the answer.

pub mod as_of;
pub mod last_attempt;
pub mod log;
pub mod replay;
pub mod resolve;
pub mod tail;

pub use last_attempt::LastAttempt;
pub use log::{Effect, Entry, Place, entries};
pub use resolve::{Live, ReadFurther, resolve, resolve_newest};
pub use tail::Tail;

#[cfg(test)]
mod tests;
