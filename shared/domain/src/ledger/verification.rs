//! Verification: whether what stands of a deployment's history is what was recorded, and whether
//! what is missing is gone by age.
//!
//! The hash of an event covers when the one before it was recorded, and nothing is recorded before
//! what precedes it in sequence. So the event behind a gap, or the summary behind the last one, says
//! when the youngest of the missing events was recorded: when that one may be gone, all of them may;
//! when it may not, someone removed it. No event within retention can be missing or altered unseen,
//! since each has an event behind it that covers its hash, or is the one whose hash the summary has.

use std::collections::BTreeMap;

use super::recording::{Record, State};
use super::standing::{Checked, Gap, Standing, check};
use crate::{DeploymentId, Retention, Timestamp};

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

/// The end of a history, as it is stated beside it.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// How many events there are.
    pub sequence: u64,
    /// The hash of the last one, where it is stated.
    pub hash: Option<&'a str>,
}

/// Which events may be missing.
#[derive(Debug, Clone, Copy)]
pub enum MayBeMissing {
    /// Those that are gone by age.
    ByAge {
        /// How long events are kept.
        retention: Retention,
        /// When the last event was recorded.
        last_recorded_at: Timestamp,
        /// The time of verification.
        now: Timestamp,
    },
    /// Exactly as many as whoever has the history reports.
    Reported(u64),
}

/// What is found of a history, its summary aside.
#[derive(Debug)]
pub struct Judged {
    /// How many events are missing.
    pub missing: u64,
    /// How many of these may be.
    pub expired: u64,
    /// What is not as it should be.
    pub problems: Vec<String>,
    /// When what stands at the first problem was recorded: so long it can be wrong. None where nothing stands.
    pub since: Option<Timestamp>,
    /// The state after all events; none where one is missing.
    pub folded: Option<State>,
}

/// Judges the history of a deployment: its `entries` in sequence order, and the numbers of events that stand
/// there and are `unreadable`, each with its hash where that much of it can be read.
#[must_use]
pub fn judge(
    id: &DeploymentId,
    entries: &[Standing<'_>],
    unreadable: &BTreeMap<u64, Option<&str>>,
    head: Head<'_>,
    may_be_missing: MayBeMissing,
) -> Judged {
    let Checked { mut problems, since, gaps, folded } = check(id, entries, head.sequence);
    let missing_in = |gap: &Gap| gap.count().saturating_sub(unreadable.range(gap.numbers.clone()).count() as u64);
    let gaps: Vec<(&Gap, u64)> =
        gaps.iter().map(|gap| (gap, missing_in(gap))).filter(|(_, missing)| *missing > 0).collect();
    let missing = gaps.iter().map(|(_, missing)| missing).sum();
    let mut expired = 0;
    for (gap, missing_here) in gaps {
        let may = match may_be_missing {
            MayBeMissing::ByAge { retention, last_recorded_at, now } => {
                retention.is_over(gap.last_recorded_at.unwrap_or(last_recorded_at), now)
            }
            MayBeMissing::Reported(reported) => reported == missing,
        };
        if may {
            expired += missing_here;
        } else {
            problems.push(gap.problem());
        }
    }
    let ends = [
        unreadable.last_key_value().map(|(sequence, hash)| (*sequence, *hash)),
        entries.last().map(|last| (last.sequence, Some(last.hash))),
    ];
    let last = ends.into_iter().flatten().max_by_key(|(sequence, _)| *sequence);
    let last_hash = last.filter(|(sequence, _)| *sequence == head.sequence).and_then(|(_, hash)| hash);
    if last_hash.zip(head.hash).is_some_and(|(last, stated)| last != stated) {
        problems.push("the last event's hash is not the head hash of the summary".to_owned());
    }
    let since = since.or(entries.last().map(|last| last.recorded_at)).filter(|_| !problems.is_empty());
    Judged { missing, expired, problems, since, folded }
}

/// Judges whether the history of a deployment may be taken as what its state follows from. The state can be behind,
/// for it can be computed again: then what its summary states of the end must be true of what stood there then.
/// Where the summary is lost, nothing is stated.
#[must_use]
pub fn adoptable(
    id: &DeploymentId,
    entries: &[Standing<'_>],
    unreadable: &BTreeMap<u64, Option<&str>>,
    stated: Option<Head<'_>>,
    may_be_missing: MayBeMissing,
) -> Judged {
    let last = entries.last().map(|last| last.sequence).max(unreadable.last_key_value().map(|(last, _)| *last));
    let counted = last.max(stated.map(|stated| stated.sequence)).unwrap_or(0);
    let hash = stated.filter(|stated| stated.sequence == counted).and_then(|stated| stated.hash);
    let mut judged = judge(id, entries, unreadable, Head { sequence: counted, hash }, may_be_missing);
    if let Some(Head { sequence, hash: Some(hash) }) = stated.filter(|stated| stated.sequence < counted)
        && let Some(then) = entries.iter().find(|entry| entry.sequence == sequence)
        && then.hash != hash
    {
        judged.problems.push(format!("the hash of event {sequence} is not the head hash of the summary"));
        judged.since = judged.since.or(Some(then.recorded_at));
    }
    judged
}

/// Verifies the history of the deployment in this state: its `records` in sequence order, and the
/// numbers of events that stand there and are `unreadable`. What is older than `retention` at the
/// time `now` may be gone.
#[must_use]
pub fn verify(state: &State, records: &[Record], unreadable: &[u64], retention: Retention, now: Timestamp) -> Verified {
    let entries: Vec<Standing<'_>> = records.iter().map(Standing::from).collect();
    let mut problems: Vec<String> =
        unreadable.iter().map(|sequence| format!("event {sequence} was altered: it can't be parsed")).collect();
    let unreadable = unreadable.iter().map(|sequence| (*sequence, None)).collect();
    let head = Head { sequence: state.sequence, hash: Some(&state.head_hash) };
    let by_age = MayBeMissing::ByAge { retention, last_recorded_at: state.recorded_at, now };
    let judged = judge(&state.summary.deployment_id, &entries, &unreadable, head, by_age);
    problems.extend(judged.problems);
    let summary_compared = judged.folded.is_some();
    if judged.folded.is_some_and(|folded| !state.summary.is_fold(&folded.summary)) {
        problems.push("the summary does not match the events".to_owned());
    }
    Verified { expired: judged.expired, summary_compared, problems }
}
