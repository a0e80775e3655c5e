//! A deployment's history once more, from its first record: what its state and its entries in live logs
//! must be.

use std::collections::BTreeMap;

use crate::ledger::commit::log_changes;
use crate::ledger::recording::{Record, State, append};
use crate::live::as_of::Log;
use crate::live::log::Place;

/// What a deployment's records come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Its state.
    pub state: State,
    /// Its entries in the log of each place that it was ever in.
    pub logs: BTreeMap<Place, Log>,
}

/// Folds a deployment's records again, as recording did, one by one. None when there are none.
#[must_use]
pub fn replay(records: &[Record]) -> Option<Replayed> {
    let mut state: Option<State> = None;
    let mut logs: BTreeMap<Place, Log> = BTreeMap::new();
    for recorded in records {
        let (made, after) = append(state.as_ref(), recorded.received.clone(), recorded.recorded_at);
        for (place, change) in log_changes(state.as_ref(), &after, &made) {
            logs.entry(place).or_default().apply(&change);
        }
        state = Some(after);
    }
    Some(Replayed { state: state?, logs })
}
