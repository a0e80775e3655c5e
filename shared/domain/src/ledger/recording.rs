//! Recording: from an event and the state of its deployment to the record and the state after it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, Name};
use crate::follows::milestones::{Milestone, milestones};
use crate::identifiers::{Commit, DeploymentId, Environment, EventKey, Service, Version};
use crate::json;
use crate::label::is_vague;
use crate::ledger::agreement::{OtherPlace, agree};
use crate::ledger::chain::Link;
use crate::ledger::overlay::Overlay;
use crate::ledger::summary::Summary;
use crate::settings::{Aliases, Names};
use crate::{FieldError, Moment, Status, Timestamp};

/// An event as it was received, ready to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What it says.
    pub event: Event,
    /// Its canonical text.
    pub payload: String,
    /// SHA-256 of the canonical text.
    pub payload_hash: String,
    /// Its key.
    pub key: EventKey,
    /// When it happened: as it says, else as its envelope says, else when it was received.
    pub occurred_at: Timestamp,
    /// Who sent it, as far as the door that it came through knows.
    pub producer: String,
    /// Whether the place that it names must be its deployment's: so it is with our own events when they
    /// arrive. It is not kept with the record.
    pub must_agree: bool,
    /// The names that stand for the same as its own service and environment now, where there are any. They are
    /// not kept with the record.
    pub same: SameNames,
    /// Where it stands if it was recorded before a rule or an alias gave it the deployment that it has now. It is
    /// not kept with the record.
    pub earlier: Option<Box<(DeploymentId, EventKey)>>,
    /// Whether it is known by its key alone: what comes again under it is the same, whatever else it says. It is
    /// not kept with the record.
    pub once: bool,
}

/// For a service and an environment, all names that stand for the same.
pub type SameNames = BTreeMap<Name, BTreeSet<String>>;

impl Received {
    /// Prepares `event`; `fallback` is its time when it names none.
    ///
    /// # Errors
    /// What of it [contradicts itself](Event::contradictions): never of an event that was
    /// [read](crate::event::read).
    pub fn new(event: &Event, fallback: Timestamp, producer: &str) -> Result<Self, Vec<FieldError>> {
        let contradictions = event.contradictions();
        if !contradictions.is_empty() {
            return Err(contradictions);
        }
        let unwritable = |error: serde_json::Error| vec![FieldError::new("", error.to_string())];
        let payload = event.canonical().map_err(unwritable)?;
        // What is folded now must be what is folded again from history: the canonical text has one
        // form for each number (`1` for `1.0`, a double for a large integer), the event had its own.
        let event: Event = serde_json::from_str(&payload).map_err(unwritable)?;
        let payload_hash = json::sha256_hex(&payload);
        let occurred_at = event.occurred_at.unwrap_or(fallback);
        let key = event.key("");
        let (producer, same) = (producer.to_owned(), SameNames::new());
        let mut received = Self {
            event,
            payload,
            payload_hash,
            key,
            occurred_at,
            producer,
            must_agree: false,
            same,
            earlier: None,
            once: false,
        };
        received.key = received.event.key(&received.said_hash());
        Ok(received)
    }

    /// The same, with what its names mean now.
    #[must_use]
    pub fn with_same(mut self, names: &Names) -> Self {
        fn texts<T: ToString + Ord + Clone>(aliases: &Aliases<T>, name: Option<&T>) -> Option<BTreeSet<String>> {
            let same = aliases.same(name?);
            (same.len() > 1).then(|| same.iter().map(ToString::to_string).collect())
        }
        let own = &self.event.named;
        let services = texts(&names.services, own.service.as_ref()).map(|same| (Name::Service, same));
        let environments = texts(&names.environments, own.environment.as_ref()).map(|same| (Name::Environment, same));
        self.same = services.into_iter().chain(environments).collect();
        self
    }

    /// The same, which would be `base` without rules and aliases: where that is of another deployment, it may be
    /// recorded there.
    #[must_use]
    pub fn instead_of(mut self, base: &Event) -> Self {
        if base.deployment_id != self.event.deployment_id
            && let Ok(base) = Self::new(base, self.occurred_at, "")
        {
            self.earlier = Some(Box::new((base.event.deployment_id, base.key)));
        }
        self
    }

    /// SHA-256 of what the sender [said](Event::canonical_as_said): the same of each delivery of one event,
    /// whatever rules and aliases made of it.
    #[must_use]
    pub fn said_hash(&self) -> String {
        if self.event.said.is_empty() && self.event.replaces.is_empty() {
            return self.payload_hash.clone();
        }
        // An event that was read can be written.
        json::sha256_hex(&self.event.canonical_as_said().unwrap_or_default())
    }

