//! What the entries of a history, as they stand somewhere, say of themselves and of each other. The
//! server checks what its tables hold with this, and the command line what the server shows it.

use std::ops::Range;

use super::chain::Link;
use super::received::Received;
use super::recording::{Meaning, Record, State, append};
use super::room::has_room;
use crate::{DeploymentId, Timestamp, json};

/// An entry of a history as it stands somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// What was received.
    pub received: &'a Received,
    /// Its number.
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The hash of the entry before.
    pub previous_hash: &'a str,
    /// When the entry before was recorded.
    pub previous_recorded_at: Option<Timestamp>,
    /// Its hash.
    pub hash: &'a str,
    /// What it meant when it was recorded, where that is shown.
    pub meaning: Option<&'a Meaning>,
}

impl<'a> From<&'a Record> for Standing<'a> {
    fn from(record: &'a Record) -> Self {
        Self {
            received: &record.received,
            sequence: record.sequence,
            recorded_at: record.recorded_at,
            previous_hash: &record.previous_hash,
            previous_recorded_at: record.previous_recorded_at,
            hash: &record.hash,
            meaning: Some(&record.meaning),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Checked {
    /// What is wrong with the entries that are there, in their order.
    pub problems: Vec<String>,
    /// When what stands at the first problem, or behind the first gap, was recorded, or what stands before it where
    /// nothing is behind it: so long it can be wrong.
    pub since: Option<Timestamp>,
    /// Which numbers are missing.
    pub gaps: Vec<Gap>,
    /// The state after all of them; none where one is missing.
    pub folded: Option<State>,
}

/// Entries that are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Their numbers.
    pub numbers: Range<u64>,
    /// When the last of them was recorded, as the entry behind them says; none where no entry is behind
    /// them.
    pub last_recorded_at: Option<Timestamp>,
}

impl Gap {
    /// How many numbers are missing.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.numbers.end.saturating_sub(self.numbers.start)
    }

    /// What is wrong: `event 3 is missing`.
    #[must_use]
    pub fn problem(&self) -> String {
        match self.count() {
            1 => format!("event {} is missing", self.numbers.start),
            _ => format!("events {} to {} are missing", self.numbers.start, self.numbers.end.saturating_sub(1)),
        }
    }
}

/// Checks the history of a deployment, whose summary counts so many entries. They stand in the order of
/// their numbers.
#[must_use]
pub fn check(id: &DeploymentId, entries: &[Standing<'_>], counted: u64) -> Checked {
    let mut checked = Checked { problems: Vec::new(), since: None, gaps: Vec::new(), folded: None };
    let mut before: Option<&Standing<'_>> = None;
    for entry in entries {
        let number = entry.sequence;
        checked.problems.extend(problems_of(id, entry).into_iter().map(|what| format!("event {number} {what}")));
        let expected = before.map_or(1, |before| before.sequence.saturating_add(1));
        if number > expected {
            let last_recorded_at = Some(entry.previous_recorded_at.unwrap_or(entry.recorded_at));
            checked.gaps.push(Gap { numbers: expected..number, last_recorded_at });
        } else if !follows(entry, before) {
            checked.problems.push(format!("event {number} does not follow the event before it"));
        }
        if before.is_some_and(|before| before.recorded_at > entry.recorded_at) {
            checked.problems.push(format!("event {number} has an earlier time of recording than the event before it"));
        }
        if checked.gaps.is_empty() {
            checked.fold(entry);
        }
        if !checked.problems.is_empty() || !checked.gaps.is_empty() {
            checked.since.get_or_insert(entry.recorded_at);
        }
        before = Some(entry);
    }
    let last = before.map_or(0, |before| before.sequence);
    if last < counted {
        checked.gaps.push(Gap { numbers: last.saturating_add(1)..counted.saturating_add(1), last_recorded_at: None });
    }
    if last != counted {
        checked.since = checked.since.or(before.map(|before| before.recorded_at));
    }
    if last > counted {
        checked.problems.push(format!("the last event has number {last}, but the summary counts {counted}"));
    }
    if !checked.gaps.is_empty() {
        checked.folded = None;
    }
    checked
}

impl Checked {
    /// Folds one more entry. What it meant follows from all before it.
    fn fold(&mut self, entry: &Standing<'_>) {
        if let Some(Err(no_room)) = self.folded.as_ref().map(|state| has_room(state, &entry.received.event)) {
            self.problems
                .push(format!("event {} exceeds a limit, so it can't have been recorded: {no_room}", entry.sequence));
        }
        let (again, after) = append(self.folded.as_ref(), entry.received.clone(), entry.recorded_at);
        let comparable = entry.meaning.filter(|meaning| meaning.rules == Meaning::RULES);
        if comparable.is_some_and(|meaning| again.meaning != *meaning) {
            self.problems.push(format!("the stored meaning of event {} was altered", entry.sequence));
        }
        self.folded = Some(after);
    }
}

/// Whether an entry stands behind the one before it.
fn follows(entry: &Standing<'_>, before: Option<&Standing<'_>>) -> bool {
    let expected = before.map_or(("", None), |before| (before.hash, Some(before.recorded_at)));
    let next = before.map_or(1, |before| before.sequence.saturating_add(1));
    (entry.previous_hash, entry.previous_recorded_at) == expected && entry.sequence == next
}

/// What is wrong with an entry by itself.
fn problems_of(id: &DeploymentId, entry: &Standing<'_>) -> Vec<&'static str> {
    let received = entry.received;
    let mut problems = Vec::new();
    if json::sha256_hex(&received.payload) != received.payload_hash {
        problems.push("was altered: its payload does not match its payload hash");
    }
    let link = Link {
        previous_hash: entry.previous_hash,
        previous_recorded_at: entry.previous_recorded_at,
        payload_hash: &received.payload_hash,
        sequence: entry.sequence,
        deployment_id: id,
        event_key: &received.key,
        occurred_at: received.occurred_at,
        recorded_at: entry.recorded_at,
        producer: &received.producer,
    };
    if link.hash() != entry.hash {
        problems.push("was altered: its content does not match its hash");
    }
    if received.event.deployment_id != *id {
        problems.push("belongs to another deployment");
    }
    if !received.is_keyed_by_producer() && received.key != received.former_key() {
        problems.push("has a key that is not its own");
    }
    if received.event.occurred_at.is_some_and(|stated| stated != received.occurred_at) {
        problems.push("has another time than its payload");
    }
    problems
}
