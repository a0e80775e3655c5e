//! How long what landed took: what stands beside its entry in the log of its place, so that one query of a log says
//! what is usual there.
//!
//! It is no part of the [`Entry`](crate::live::Entry): what runs does not follow from it. And it is a function of the
//! deployment's summary, whatever the order of its events was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::identifiers::StageName;
use crate::ledger::stages::rows::StageRow;
use crate::ledger::summary::{Ending, Summary};
use crate::live::log::Effect;
use crate::live::log_key::LogKey;
use crate::time::as_millis;
use crate::{Status, Subject, Timestamp};

/// How long what landed took, as far as it is known. Short names and whole milliseconds: it is written with each
/// landing, and read by the fifty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// When work on it began.
    #[serde(rename = "from", default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// How long it took from then, waiting not included, in milliseconds.
    #[serde(rename = "took", default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// How long each of its stages took that had completed by then, in milliseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<StageName, u64>,
}

impl Timing {
    /// How many bytes the stages of a landing take at most, so that an entry fits into one write unit still. Those
    /// that took longest are kept: it is by them that a deployment is late.
    const STAGE_BYTES: usize = 400;
    /// What a stage takes beside its name.
    const BESIDE_NAME: usize = 12;

    /// How long each landing of a deployment took. Only of one that completed is it said: the end of a removal, or a
    /// return to what was there, is another thing.
    #[must_use]
    pub fn of(summary: &Summary) -> BTreeMap<LogKey, Self> {
        if summary.deployment_id.subject() != Subject::Deployment {
            return BTreeMap::new();
        }
        let completed = |ending: &&Ending| ending.order.status() == Status::Completed && !ending.removal;
        let mut endings = summary.endings.iter().filter(completed).peekable();
        if endings.peek().is_none() {
            return BTreeMap::new();
        }
        let rows = summary.stage_rows();
        // Of several endings at one millisecond the greatest counts, as in the log; they come in order.
        let timed = endings.map(|ending| {
            let (moment, deployment_id) = (ending.order.moment(), summary.deployment_id.clone());
            let key = LogKey { moment, deployment_id, effect: Effect::Completed, corrected_by: None };
            (key, Self::of_ending(summary, ending, &rows))
        });
        let timed: BTreeMap<LogKey, Self> = timed.collect();
        timed.into_iter().filter(|(_, timing)| *timing != Self::default()).collect()
    }

    fn of_ending(summary: &Summary, ending: &Ending, rows: &[StageRow]) -> Self {
        let (at, number) = (ending.order.occurred_at(), ending.order.attempt());
        let attempt = summary.attempts.get(&number);
        let began = attempt.and_then(|attempt| attempt.began).filter(|began| *began <= at);
        let reported = || {
            let (order, seconds) = attempt?.reported.as_ref()?;
            (*order == ending.order).then(|| in_millis(*seconds)).flatten()
        };
        let millis = began.and_then(|began| u64::try_from(at.millis() - began.millis()).ok()).or_else(reported);
        let stages = rows.iter().filter(|row| row.attempt == number).filter_map(|row| stage(row, at));
        Self { began, millis, stages: longest(stages.collect()) }
    }

    /// How long it took, in seconds.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        self.millis.map(in_seconds)
    }

    /// How long a stage took, in seconds.
    #[must_use]
    pub fn stage_seconds(&self, stage: &StageName) -> Option<f64> {
        self.stages.get(stage).copied().map(in_seconds)
    }
}

/// A stage that had completed by a landing, and how long it took. One that is inferred and in which the deployment
/// was as it landed, ended then, whatever became of the deployment later.
fn stage(row: &StageRow, landed: Timestamp) -> Option<(StageName, u64)> {
    let ended_with_it = row.inferred && row.finished_at.is_none_or(|finished| finished > landed);
    let millis = if ended_with_it {
        u64::try_from(landed.millis() - row.started_at?.millis()).ok()
    } else {
        let is_in = row.status == Status::Completed && row.finished_at.is_some_and(|finished| finished <= landed);
        row.duration_seconds.filter(|_| is_in).and_then(in_millis)
    };
    millis.map(|millis| (row.stage.clone(), millis))
}

/// The longest of these, as many as there is room for; of equal ones the first by name.
fn longest(mut stages: Vec<(StageName, u64)>) -> BTreeMap<StageName, u64> {
    stages.sort_unstable_by(|(name, millis), (other, than)| than.cmp(millis).then_with(|| name.cmp(other)));
    let mut room = Timing::STAGE_BYTES;
    let fits = |(name, _): &(StageName, u64)| {
        let left = room.checked_sub(name.as_str().len() + Timing::BESIDE_NAME);
        room = left.unwrap_or(room);
        left.is_some()
    };
    stages.into_iter().filter(fits).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and of fewer years than fit"
)]
fn in_millis(seconds: f64) -> Option<u64> {
    const MOST: f64 = 1e12;
    let millis = (seconds * 1000.0).round();
    (0.0..=MOST).contains(&millis).then_some(millis as u64)
}

#[expect(clippy::cast_precision_loss, reason = "a duration in milliseconds fits a double exactly")]
fn in_seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
