//! Whether a deployment that has not ended goes as deployments here usually do, is slow, or has stalled.
//!
//! It is **slow** once it took longer than a limit that leaves room for what is usual, and still reports; and it has
//! **stalled** once it is past that limit, and was silent for longer than the stage takes that it is in. Where nothing
//! is expected, a fixed time of silence stands for both.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::identifiers::StageName;
use crate::ledger::summary::Summary;
use crate::questions::expected::{Expected, Usual};
use crate::{Status, Timestamp};

/// How a deployment goes that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "PaceState")]
pub enum Pace {
    /// As expected, or nothing is expected and it was not silent for too long.
    OnTime,
    /// Longer than expected, and still reporting.
    Slow,
    /// Longer than expected, and silent for too long.
    Stalled,
}

/// How a deployment goes, and by what that is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How it goes.
    pub pace: Pace,
    /// After how many seconds of work it is slow; none where nothing is expected.
    pub slow_after: Option<f64>,
    /// After how many seconds of silence it has stalled, once it is slow; none while it waits.
    pub silent_after: Option<f64>,
    /// The stage that it is in, and how long that usually takes, as far as both are known.
    pub stage: Option<(StageName, Option<Usual>)>,
}

/// What is never too long, neither for a deployment nor for a silence, in seconds.
pub const LEAST_SECONDS: f64 = 300.0;
/// By this the median distance from the median is comparable with a standard deviation.
const NORMAL: f64 = 1.4826;
/// How many of these a deployment may take longer than usual.
const DEVIATIONS: f64 = 6.0;
/// How many times what nineteen of twenty take it may take.
const TIMES_P95: f64 = 2.0;

/// How many seconds of work are no longer usual.
#[must_use]
pub fn slow_after(usual: &Usual) -> f64 {
    (usual.seconds + DEVIATIONS * NORMAL * usual.spread).max(TIMES_P95 * usual.p95).max(LEAST_SECONDS)
}

impl Progress {
    /// How a deployment goes; none of one that has ended. `stuck_after` is the silence that is too long where nothing
    /// is expected.
    #[must_use]
    pub fn of(summary: &Summary, expected: Option<&Expected>, stuck_after: Duration, now: Timestamp) -> Option<Self> {
        if !summary.is_active() {
            return None;
        }
        let stage = stage_of(summary).map(|stage| {
            let usual = expected.and_then(|expected| expected.stages.get(&stage)).copied();
            (stage, usual)
        });
        let slow_after = expected.map(|expected| slow_after(&expected.whole));
        let silent_after = match slow_after {
            Some(_) => stage.as_ref().and_then(|(_, usual)| *usual).map_or(0.0, |usual| usual.p95).max(LEAST_SECONDS),
            None => stuck_after.as_secs_f64(),
        };
        // What waits for someone to let it in is neither slow nor lost.
        if summary.status() == Status::Pending {
            return Some(Self { pace: Pace::OnTime, slow_after, silent_after: None, stage });
        }
        let is_silent = now.seconds_since(summary.updated_at) >= silent_after;
        let worked = summary.attempts.get(&summary.attempt()).and_then(|attempt| attempt.began);
        let is_past = match (slow_after, worked) {
            (Some(slow_after), Some(began)) => now.seconds_since(began) > slow_after,
            (Some(_), None) => false,
            (None, _) => is_silent,
        };
        let pace = match (is_past, is_silent) {
            (true, true) => Pace::Stalled,
            (true, false) => Pace::Slow,
            (false, _) => Pace::OnTime,
        };
        Some(Self { pace, slow_after, silent_after: Some(silent_after), stage })
    }

    /// Whether it has stalled.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.pace == Pace::Stalled
    }
}

/// Whether a deployment can have stalled by then, whatever is expected: only then that needs to be asked.
#[must_use]
pub fn can_have_stalled(summary: &Summary, stuck_after: Duration, now: Timestamp) -> bool {
    let least = stuck_after.as_secs_f64().min(LEAST_SECONDS);
    let is_silent = now.seconds_since(summary.updated_at) >= least;
    is_silent && summary.is_active() && summary.status() != Status::Pending
}

/// The stage that a deployment is in: of those of its current attempt that have not ended, the one that began last.
fn stage_of(summary: &Summary) -> Option<StageName> {
    let attempt = summary.attempt();
    let under_way = summary.stage_rows().into_iter();
    under_way.rev().find(|row| row.attempt == attempt && row.finished_at.is_none()).map(|row| row.stage)
}

#[cfg(test)]
mod tests;
