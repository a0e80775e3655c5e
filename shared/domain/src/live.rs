//! Which version is live: the log of endings of one (environment, service), and what follows from it.
//!
//! The [`log`] is a function of the deployments' summaries, and the live version is a function of the log
//! ([`mod@resolve`]), [as of](as_of) any point in time and as known at any point in time. So neither can
//! drift from history; [`mod@replay`] makes both again from a deployment's records. The [`cell`] keeps the
//! answer, for each region, beside the newest part of the log; [`mod@next`] takes it one change further.
//! What landed, and when it did first, is kept apart ([`thing`]): it says what a landing is
//! ([`change`]), and what became of it ([`course`]); and so is what was [`undone`]. What ran one after the other is a [`timeline`]; how long each
//! landing took, its [`timing`]. The matrix [shows](shown) one answer where the regions agree.

pub mod as_of;
pub mod cell;
pub mod change;
pub mod course;
mod judged;
pub mod last_attempt;
pub mod log;
pub mod log_key;
pub mod next;
pub mod replay;
pub mod resolve;
pub mod shown;
pub mod tail;
pub mod thing;
pub mod timeline;
pub mod timing;
pub mod undone;

pub use cell::Cell;
pub use change::Change;
pub use course::Course;
pub use last_attempt::{Attempt, LastAttempt};
pub use log::{Effect, Entry, Place, entries};
pub use resolve::{Live, ReadFurther};
pub use shown::{Shown, ShownRegion};
pub use tail::Tail;
pub use thing::{Landings, ThingKey};
pub use timing::Timing;
pub use undone::{Undoing, Undone};

#[cfg(test)]
mod tests;
