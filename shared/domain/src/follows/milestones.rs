//! What a recorded event made true for the first time: the facts that are counted and notified once.
//!
//! Decided when the event is recorded, by comparing the summary before and after it, and kept with
//! the record. So publishing needs nothing but the record, and a fact counts once whatever the order
//! of arrival: the last of the events that it needs brings it, whichever that is.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, OWN_SOURCE};
use crate::identifiers::{Environment, StageName};
use crate::ledger::gated::Override;
use crate::ledger::stages::failed::FailedStage;
use crate::ledger::stages::report::Report;
use crate::ledger::stages::rows::StageRow;
use crate::ledger::summary::Summary;
use crate::{Status, Subject, Timestamp};

/// Something that became true with an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Milestone {
    /// The deployment was reported in this status for the first time in this attempt.
    Reached {
        /// The attempt.
        attempt: u32,
        /// The status.
        status: Status,
        /// The stage that failed by then, where it failed or was rolled back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed_stage: Option<FailedStage>,
    },
    /// Beginning and end of an attempt are both known.
    Took {
        /// How long it took.
        seconds: f64,
    },
    /// A completed attempt's commit time is known.
    Led {
        /// From commit to completion.
        seconds: f64,
    },
    /// A stage was reported to have ended so for the first time; or it is inferred from the deployment's own
    /// events, and its attempt ended.
    StageEnded {
        /// The stage.
        stage: StageName,
        /// How it ended.
        status: Status,
    },
    /// Beginning and end of a stage are both known.
    StageTook {
        /// The stage.
        stage: StageName,
        /// How long it took.
        seconds: f64,
    },
    /// It goes on although its gate denied it.
    GateOverridden {
        /// The attempt.
        attempt: u32,
    },
    /// It was learned where the deployment goes: what it had reached before counts there too, so that
    /// what an environment sees does not depend on which event comes first.
    Named {
        /// The environment under which it was known until now.
        before: Environment,
        /// How many events were recorded under it.
        events: u64,
        /// What it had reached.
        reached: Vec<Milestone>,
    },
}

/// What `event` made true that was not true `before`, after `events` events. Of an incident, or of an
/// environment, nothing is counted or notified.
#[must_use]
pub fn milestones(before: Option<&Summary>, events: u64, after: &Summary, event: &Event) -> Vec<Milestone> {
    match event.deployment_id.subject() {
        Subject::Deployment => {}
        Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => return Vec::new(),
    }
    // What this system concludes is nobody's ending: it counts for nothing.
    if event.source.as_str() == OWN_SOURCE {
        return Vec::new();
    }
    let mut reached: Vec<Milestone> = before.and_then(|before| named(before, events, after)).into_iter().collect();
    match event.kind {
        Kind::Deployment | Kind::Removal | Kind::Incident => {
            let seen = before.and_then(|before| before.attempts.get(&event.attempt));
            if !seen.is_some_and(|attempt| attempt.seen.contains(&event.status)) {
                reached.push(reached_by(after, event.attempt, event.status));
            }
            inferred_milestones(before, after, event.attempt, &mut reached);
        }
        Kind::Stage => {
            stage_milestones(before, after, event, &mut reached);
            let overridden = Override::of(event).map(|_| Milestone::GateOverridden { attempt: event.attempt });
            reached.extend(overridden);
        }
        Kind::Teardown | Kind::Note | Kind::Retirement | Kind::Verdict | Kind::Observation => {}
    }
    let duration = |summary: &Summary| summary.attempts.get(&event.attempt)?.duration_seconds();
    if before.and_then(duration).is_none()
        && let Some(seconds) = duration(after)
    {
        reached.push(Milestone::Took { seconds });
    }
    // A commit time can come with any event, and then speaks of every completed attempt.
    for attempt in after.attempts.keys() {
        if before.and_then(|before| lead_time(before, *attempt)).is_none()
            && let Some(seconds) = lead_time(after, *attempt)
        {
            reached.push(Milestone::Led { seconds });
        }
    }
    reached
}

