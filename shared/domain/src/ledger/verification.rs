//! Verification: whether what stands of a deployment's history is what was recorded, and whether
//! what is missing is gone by age.
//!
//! The hash of an event covers when the one before it was recorded, and nothing is recorded before
//! what precedes it in sequence. So the event behind a gap, or the summary behind the last one, says
//! when the youngest of the missing events was recorded: when that one may be gone, all of them may;
//! when it may not, someone removed it. No event within retention can be missing or altered unseen,
//! since each has an event behind it that covers its hash, or is the one whose hash the summary has.

use std::ops::Range;

use crate::ledger::recording::{Record, State, record};
use crate::{Retention, Timestamp, json};

/// What verifying a history found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events are gone by age.
    pub expired: u64,
    /// Whether all events were there to be folded again and compared with the summary.
    pub summary_compared: bool,
    /// What is not as it should be.
    pub problems: Vec<String>,
}

/// Verifies the history of the deployment in this state: its `records` in sequence order, and the
/// numbers of events that stand there and are `unreadable`. What is older than `retention` at the
/// time `now` may be gone.
#[must_use]
pub fn verify(state: &State, records: &[Record], unreadable: &[u64], retention: Retention, now: Timestamp) -> Verified {
    let gone_by_age = |gap: Range<u64>, youngest: Timestamp| {
        let standing = unreadable.iter().filter(|sequence| gap.contains(sequence)).count() as u64;
        let missing = gap.end.saturating_sub(gap.start).saturating_sub(standing);
        if retention.is_over(youngest, now) { missing } else { 0 }
    };
    let mut problems: Vec<String> =
        unreadable.iter().map(|sequence| format!("event {sequence} was altered: it can't be read")).collect();
    let mut expired = 0;
    let mut expected = 1;
    // What the next event must follow, unless that is gone by age.
    let mut previous_hash = Some("");
    let mut folded: Option<State> = None;
    for stored in records {
        let gone = gone_by_age(expected..stored.sequence, stored.previous_recorded_at.unwrap_or(stored.recorded_at));
        expired += gone;
        if gone > 0 {
            previous_hash = None;
        } else if stored.sequence != expected {
            problems.push(format!("expected event {expected}, found event {}", stored.sequence));
        }
        if previous_hash.is_some_and(|previous| previous != stored.previous_hash) {
            problems.push(format!("event {} does not follow the one before it", stored.sequence));
        }
        problems.extend(problems_of(stored));
        // What an event meant follows from all before it.
        if expired == 0
            && let Ok((again, after)) = record(folded.as_ref(), stored.received.clone(), stored.recorded_at)
        {
            if again.meaning != stored.meaning {
                problems.push(format!("what event {} meant was altered", stored.sequence));
            }
            folded = Some(after);
        }
        expected = stored.sequence + 1;
        previous_hash = Some(&stored.hash);
    }
    let gone = gone_by_age(expected..state.sequence + 1, state.recorded_at);
    expired += gone;
    if gone > 0 {
        previous_hash = None;
    } else if expected != state.sequence + 1 {
        problems.push(format!("the last event is {}, and the summary counts {}", expected - 1, state.sequence));
    }
    if previous_hash.is_some_and(|last| last != state.head_hash) {
        problems.push("the last event's hash is not the one that the summary has".to_owned());
    }
    let summary_compared = expired == 0;
    if summary_compared && folded.is_none_or(|folded| folded.summary != state.summary) {
        problems.push("the summary is not the fold of the events".to_owned());
    }
    Verified { expired, summary_compared, problems }
}

/// What is wrong with an event by itself.
fn problems_of(stored: &Record) -> Vec<String> {
    let (received, sequence) = (&stored.received, stored.sequence);
    let mut problems = Vec::new();
    if stored.computed_hash() != stored.hash || json::sha256_hex(&received.payload) != received.payload_hash {
        problems.push(format!("event {sequence} was altered: its hash is not that of its content"));
    }
    if received.key != received.event.key(&received.payload_hash) {
        problems.push(format!("event {sequence} stands under a key that is not its own"));
    }
    problems
}
