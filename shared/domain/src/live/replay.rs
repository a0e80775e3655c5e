//! A deployment's history once more, from its first record: what its state and its entries in live logs
//! must be.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{self, CatalogEntry};
use crate::ledger::commit::log_changes;
use crate::ledger::observed::Observed;
use crate::ledger::recording::{Record, State, append};
use crate::listings::{self, Listing};
use crate::live::as_of::Log;
use crate::live::log::Place;
use crate::live::timing::Timing;

/// What a deployment's records come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Its state.
    pub state: State,
    /// Its entries in the log of each place that it was ever in.
    pub logs: BTreeMap<Place, Log>,
    /// What it ever showed to exist, and the places that it left. None of that is ever taken back, so it may stand
    /// in the catalog; what it shows now must.
    pub shown: BTreeSet<CatalogEntry>,
    /// The lines that it stands in, and those that it ever stood in and that are never taken back.
    pub listed: BTreeSet<Listing>,
    /// What it says was observed.
    pub observed: Vec<Observed>,
}

/// Folds a deployment's records again, as recording did, one by one. None when there are none.
#[must_use]
pub fn replay(records: &[Record]) -> Option<Replayed> {
    let mut state: Option<State> = None;
    let mut logs: BTreeMap<Place, Log> = BTreeMap::new();
    let (mut shown, mut listed) = (BTreeSet::new(), BTreeSet::new());
    let observed = records.iter().filter_map(Observed::of).collect();
    for recorded in records {
        let (made, after) = append(state.as_ref(), recorded.received.clone(), recorded.recorded_at);
        for (place, change) in log_changes(state.as_ref(), &after, &made) {
            logs.entry(place).or_default().apply(&change);
        }
        let before = state.as_ref().map(|state| &state.summary);
        shown.extend(catalog::changes(before, &after.summary));
        let lines = listings::changes(before, &after.summary);
        listed.extend(lines.added);
        listed.retain(|line| !lines.removed.contains(line));
        state = Some(after);
    }
    let state = state?;
    let timings = Timing::of(&state.summary);
    for log in logs.values_mut() {
        log.time(&timings);
    }
    Some(Replayed { state, logs, shown, listed, observed })
}

/// The same of a history that is taken as it stands, although it is no longer whole: it goes on behind its last
/// record.
#[must_use]
pub fn replay_as_it_stands(records: &[Record]) -> Option<Replayed> {
    let (mut replayed, last) = (replay(records)?, records.last()?);
    replayed.state.sequence = last.sequence;
    replayed.state.head_hash.clone_from(&last.hash);
    replayed.state.recorded_at = last.recorded_at;
    Some(replayed)
}
