//! Anchors: what proves later that a history is still the one that was recorded.
//!
//! A chain of hashes proves the past of a deployment to whoever knows its head, and whoever can write a store can
//! compute a chain anew. So the heads of all chains that changed are [anchored](Anchor) once a day, and on request:
//! they are the [leaves](Leaf) of a [tree](merkle) whose root stands in a record, and each record holds the hash of
//! the one before. A copy of the records elsewhere is enough to [find](Judging) what was changed, removed or put in
//! since, and in which day first.
//!
//! A day is [closed](Extent) a quarter of an hour after its end: so long a commit can take. What comes later with
//! a time in it was put in.

mod anchor;
mod extent;
mod judging;
mod leaf;
pub mod merkle;
mod series;

pub use anchor::{Anchor, AnchorRecord, Chains, next};
pub use extent::{CLOSED_AFTER_MILLIS, Extent, FIRST_DAY, MOST_DAYS};
pub use judging::{Judging, Kept, Span};
pub use leaf::{ChainEntry, Leaf};
pub use series::{Series, Wrong};
