//! An export against anchors, without a store.

use std::collections::BTreeMap;

use super::lines::{EventLine, Header, Line, VersionLine};
use crate::anchors::{Judging, Kept, Series, Span, Wrong};
use crate::ledger::received::Received;
use crate::ledger::standing::{Checked, Standing, check};
use crate::settings::version;
use crate::{Retention, Timestamp};

/// An export, as it was read.
#[derive(Debug)]
pub struct Export {
    /// What it is.
    pub header: Header,
    events: BTreeMap<String, Vec<EventLine>>,
    versions: BTreeMap<String, Vec<VersionLine>>,
}

/// Why a text is no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A line is none.
    #[error("line {0} is no line of an export: {1}")]
    Line(usize, String),
    /// The first line is no header.
    #[error("line 1 must be the header of an export: {{\"export\": …}}")]
    Header,
}

impl Export {
    /// Reads the lines of an export.
    ///
    /// # Errors
    /// Which line is none.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(at, line)| {
            serde_json::from_str::<Line>(line).map_err(|error| Unreadable::Line(at + 1, error.to_string()))
        });
        let Some(Ok(Line::Header { export: header })) = lines.next() else { return Err(Unreadable::Header) };
        let (mut events, mut versions) = (BTreeMap::<_, Vec<EventLine>>::new(), BTreeMap::<_, Vec<VersionLine>>::new());
        for line in lines {
            match line? {
                Line::Header { .. } => return Err(Unreadable::Header),
                Line::Event(line) => events.entry(line.subject.clone()).or_default().push(*line),
                Line::Version(line) => versions.entry(line.subject.clone()).or_default().push(*line),
            }
        }
        for lines in events.values_mut() {
            lines.sort_by_key(|line| line.sequence);
        }
        for lines in versions.values_mut() {
            lines.sort_by_key(|line| line.number);
        }
        Ok(Self { header, events, versions })
    }

    /// How many chains it has.
    #[must_use]
    pub fn chains(&self) -> usize {
        self.events.len() + self.versions.len()
    }

    /// How many events it has.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events.values().map(Vec::len).sum()
    }

    /// What is wrong with it, by itself and by these anchors, the earliest day first.
    #[must_use]
    pub fn verify(&self, series: &Series) -> Vec<Wrong> {
        let header = &self.header;
        let retention = Retention::of_days(header.retention_days).unwrap_or_default();
        let span = Span { since: header.since, until: header.complete_until, all: header.environment.is_none() };
        let mut judging = Judging::new(series, span, Kept { retention, now: header.made_at });
        let mut wrong = series.problems();
        for (subject, lines) in &self.events {
            wrong.extend(self.of_chain(subject, lines, retention));
            wrong.extend(judging.chain(subject, &lines.iter().map(EventLine::entry).collect::<Vec<_>>()));
        }
        for (subject, lines) in &self.versions {
            let versions: Vec<_> = lines.iter().map(VersionLine::version).collect();
            let day = lines.first().map(|line| line.recorded_at.day()).unwrap_or_default();
            let said = |what| Wrong { day: day.clone(), what: format!("{subject}: {what}") };
            wrong.extend(version::problems(&versions, header.since == Timestamp::MIN).into_iter().map(said));
            wrong.extend(judging.chain(subject, &lines.iter().map(VersionLine::entry).collect::<Vec<_>>()));
        }
        wrong.extend(judging.end());
        wrong.sort();
        wrong
    }

    /// What is wrong with the events of a chain. What was recorded before the export begins, or is gone by age, may be
    /// missing.
    fn of_chain(&self, subject: &str, lines: &[EventLine], retention: Retention) -> Vec<Wrong> {
        let Some(id) = lines.first().map(|line| &line.deployment_id) else { return Vec::new() };
        let mut wrong = Vec::new();
        let said = |at: Timestamp, what: &str| Wrong { day: at.day(), what: format!("{subject}: {what}") };
        let mut received: Vec<(&EventLine, Received)> = Vec::new();
        for line in lines {
            if let Some(read) = line.received() {
                received.push((line, read));
            } else {
                let what = format!("event {} was altered: it can't be parsed", line.sequence);
                wrong.push(said(line.recorded_at, &what));
            }
        }
        let entries: Vec<Standing<'_>> = received
            .iter()
            .map(|(line, received)| Standing {
                received,
                sequence: line.sequence,
                recorded_at: line.recorded_at,
                previous_hash: &line.previous_hash,
                previous_recorded_at: line.previous_recorded_at,
                hash: &line.hash,
                meaning: None,
            })
            .collect();
        let last = entries.last().map_or(0, |entry| entry.sequence);
        let Checked { problems, since, gaps, .. } = check(id, &entries, last);
        let since = since.unwrap_or(lines[0].recorded_at);
        wrong.extend(problems.iter().map(|what| said(since, what)));
        for gap in gaps {
            let recorded_at = gap.last_recorded_at.unwrap_or(since);
            let is_before = gap.numbers.start == 1 && recorded_at < self.header.since;
            if !is_before && !retention.is_over(recorded_at, self.header.made_at) {
                wrong.push(said(recorded_at, &gap.problem()));
            }
        }
        wrong
    }
}
