//! A history against its anchors: chain by chain, and in the end what no chain was found of.
//!
//! An entry whose hash an anchor has is proven, and with it all entries before it, for each covers the hash of the
//! one before. Whether the entries are a chain is judged apart from this.

use std::collections::BTreeSet;

use super::anchor::Anchor;
use super::leaf::ChainEntry;
use super::series::{Anchored, Series, Wrong};
use crate::{Retention, Timestamp};

/// What part of a history is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Entries that were recorded from this time on.
    pub since: Timestamp,
    /// Entries that were recorded up to this time, that included.
    pub until: Timestamp,
    /// Whether all chains are there, and not only some.
    pub all: bool,
}

impl Span {
    /// A whole history.
    pub const WHOLE: Self = Self { since: Timestamp::MIN, until: Timestamp::MAX, all: true };

    /// Whether all entries are there that this anchor was the first to have.
    fn has(self, anchor: &Anchor) -> bool {
        let record = &anchor.record;
        let (first, last) = (record.first_recorded_at, record.last_recorded_at);
        first.is_none_or(|first| first >= self.since) && last.is_none_or(|last| last <= self.until)
    }
}

/// Which entries may be gone by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// How long they are kept.
    pub retention: Retention,
    /// The time of judging.
    pub now: Timestamp,
}

/// What was judged so far.
#[derive(Debug)]
pub struct Judging<'s> {
    series: &'s Series,
    span: Span,
    kept: Kept,
    seen: BTreeSet<String>,
    /// For each anchor the first and the last time of the entries that it was the first to have, and whether all of
    /// these are there.
    found: Vec<Found>,
}

#[derive(Debug, Clone, Default)]
struct Found {
    times: Option<(Timestamp, Timestamp)>,
    lacks: bool,
}

impl<'s> Judging<'s> {
    /// Begins to judge this part of a history by these anchors.
    #[must_use]
    pub fn new(series: &'s Series, span: Span, kept: Kept) -> Self {
        let found = vec![Found::default(); series.anchors().len()];
        Self { series, span, kept, seen: BTreeSet::new(), found }
    }

    /// Judges the chain of a subject: its entries in the order of their numbers. Answers what is wrong with it.
    pub fn chain(&mut self, subject: &str, entries: &[ChainEntry]) -> Vec<Wrong> {
        self.seen.insert(subject.to_owned());
        let anchored = self.series.of(subject);
        let mut wrong = Vec::new();
        for each in anchored {
            match entries.binary_search_by_key(&each.sequence, |entry| entry.sequence) {
                Ok(at) if entries[at].hash != each.head => wrong.push(self.wrong(
                    each,
                    &format!("the hash of event {} of {subject} is another one: it was rewritten", each.sequence),
                )),
                Ok(_) => {}
                Err(_) => wrong.extend(self.missing(subject, each)),
            }
        }
        for entry in entries {
            let by = anchored.iter().find(|anchored| anchored.sequence >= entry.sequence).map(|anchored| anchored.at);
            // The anchor behind which it was recorded.
            let before = by.unwrap_or(self.found.len()).checked_sub(1).map(|at| &self.series.anchors()[at].record);
            if let Some(before) = before.filter(|before| entry.recorded_at <= before.closed_until) {
                wrong.push(Wrong {
                    day: entry.recorded_at.day(),
                    what: format!(
                        "event {} of {subject}, recorded at {}, is not in anchor {}, which is closed until {}: it was put \
                         in later",
                        entry.sequence, entry.recorded_at, before.number, before.closed_until
                    ),
                });
            }
            if let Some(found) = by.map(|at| &mut self.found[at]) {
                let (first, last) = found.times.unwrap_or((entry.recorded_at, entry.recorded_at));
                found.times = Some((first.min(entry.recorded_at), last.max(entry.recorded_at)));
            }
        }
        // What is gone by age can be missing among the entries of an anchor although its last one is there.
        let mut before = 0;
        for each in anchored {
            let of_anchor = entries.iter().filter(|entry| (before + 1..=each.sequence).contains(&entry.sequence));
            self.found[each.at].lacks |= of_anchor.count() as u64 != each.sequence.saturating_sub(before);
            before = each.sequence;
        }
        wrong
    }

    /// What is wrong besides: chains that anchors have and that were not found, and anchors that say other times.
    #[must_use]
    pub fn end(mut self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (subject, anchored) in self.series.subjects().filter(|(subject, _)| !self.seen.contains(*subject)) {
            let missing: Vec<Wrong> = anchored.iter().filter_map(|each| self.missing(subject, each)).collect();
            wrong.extend(missing);
            for each in anchored {
                self.found[each.at].lacks = true;
            }
        }
        for (anchor, found) in self.series.anchors().iter().zip(&self.found) {
            let record = &anchor.record;
            if !self.span.all || !self.span.has(anchor) || found.lacks {
                continue;
            }
            if record.first_recorded_at.zip(record.last_recorded_at) != found.times {
                wrong.push(Wrong {
                    day: record.day.clone(),
                    what: format!("anchor {}: its events were recorded at other times than it says", record.number),
                });
            }
        }
        wrong
    }

    fn missing(&self, subject: &str, anchored: &Anchored) -> Option<Wrong> {
        let anchor = &self.series.anchors()[anchored.at];
        let is_not_asked = !self.span.has(anchor) || (!self.span.all && !self.seen.contains(subject));
        // The earliest time that it can have: what may be gone is not found missing.
        let by_age = anchor.record.first_recorded_at;
        let is_gone = by_age.is_some_and(|first| self.kept.retention.is_over(first, self.kept.now));
        let what = format!("event {} of {subject} is missing", anchored.sequence);
        (!is_not_asked && !is_gone).then(|| self.wrong(anchored, &what))
    }

    fn wrong(&self, anchored: &Anchored, what: &str) -> Wrong {
        let record = &self.series.anchors()[anchored.at].record;
        Wrong { day: record.day.clone(), what: format!("{what} (anchor {})", record.number) }
    }
}
