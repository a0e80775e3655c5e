//! Verification: whether what stands of a deployment's history is what was recorded, and whether
//! what is missing is gone by age.
//!
//! The hash of an event covers when the one before it was recorded, and nothing is recorded before
//! what precedes it in sequence. So the event behind a gap, or the summary behind the last one, says
//! when the youngest of the missing events was recorded: when that one may be gone, all of them may;
//! when it may not, someone removed it. No event within retention can be missing or altered unseen,
//! since each has an event behind it that covers its hash, or is the one whose hash the summary has.

use super::recording::{Record, State};
use super::standing::{Standing, check};
use crate::{Retention, Timestamp};

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
    let entries: Vec<Standing<'_>> = records.iter().map(Standing::from).collect();
    let checked = check(&state.summary.deployment_id, &entries, state.sequence);
    let mut problems: Vec<String> =
        unreadable.iter().map(|sequence| format!("event {sequence} was altered: it can't be parsed")).collect();
    problems.extend(checked.problems);
    let mut expired = 0;
    for gap in &checked.gaps {
        let standing = unreadable.iter().filter(|sequence| gap.numbers.contains(sequence)).count() as u64;
        let missing = gap.count().saturating_sub(standing);
        if retention.is_over(gap.last_recorded_at.unwrap_or(state.recorded_at), now) {
            expired += missing;
        } else if missing > 0 {
            problems.push(gap.problem());
        }
    }
    let last = records.last().filter(|last| last.sequence == state.sequence);
    if last.is_some_and(|last| last.hash != state.head_hash) {
        problems.push("the last event's hash is not the head hash of the summary".to_owned());
    }
    let summary_compared = checked.folded.is_some();
    if checked.folded.is_some_and(|folded| folded.summary != state.summary) {
        problems.push("the summary does not match the events".to_owned());
    }
    Verified { expired, summary_compared, problems }
}
