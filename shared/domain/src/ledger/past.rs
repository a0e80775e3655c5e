//! How a deployment stood at a time.

use crate::Timestamp;
use crate::ledger::recording::{Record, State, append};

/// The state of a deployment with these records as of a time, and as it was known at a time; none before its first
/// event. Where a part of its history has expired, it is what the rest says.
#[must_use]
pub fn state_at(records: &[Record], as_of: Timestamp, known_at: Option<Timestamp>) -> Option<State> {
    let known = records.iter().filter(|record| known_at.is_none_or(|known| record.recorded_at <= known));
    let by_then = known.filter(|record| record.moment().at <= as_of);
    by_then.fold(None, |state: Option<State>, record| {
        Some(append(state.as_ref(), record.received.clone(), record.recorded_at).1)
    })
}
