//! The anchors of a history, one after the other, and whether they are what was written.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::anchor::{Anchor, root};
use super::extent::CLOSED_AFTER_MILLIS;
use crate::Timestamp;

/// What is wrong, and in which day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// The day (`yyyy-mm-dd`).
    pub day: String,
    /// What.
    pub what: String,
}

/// What an anchor says of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchored {
    /// The position of the anchor in its series.
    pub(super) at: usize,
    /// How many entries there were.
    pub(super) sequence: u64,
    /// The hash of the last of them.
    pub(super) head: String,
}

/// Anchors in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct Series {
    anchors: Vec<Anchor>,
    subjects: BTreeMap<String, Vec<Anchored>>,
    /// Of the last anchors alone: what was recorded up to this time is anchored, in these or before them.
    before: Option<Timestamp>,
}

impl Series {
    /// These anchors as a series, in whatever order they come.
    #[must_use]
    pub fn new(mut anchors: Vec<Anchor>) -> Self {
        anchors.sort_by_key(|anchor| anchor.record.number);
        let mut subjects: BTreeMap<String, Vec<Anchored>> = BTreeMap::new();
        for (at, anchor) in anchors.iter().enumerate() {
            for leaf in &anchor.leaves {
                let anchored = Anchored { at, sequence: leaf.sequence, head: leaf.head.clone() };
                subjects.entry(leaf.subject.clone()).or_default().push(anchored);
            }
        }
        Self { anchors, subjects, before: None }
    }

    /// The last anchors of a series, as many as the next one needs: so many that [`Series::is_enough`].
    #[must_use]
    pub fn of_the_last(anchors: Vec<Anchor>) -> Self {
        let series = Self::new(anchors);
        let before = series.last().map(|last| last.record.closed_until);
        Self { before, ..series }
    }

    /// Whether an anchor is so far before the last one that none before it is needed to make the next: what it and
    /// those before it have was recorded before the last one was closed.
    #[must_use]
    pub fn is_enough(anchor: &Anchor, last: &Anchor) -> bool {
        anchor.record.number == 1
            || anchor.record.closed_until.plus_millis(CLOSED_AFTER_MILLIS) <= last.record.closed_until
    }

    /// Whether what was recorded at this time is anchored, whether or not the anchor is among these.
    pub(super) fn is_before(&self, recorded_at: Timestamp) -> bool {
        self.before.is_some_and(|before| recorded_at <= before)
    }

