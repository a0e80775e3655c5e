//! What a recorded event made true for the first time: the facts that are counted and notified once.
//!
//! Decided when the event is recorded, by comparing the summary before and after it, and kept with
//! the record. So publishing needs nothing but the record, and a fact counts once whatever the order
//! of arrival: the last of the events that it needs brings it, whichever that is.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, OWN_SOURCE};
use crate::identifiers::{Environment, StageName};
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
    /// A stage was reported to have ended so for the first time.
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

/// What `event` made true that was not true `before`, after `events` events. Of an incident nothing is
/// counted or notified.
#[must_use]
pub fn milestones(before: Option<&Summary>, events: u64, after: &Summary, event: &Event) -> Vec<Milestone> {
    match event.deployment_id.subject() {
        Subject::Deployment => {}
        Subject::Incident => return Vec::new(),
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
                reached.push(Milestone::Reached { attempt: event.attempt, status: event.status });
            }
        }
        Kind::Stage => stage_milestones(before, after, event, &mut reached),
        Kind::Teardown => {}
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
        reached.extend(attempt.seen.iter().map(|status| Milestone::Reached { attempt: *number, status: *status }));
        reached.extend(attempt.duration_seconds().map(|seconds| Milestone::Took { seconds }));
        reached.extend(lead_time(before, *number).map(|seconds| Milestone::Led { seconds }));
    }
    for (_, name, stage) in before.stages.in_order() {
        let ended = stage.seen.iter().filter(|status| status.is_terminal());
        reached.extend(ended.map(|status| Milestone::StageEnded { stage: name.clone(), status: *status }));
        let took = |seconds| Milestone::StageTook { stage: name.clone(), seconds };
        reached.extend(stage.duration_seconds().map(took));
    }
    Some(Milestone::Named { before: before.environment(), events, reached })
}

fn lead_time(summary: &Summary, attempt: u32) -> Option<f64> {
    let committed_at: Timestamp = summary.committed_at?;
    summary.attempts.get(&attempt)?.lead_time_seconds(committed_at)
}

fn stage_milestones(before: Option<&Summary>, after: &Summary, event: &Event, reached: &mut Vec<Milestone>) {
    let Some(name) = &event.stage else { return };
    let Some(now) = after.stages.get(event.attempt, name) else { return };
    let then = before.and_then(|before| before.stages.get(event.attempt, name));
    if event.status.is_terminal() && !then.is_some_and(|stage| stage.seen.contains(&event.status)) {
        reached.push(Milestone::StageEnded { stage: name.clone(), status: event.status });
    }
    if then.and_then(crate::ledger::stages::Stage::duration_seconds).is_none()
        && let Some(seconds) = now.duration_seconds()
    {
        reached.push(Milestone::StageTook { stage: name.clone(), seconds });
    }
}