/// That the environment or the service became known.
fn named(before: &Summary, events: u64, after: &Summary) -> Option<Milestone> {
    let place = |summary: &Summary| (summary.environment(), summary.service());
    if place(before) == place(after) {
        return None;
    }
    let mut reached = Vec::new();
    for (number, attempt) in &before.attempts {
        reached.extend(attempt.seen.iter().map(|status| reached_by(before, *number, *status)));
        reached.extend(attempt.duration_seconds().map(|seconds| Milestone::Took { seconds }));
        reached.extend(lead_time(before, *number).map(|seconds| Milestone::Led { seconds }));
    }
    for (_, name, stage) in before.stages.reports() {
        let ended = stage.seen.iter().filter(|status| status.is_terminal());
        reached.extend(ended.map(|status| Milestone::StageEnded { stage: name.clone(), status: *status }));
        reached.extend(stage.duration_seconds().map(|seconds| took(name, seconds)));
    }
    for row in before.attempts.keys().flat_map(|attempt| inferred(before, *attempt)) {
        reached.push(Milestone::StageEnded { stage: row.stage.clone(), status: row.status });
        reached.extend(row.duration_seconds.map(|seconds| took(&row.stage, seconds)));
    }
    Some(Milestone::Named { before: before.environment(), events, reached })
}

fn lead_time(summary: &Summary, attempt: u32) -> Option<f64> {
    let committed_at: Timestamp = summary.committed_at?;
    summary.attempts.get(&attempt)?.lead_time_seconds(committed_at)
}

/// That an attempt was reported in a status.
fn reached_by(summary: &Summary, attempt: u32, status: Status) -> Milestone {
    let failed_stage = match status {
        Status::Failed | Status::RolledBack => summary.failed_stage(attempt),
        _ => None,
    };
    Milestone::Reached { attempt, status, failed_stage }
}

fn took(stage: &StageName, seconds: f64) -> Milestone {
    Milestone::StageTook { stage: stage.clone(), seconds }
}

fn stage_milestones(before: Option<&Summary>, after: &Summary, event: &Event, reached: &mut Vec<Milestone>) {
    let Some(name) = &event.stage else { return };
    let Some(now) = after.stages.report(event.attempt, name) else { return };
    let then = before.and_then(|before| before.stages.report(event.attempt, name));
    if event.status.is_terminal() && !then.is_some_and(|stage| stage.seen.contains(&event.status)) {
        reached.push(Milestone::StageEnded { stage: name.clone(), status: event.status });
    }
    if then.and_then(Report::duration_seconds).is_none()
        && let Some(seconds) = now.duration_seconds()
    {
        reached.push(took(name, seconds));
    }
}

/// What became known of the inferred stages of an attempt. How each ended counts once: with the first ending
/// of the attempt, or when it is first named behind that.
fn inferred_milestones(before: Option<&Summary>, after: &Summary, attempt: u32, reached: &mut Vec<Milestone>) {
    let then = before.map(|before| inferred(before, attempt)).unwrap_or_default();
    for row in inferred(after, attempt) {
        let then = then.iter().find(|then| then.stage == row.stage);
        if then.is_none() {
            reached.push(Milestone::StageEnded { stage: row.stage.clone(), status: row.status });
        }
        if then.and_then(|then| then.duration_seconds).is_none() {
            reached.extend(row.duration_seconds.map(|seconds| took(&row.stage, seconds)));
        }
    }
}

/// The inferred stages of an attempt that was reported to have ended.
fn inferred(summary: &Summary, attempt: u32) -> Vec<StageRow> {
    if !summary.endings.iter().any(|ending| ending.order.attempt() == attempt) {
        return Vec::new();
    }
    summary.stage_rows().into_iter().filter(|row| row.inferred && row.attempt == attempt).collect()
}