    /// Notes which names of its deployment it replaces: those that stand for the same as its own now, and did
    /// not when they were recorded.
    fn replacing(mut self, before: &Summary) -> Self {
        for name in Name::ALL.into_iter().filter(|name| !self.event.provisional.contains(name)) {
            let text =
                |names: &Overlay| names.get(name.as_str()).and_then(serde_json::Value::as_str).map(str::to_owned);
            let Some(own) = self.event.named.text(name) else { continue };
            let (named, replaced) = (text(&before.named), text(&before.replaced));
            let stands_for = |known: &String| self.same.get(&name).is_some_and(|same| same.contains(known));
            // Once it is replaced a name stays so, whatever settings say later.
            let is_settled = replaced.as_deref() == Some(own);
            let former = named.filter(|known| known != own && (is_settled || stands_for(known)));
            if let Some(former) = former.or_else(|| replaced.filter(|known| known != own && stands_for(known))) {
                self.event.replaces.insert(name, former);
            }
        }
        if !self.event.replaces.is_empty() {
            self.payload = self.event.canonical().unwrap_or(self.payload);
            self.payload_hash = json::sha256_hex(&self.payload);
        }
        self
    }

    /// This event, whose place must be its deployment's.
    #[must_use]
    pub fn agreeing(self) -> Self {
        Self { must_agree: true, ..self }
    }

    /// This event, which is known by its key alone.
    #[must_use]
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

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

/// How many events of progress one deployment may have. The bound lets its history be read whole, in the
/// order of its sequence, without an index that each write would pay for.
pub const EVENTS_OF_PROGRESS: u64 = 1000;

/// How many events one deployment may have: beyond those of progress, events that end it or begin a new
/// attempt. So the end of a deployment that reports much is still recorded.
pub const EVENTS_PER_DEPLOYMENT: u64 = EVENTS_OF_PROGRESS + 200;

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
}

/// An event that there is no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// The deployment has as many events as one may have.
    #[error("the deployment already has {EVENTS_PER_DEPLOYMENT} events, the maximum")]
    Events,
    /// The environment was retired as often as one may be.
    #[error("the environment was already retired {EVENTS_PER_DEPLOYMENT} times, the maximum; give it another name")]
    Retirements,
    /// The deployment has as many events as one may have, unless they end it or begin a new attempt.
    #[error(
        "the deployment already has {EVENTS_OF_PROGRESS} events, the maximum; only events that end it or begin a new attempt are still recorded"
    )]
    Progress,
    /// All that is known of the deployment would no longer fit into one item: it has ended very often.
    #[error("the deployment has finished too often, so there is no room for another event")]
    Size,
    /// The event corrects what is known of more endings than can be corrected at once: it names, too
    /// late, the service, environment or version of a deployment that ended very often.
    #[error("the deployment has finished too often, so its service, environment or version can't be changed any more")]
    Corrections,
    /// The event names a region, and its service has as many in its environment as one may have.
    #[error("the service already has {REGIONS_PER_PLACE} regions in this environment, the maximum")]
    Regions,
}

impl NoRoom {
    /// The field that is to blame.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Events | Self::Progress | Self::Size | Self::Corrections => "deploymentId",
            Self::Regions => "region",
            Self::Retirements => "environment",
        }
    }
}

/// In how many regions of an environment a service may be: a cell keeps what runs in each.
pub const REGIONS_PER_PLACE: usize = 64;

/// Records `received` after `state`; `now` is the time of recording.
///
/// # Errors
/// [`NotRecorded`] when the deployment has as many events as one may have, or another place.
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
    let (record, state) = append(state, received, now);
    if state.sequence > UNMEASURED_EVENTS && bytes(&state.summary) > SUMMARY_BYTES {
        return Err(NoRoom::Size.into());
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
    summary.fold(&received.event, &received.key, Moment::new(received.occurred_at, recorded_at));
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

/// Whether a deployment in this state can have one more event.
///
/// # Errors
/// [`NoRoom`] when it has as many as one may have.
pub fn has_room(state: &State, event: &Event) -> Result<(), NoRoom> {
    let sequence = state.sequence + 1;
    if sequence > EVENTS_PER_DEPLOYMENT {
        let of_environment = event.kind == Kind::Retirement;
        return Err(if of_environment { NoRoom::Retirements } else { NoRoom::Events });
    }
    let ends = event.kind != Kind::Stage && event.status.is_terminal();
    let begins_attempt = state.summary.attempts.keys().max().is_none_or(|latest| event.attempt > *latest);
    if sequence > EVENTS_OF_PROGRESS && !ends && !begins_attempt { Err(NoRoom::Progress) } else { Ok(()) }
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
