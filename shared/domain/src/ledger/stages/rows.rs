//! The stages of a deployment as they are shown: those that have events of their own, and those that are
//! inferred from the deployment's own events.
//!
//! An event of a deployment that names a stage says that the deployment is in it now. So a stage begins when it
//! is first named, and ends when the next one is; the last ends as its attempt does. One that an ending of the
//! deployment names ended with that ending. Where a stage has events of its own, these alone count for it.

use std::collections::BTreeMap;

use crate::event::{Failure, Metrics};
use crate::identifiers::StageName;
use crate::ledger::stages::mention::{Mention, Naming};
use crate::ledger::stages::report::Report;
use crate::ledger::summary::Summary;
use crate::{Status, Timestamp};

/// A stage of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRow {
    /// What it is called.
    pub stage: StageName,
    /// The attempt of the deployment.
    pub attempt: u32,
    /// How it stands.
    pub status: Status,
    /// When it was first worked on, if that is known.
    pub started_at: Option<Timestamp>,
    /// When it ended; absent while it runs.
    pub finished_at: Option<Timestamp>,
    /// How long it took, in seconds, as far as it is known.
    pub duration_seconds: Option<f64>,
    /// What went wrong in it.
    pub error: Option<Failure>,
    /// Its own metrics.
    pub metrics: Option<Metrics>,
    /// The name of its link, and the link.
    pub link: Option<(String, String)>,
    /// Whether it is inferred: it has no events of its own.
    pub inferred: bool,
    /// What orders it among stages of the same time.
    named: Option<Naming>,
}

impl Summary {
    /// Its stages in the order in which they began, or ended where the beginning is not known.
    #[must_use]
    pub fn stage_rows(&self) -> Vec<StageRow> {
        let mut rows: Vec<StageRow> =
            self.stages.reports().map(|(attempt, name, report)| reported(attempt, name, report)).collect();
        let mut mentions: BTreeMap<u32, Vec<(Naming, &StageName, &Mention, bool)>> = BTreeMap::new();
        for (attempt, name, stage) in self.stages.iter() {
            if let Some(mention) = &stage.mention {
                mentions.entry(attempt).or_default().push((mention.first, name, mention, stage.report.is_some()));
            }
        }
        for (attempt, mut mentions) in mentions {
            mentions.sort_unstable_by_key(|(first, name, ..)| (*first, *name));
            let next = mentions.iter().skip(1).map(|(first, ..)| Some(*first)).chain([None]);
            for ((first, name, mention, is_reported), next) in mentions.iter().zip(next) {
                if !is_reported {
                    let ended = self.inferred_end(attempt, mention, next);
                    rows.push(self.inferred(attempt, name, *first, ended));
                }
            }
        }
        rows.sort_by(|one, other| {
            let place = |row: &StageRow| (row.attempt, row.started_at.or(row.finished_at), row.named);
            (place(one), &one.stage).cmp(&(place(other), &other.stage))
        });
        rows
    }

    /// How and when a stage ended that only events of the deployment name, the next one being named then.
    fn inferred_end(&self, attempt: u32, mention: &Mention, next: Option<Naming>) -> Option<(Status, Timestamp)> {
        match (next, mention.ended) {
            (Some(_), Some(ended)) => Some((ended.status, ended.moment.at)),
            (Some(next), None) => Some((Status::Completed, next.moment.at)),
            (None, _) => self.end_of(attempt),
        }
    }

    /// How and when an attempt ended, as far as that was reported: when nothing was, the stage did not end then.
    fn end_of(&self, attempt: u32) -> Option<(Status, Timestamp)> {
        let outcome = self.outcome.as_ref().map(|outcome| &outcome.order);
        let outcome =
            outcome.filter(|order| order.attempt() == attempt && order.status().is_terminal() && !order.is_concluded());
        let ending =
            || self.endings.iter().map(|ending| &ending.order).filter(|order| order.attempt() == attempt).max();
        outcome.or_else(ending).map(|order| (order.status(), order.occurred_at()))
    }

    fn inferred(&self, attempt: u32, name: &StageName, first: Naming, ended: Option<(Status, Timestamp)>) -> StageRow {
        let started_at = (!first.closes).then_some(first.moment.at);
        let finished_at = ended.map(|(_, at)| at);
        let waits = attempt == self.attempt() && self.status() == Status::Pending;
        let took = finished_at.zip(started_at).map(|(finished, started)| finished.seconds_since(started));
        StageRow {
            stage: name.clone(),
            attempt,
            status: ended.map_or(if waits { Status::Pending } else { Status::InProgress }, |(status, _)| status),
            started_at,
            finished_at,
            duration_seconds: took.filter(|seconds| *seconds >= 0.0),
            error: None,
            metrics: None,
            link: None,
            inferred: true,
            named: Some(first),
        }
    }
}

fn reported(attempt: u32, name: &StageName, report: &Report) -> StageRow {
    StageRow {
        stage: name.clone(),
        attempt,
        status: report.latest.status(),
        started_at: report.began,
        finished_at: report.finished_at(),
        duration_seconds: report.duration_seconds(),
        error: report.error.clone(),
        metrics: report.metrics(),
        link: report.link().map(|(name, link)| (name.to_owned(), link.to_owned())),
        inferred: false,
        named: None,
    }
}
