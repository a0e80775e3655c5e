//! Since when figures of days that are over are others by what is recorded.
//!
//! Figures of a day that is over are kept, so that a year need not be read anew. What is recorded later and says
//! something of then is noted in the same transaction, and from that day on they are made again. What is recorded when
//! it happens is of no day that is over, and notes nothing.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::ledger::observed::Observed;
use crate::ledger::recording::Record;
use crate::ledger::summary::Summary;
use crate::{Environment, Subject, Timestamp};

/// That figures of days that are over are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFigures {
    /// Of which environment; none where it can be any.
    pub environment: Option<Environment>,
    /// From this day on.
    pub since: Day,
}

/// Since when figures of days that are over by `now` are others because a summary, the logs of places, or what was
/// observed, are: at most one line for each environment, and one for all.
#[must_use]
pub fn changed<'a>(
    (before, after): (Option<&Summary>, &Summary),
    in_logs: impl Iterator<Item = (&'a Environment, Timestamp)>,
    (records, observed): (&[Record], &[Observed]),
    now: Timestamp,
) -> Vec<ChangedFigures> {
    let mut since: BTreeMap<Option<Environment>, Day> = BTreeMap::new();
    let mut note = |environment: Option<&Environment>, at: Timestamp| {
        let day = Day::of(at);
        if day.may_be_kept(now) {
            let noted = since.entry(environment.cloned()).or_insert(day);
            *noted = day.min(*noted);
        }
    };
    for (environment, at) in in_logs {
        note(Some(environment), at);
    }
    match after.deployment_id.subject() {
        Subject::Deployment | Subject::Incident => {
            for summary in before.into_iter().chain([after]) {
                let began = (summary.deployment_id.subject() == Subject::Incident).then(|| summary.created_at());
                // Mostly nothing is that old: then where it was need not be looked up.
                let mut old = began.into_iter().chain(summary.finished_at());
                if let Some(at) = old.find(|at| Day::of(*at).may_be_kept(now)) {
                    let environment = summary.environment();
                    for at in std::iter::once(at).chain(old) {
                        note(Some(&environment), at);
                    }
                }
            }
        }
        // What ran there ended with it, whatever it was.
        Subject::Environment => {
            for record in records {
                note(Some(&record.meaning.environment), record.moment().at);
            }
        }
        // It speaks of what had landed by then, if it was watched still.
        Subject::Observations => {
            for row in observed {
                note(row.environment.as_ref(), row.moment.at.plus_millis(-Day::LONGEST_WATCH_MILLIS));
            }
        }
        // What people say of versions is read with each answer.
        Subject::Verdicts => {}
    }
    since.into_iter().map(|(environment, since)| ChangedFigures { environment, since }).collect()
}
