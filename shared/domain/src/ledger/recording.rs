//! Recording: from an event and the state of its deployment to the record and the state after it.

use serde::{Deserialize, Serialize};

use crate::follows::milestones::{Milestone, milestones};
use crate::identifiers::{Commit, DeploymentId, Environment, Service, Version};
use crate::json;
use crate::label::is_vague;
use crate::ledger::agreement::{OtherPlace, agree};
use crate::ledger::chain::Link;
use crate::ledger::mark::Mark;
use crate::ledger::ownership::{self, NotYours};
use crate::ledger::permitted::{self, Forbidden};
use crate::ledger::received::Received;
use crate::ledger::room::{NoRoom, has_room};
use crate::ledger::summary::Summary;
use crate::{Moment, Status, Subject, Timestamp};

/// The current state of a deployment: the fold of its events, and where its history stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The fold.
    pub summary: Summary,
    /// The number of the last record.
    pub sequence: u64,
    /// The hash of the last record.
    pub head_hash: String,
    /// When the last record was made.
    pub recorded_at: Timestamp,
}

/// One entry of a deployment's history: never changed, and never deleted but by age, where a
/// [`Retention`](crate::Retention) requires it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What was received.
    pub received: Received,
    /// Its number within the deployment, from 1 without gaps.
    pub sequence: u64,
    /// When it was recorded; never before the record before it.
    pub recorded_at: Timestamp,
    /// The hash of the record before; empty for the first.
    pub previous_hash: String,
    /// When the record before was made; absent for the first.
    pub previous_recorded_at: Option<Timestamp>,
    /// This record's hash.
    pub hash: String,
    /// What it meant when it was recorded.
    pub meaning: Meaning,
}

/// What a record means to those who watch: enough to publish it without reading anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meaning {
    /// The deployment's service, as known then.
    pub service: Service,
    /// The deployment's environment, as known then.
    pub environment: Environment,
    /// The deployment's version, as known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The deployment's commit, as known then, where the version alone does not say what is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The deployment's status after the event.
    pub status: Status,
    /// What became true with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<Milestone>,
    /// By which [rules](Meaning::RULES) that was found; absent of the first.
    #[serde(default)]
    pub rules: u32,
}

impl Meaning {
    /// The number of the rules by which a meaning follows from events. It is another one when the rules
    /// change, so that what earlier rules found, and history keeps, is not taken for altered.
    pub const RULES: u32 = 1;
}

/// How large a summary may be as JSON, in bytes: an item of `DynamoDB` has at most 400 KB.
const SUMMARY_BYTES: usize = 380_000;

/// How many events can't make a summary too large, whatever is in them.
const UNMEASURED_EVENTS: u64 = 64;

/// Why an event is not recorded, although it can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// There is no room for it.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// It names another place than its deployment has.
    #[error(transparent)]
    OtherPlace(#[from] OtherPlace),
    /// It speaks for a deployment that is another tool's.
    #[error(transparent)]
    NotYours(#[from] NotYours),
    /// Its sender may not say it of its place.
    #[error(transparent)]
    Forbidden(#[from] Box<Forbidden>),
}

/// Records `received` after `state`; `now` is the time of recording.
///
/// # Errors
/// [`NotRecorded`] when the deployment has as many events as one may have, or another place, or is another
/// tool's, or of a place that its sender has no right for.
pub fn record(state: Option<&State>, received: Received, now: Timestamp) -> Result<(Record, State), NotRecorded> {
    if let Some(state) = state {
        has_room(state, &received.event)?;
        if received.must_agree {
            agree(&state.summary, &received.event, &received.same)?;
        }
    }
    let received = match state {
        Some(state) => received.replacing(&state.summary),
        None => received,
    };
    let before = state.map(|state| &state.summary);
    let (record, state) = append(state, received, now);
    permitted::judge(before, &record.received, &state.summary)?;
    ownership::judge(before, &record.received, &state.summary)?;
    if state.sequence > UNMEASURED_EVENTS && bytes(&state.summary) > SUMMARY_BYTES {
        let of_verdicts = state.summary.deployment_id.subject() == Subject::Verdicts;
        return Err(if of_verdicts { NoRoom::Verdicts } else { NoRoom::Size }.into());
    }
    Ok((record, state))
}

/// What follows from recording `received` after `state` at `now`, whether or not it would be recorded today:
/// what a history has is in it, also when a bound was another one then.
#[must_use]
pub fn append(state: Option<&State>, received: Received, now: Timestamp) -> (Record, State) {
    let before = state.map(|state| &state.summary);
    let sequence = state.map_or(0, |state| state.sequence) + 1;
    let previous_hash = state.map(|state| state.head_hash.clone()).unwrap_or_default();
    // Two machines' clocks can disagree; the order of a history must not.
    let recorded_at = state.map_or(now, |state| state.recorded_at.max(now));

    let mut summary = before.cloned().unwrap_or_else(|| Summary::empty(received.event.deployment_id.clone()));
    summary.clock_ahead |= Moment::is_skewed(received.occurred_at, recorded_at);
    let moment = Moment::new(received.occurred_at, recorded_at);
    summary.fold(&received.event, &received.key, moment);
    summary.hear(&received);
    summary.verdicts.extend(Mark::of(&received.event, &received.key, &received.producer, moment));
    let meaning = Meaning {
        service: summary.service(),
        environment: summary.environment(),
        version: summary.version(),
        commit: summary.commit().filter(|_| summary.version().is_none_or(|version| is_vague(version.as_str()))),
        status: summary.status(),
        milestones: milestones(before, sequence - 1, &summary, &received.event),
        rules: Meaning::RULES,
    };
    let mut record = Record {
        received,
        sequence,
        recorded_at,
        previous_hash,
        previous_recorded_at: state.map(|state| state.recorded_at),
        hash: String::new(),
        meaning,
    };
    record.hash = record.computed_hash();
    let state = State { summary, sequence, head_hash: record.hash.clone(), recorded_at };
    (record, state)
}

fn bytes(summary: &Summary) -> usize {
    serde_json::to_vec(summary).map_or(usize::MAX, |json| json.len())
}

impl Record {
    /// When it happened, among all else.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment::new(self.received.occurred_at, self.recorded_at)
    }

    /// The hash that this record must have, from what it holds.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        Link {
            previous_hash: &self.previous_hash,
            previous_recorded_at: self.previous_recorded_at,
            payload_hash: &json::sha256_hex(&self.received.payload),
            sequence: self.sequence,
            deployment_id: self.deployment_id(),
            event_key: &self.received.key,
            occurred_at: self.received.occurred_at,
            recorded_at: self.recorded_at,
            producer: &self.received.producer,
        }
        .hash()
    }

    /// The deployment that it belongs to.
    #[must_use]
    pub fn deployment_id(&self) -> &DeploymentId {
        &self.received.event.deployment_id
    }
}
