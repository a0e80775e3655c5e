//! How a deployment stood at a time.

use crate::Timestamp;
use crate::ledger::recording::{Record, State, append};

/// Those of a deployment's records that had happened by a time, and that were known at a time.
pub fn records_at(
    records: &[Record],
    as_of: Timestamp,
    known_at: Option<Timestamp>,
) -> impl Iterator<Item = &Record> + use<'_> {
    let known = records.iter().filter(move |record| known_at.is_none_or(|known| record.recorded_at <= known));
    known.filter(move |record| record.moment().at <= as_of)
}

/// The state of a deployment with these records as of a time, and as it was known at a time; none before its first
/// event. Where a part of its history has expired, it is what the rest says.
#[must_use]
pub fn state_at(records: &[Record], as_of: Timestamp, known_at: Option<Timestamp>) -> Option<State> {
    records_at(records, as_of, known_at).fold(None, |state: Option<State>, record| {
        Some(append(state.as_ref(), record.received.clone(), record.recorded_at).1)
    })
}
