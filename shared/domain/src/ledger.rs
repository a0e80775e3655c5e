//! The ledger: how events become a deployment's history and its state.
//!
//! [`fold`] is how one more event changes the [`summary`] of a deployment; [`recording`] makes of an
//! event as it was [`received`] and the state before it the record and the state after it, if there is [`room`]; [`commit`] is all that one
//! transaction writes, and [`changed`] since when figures of days that are over are others by it; [`chain`] ties each record to the one before, [`standing`] checks the entries of a
//! history as they stand somewhere, and [`verification`] judges what is missing. [`gated`] is what has not begun,
//! [`heard`] who reported it, [`ownership`] whose it is, [`permitted`] who may say it, and [`past`] how a deployment stood at a time.

pub mod acceptance;
pub mod agreement;
pub mod attempt;
pub mod chain;
pub mod changed;
pub mod commit;
pub mod figures;
pub mod flag;
pub mod fold;
pub mod gated;
pub mod heard;
pub mod latest;
pub mod links;
pub mod mark;
pub mod metadata;
pub mod observed;
pub mod order;
pub mod overlay;
pub mod ownership;
pub mod past;
pub mod permitted;
pub mod received;
pub mod recording;
pub mod room;
pub mod stages;
pub mod standing;
pub mod summary;
pub mod verification;