    /// Reads files of anchors, each with its name: [that of a folder](Anchor::file_name), or
    /// [the number alone](Anchor::vault_name). Answers also which files are none.
    #[must_use]
    pub fn read(files: impl IntoIterator<Item = (String, String)>) -> (Self, Vec<Wrong>) {
        let (mut anchors, mut wrong): (Vec<Anchor>, Vec<_>) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let read = serde_json::from_str::<Anchor>(&text).map_err(|error| error.to_string());
            match read {
                Ok(anchor) if [anchor.file_name(), anchor.vault_name()].contains(&name) => anchors.push(anchor),
                Ok(anchor) => {
                    let (day, number) = (anchor.record.day.clone(), anchor.record.number);
                    wrong.push(Wrong { day, what: format!("the file {name} has anchor {number}") });
                    anchors.push(anchor);
                }
                Err(error) => wrong.push(Wrong {
                    // `000012-2026-03-01.json`; of `000012.json` the day of the one before it.
                    day: match name.get(7..17) {
                        Some(day) => day.to_owned(),
                        None => anchors.last().map(|before| before.record.day.clone()).unwrap_or_default(),
                    },
                    what: format!("the file {name} is no anchor: {error}"),
                }),
            }
        }
        (Self::new(anchors), wrong)
    }

    /// The anchors.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<&Anchor> {
        self.anchors.last()
    }

    /// How many entries of a chain are anchored.
    #[must_use]
    pub fn anchored(&self, subject: &str) -> u64 {
        self.of(subject).iter().map(|anchored| anchored.sequence).max().unwrap_or(0)
    }

    /// What the anchors say of a chain.
    pub(super) fn of(&self, subject: &str) -> &[Anchored] {
        self.subjects.get(subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the anchors say of each chain.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&str, &[Anchored])> {
        self.subjects.iter().map(|(subject, anchored)| (subject.as_str(), anchored.as_slice()))
    }

    /// What is wrong with the anchors, whatever the history is: each must be what its hash covers, and follow the
    /// one before.
    #[must_use]
    pub fn problems(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (at, anchor) in self.anchors.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &self.anchors[before]);
            let number = anchor.record.number;
            // What the first of the last ones follows is not here.
            let following = if self.before.is_some() && at == 0 { Vec::new() } else { follows(anchor, before) };
            let problems = of_itself(anchor).into_iter().map(str::to_owned).chain(following);
            wrong.extend(
                problems.map(|what| Wrong { day: anchor.record.day.clone(), what: format!("anchor {number}: {what}") }),
            );
        }
        for (subject, anchored) in self.subjects() {
            for pair in anchored.windows(2).filter(|pair| pair[0].sequence >= pair[1].sequence) {
                let record = &self.anchors[pair[1].at].record;
                let what = format!(
                    "anchor {}: {subject} has {} entries, and had {} before",
                    record.number, pair[1].sequence, pair[0].sequence
                );
                wrong.push(Wrong { day: record.day.clone(), what });
            }
        }
        wrong
    }

    /// Which anchors are not signed by whom they must be: `is_signed` judges a text and its signature.
    #[must_use]
    pub fn unsigned(&self, is_signed: impl Fn(&[u8], &[u8]) -> bool) -> Vec<Wrong> {
        let problem = |anchor: &Anchor| match &anchor.signature {
            None => Some("is not signed"),
            Some(signature) => {
                let is_right = STANDARD
                    .decode(signature)
                    .is_ok_and(|signature| is_signed(anchor.record.text().as_bytes(), &signature));
                (!is_right).then_some("was signed by someone else, or altered: its signature is not that of the key")
            }
        };
        let wrong = self.anchors.iter().filter_map(|anchor| Some((anchor, problem(anchor)?)));
        let said = |(anchor, what): (&Anchor, &str)| {
            let (day, number) = (anchor.record.day.clone(), anchor.record.number);
            Wrong { day, what: format!("anchor {number}: {what}") }
        };
        wrong.map(said).collect()
    }
}

/// What is wrong with an anchor by itself.
fn of_itself(anchor: &Anchor) -> Vec<&'static str> {
    let (record, leaves) = (&anchor.record, &anchor.leaves);
    let mut problems = Vec::new();
    if record.hash() != anchor.hash {
        problems.push("was altered: its record does not match its hash");
    }
    if root(leaves) != record.root {
        problems.push("was altered: its leaves do not match its root");
    }
    if leaves.len() != record.size {
        problems.push("was altered: it has another number of leaves than it says");
    }
    if !leaves.is_sorted_by(|a, b| a.subject < b.subject) {
        problems.push("was altered: its leaves are not in order");
    }
    if record.closed_until.day() != record.day {
        problems.push("was altered: its day is not that of the time until which it is closed");
    }
    problems
}

/// What is wrong with an anchor behind the one before it.
fn follows(anchor: &Anchor, before: Option<&Anchor>) -> Vec<String> {
    let record = &anchor.record;
    let mut problems = Vec::new();
    let expected = before.map_or(1, |before| before.record.number + 1);
    if record.number < expected {
        problems.push("there is another anchor with its number".to_owned());
        return problems;
    }
    if record.number > expected {
        problems.push(format!("anchors {expected} to {} are missing", record.number - 1));
        return problems;
    }
    let (hash, root) = before.map_or(("", ""), |before| (&before.hash, &before.record.root));
    if (record.previous_hash.as_str(), record.previous_root.as_str()) != (hash, root) {
        problems.push("it does not follow the anchor before it".to_owned());
    }
    if before.is_some_and(|before| before.record.closed_until >= record.closed_until) {
        problems.push("it is closed no later than the anchor before it".to_owned());
    }
    problems
}
