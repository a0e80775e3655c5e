//! What people are told of verdicts: that something is bad, suspected, or good again, each once for a deployment.
//!
//! A record [may change](Concern) a verdict. Which deployments that is of, the places say; whether anybody is told,
//! what was told before, and whether it still matters.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{AlarmState, Metrics, Verdict as Outcome};
use crate::follows::milestones::Milestone;
use crate::follows::notifications::{Notification, Transition};
use crate::health::piece::{Says, measured};
use crate::health::verdict::{State as How, Verdict};
use crate::health::watched::{is_health_check, landing};
use crate::identifiers::{DeploymentId, Environment, Service};
use crate::ledger::mark::Mark;
use crate::ledger::observed::{Object, Observed};
use crate::ledger::recording::{Record, State};
use crate::ledger::summary::Summary;
use crate::live::log::Effect;
use crate::live::thing::Thing;
use crate::live::{Cell, Place};
use crate::settings::HealthBounds;
use crate::time::as_millis;
use crate::{Status, Subject, Timestamp, one_line};

/// For how long what landed, or what happened, is news: in milliseconds, by the time of receipt.
pub const NEWS_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Of what a record may have changed the verdict.
#[derive(Debug, Clone, PartialEq)]
pub enum Concern {
    /// This deployment.
    Deployment(DeploymentId),
    /// Whatever ran in this place.
    Place(Place),
    /// What brought this thing, wherever it runs.
    Thing(Service, Box<Mark>),
}

/// That a record may have changed a verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Concerned {
    /// Of what.
    pub what: Concern,
    /// When the record was received.
    pub received: Timestamp,
    /// The hash of the record.
    pub record: String,
    /// What it observed, where it is an observation: nothing is to be looked at where that is well.
    pub observed: Option<Box<Observed>>,
}

impl Concerned {
    /// Of what a record may have changed the verdict; of nothing, where it says nothing for or against anything, or
    /// where what it says happened too long ago to be news.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        if record.moment().at < record.recorded_at.plus_millis(-NEWS_MILLIS) {
            return None;
        }
        let event = &record.received.event;
        let concerned = |what| Self { what, received: record.recorded_at, record: record.hash.clone(), observed: None };
        match event.deployment_id.subject() {
            Subject::Observations => {
                let observed = Observed::of(record)?;
                let what = match observed.object() {
                    Object::Deployment(id) => Concern::Deployment(id),
                    Object::Place(place) => Concern::Place(place),
                };
                Some(Self { observed: Some(Box::new(observed)), ..concerned(what) })
            }
            Subject::Incident => {
                let (environment, service) = (record.meaning.environment.clone(), record.meaning.service.clone());
                let place = Place { environment, service };
                let begins = record.sequence == 1 || !event.status.is_terminal();
                (begins && place.is_known()).then(|| concerned(Concern::Place(place)))
            }
            Subject::Verdicts => {
                let mark = Mark::of(event, &record.received.key, &record.received.producer, record.moment())?;
                Some(concerned(Concern::Thing(record.meaning.service.clone(), Box::new(mark))))
            }
            Subject::Deployment => {
                let speaks = record.meaning.milestones.iter().any(speaks_against) || is_judged(&event.metrics);
                speaks.then(|| concerned(Concern::Deployment(event.deployment_id.clone())))
            }
            Subject::Environment => None,
        }
    }

    /// Whether it is an observation that is well by these bounds: then it changes nothing that people are told.
    #[must_use]
    pub fn is_well(&self, bounds: &HealthBounds) -> bool {
        self.observed.as_ref().is_some_and(|observed| {
            if let Some(alarm) = &observed.alarm {
                return alarm.state == AlarmState::Ok;
            }
            let said = measured(&observed.metrics, &observed.baseline, bounds);
            said.iter().all(|(_, says, _)| *says == Says::Good)
        })
    }

    /// Why something is good again, where a person said so.
    #[must_use]
    pub fn cleared(&self) -> Option<String> {
        let Concern::Thing(_, mark) = &self.what else { return None };
        (mark.outcome == Outcome::Cleared)
            .then(|| one_line(&format!("cleared by {}: {}", mark.by, mark.reason.as_str()), 300))
    }
}

/// Whether what became true speaks against a deployment.
fn speaks_against(milestone: &Milestone) -> bool {
    match milestone {
        Milestone::Reached { status, .. } => matches!(status, Status::RolledBack | Status::Failed),
        Milestone::StageEnded { stage, status } => *status == Status::Failed && is_health_check(stage.as_str()),
        Milestone::Named { reached, .. } => reached.iter().any(speaks_against),
        _ => false,
    }
}

fn is_judged(metrics: &Metrics) -> bool {
    metrics.health_score.is_some() || metrics.error_rate.is_some() || metrics.latency_p95_ms.is_some()
}

/// The deployments of a place that people would be told of: what runs there, and what landed there lately by the time
/// of receipt. `cell` has its tail.
#[must_use]
pub fn current(cell: &Cell, received: Timestamp) -> BTreeSet<(DeploymentId, Thing)> {
    let running = cell.regions.values().map(|region| &region.live).chain([&cell.live]);
    let running = running.filter_map(|live| {
        let thing = Thing { version: live.version.clone(), commit: live.commit.clone() };
        Some((live.deployment_id.clone()?, thing))
    });
    let news = received.plus_millis(-NEWS_MILLIS);
    let landed = cell.tail.landings.iter().filter(|entry| entry.effect == Effect::Completed && entry.at >= news);
    running.chain(landed.map(|entry| (entry.deployment_id.clone(), Thing::from(entry)))).collect()
}

/// Whether people would be told of a deployment: it runs in its place, or it landed lately by the time of receipt.
#[must_use]
pub fn is_current(summary: &Summary, cell: Option<&Cell>, received: Timestamp) -> bool {
    let Some(landing) = landing(summary) else { return false };
    landing.at >= received.plus_millis(-NEWS_MILLIS)
        || cell.is_some_and(|cell| {
            let running = cell.regions.values().map(|region| &region.live).chain([&cell.live]);
            running.filter_map(|live| live.deployment_id.as_ref()).any(|id| *id == summary.deployment_id)
        })
}

/// What is news of a deployment with this verdict, of which this was told before.
#[must_use]
pub fn news(verdict: Option<&Verdict>, told: impl Fn(Transition) -> bool) -> Option<Transition> {
    let news = match verdict?.state {
        How::Bad => Transition::Bad,
        How::Suspect => Transition::Suspect,
        How::Watching | How::Good | How::Unobserved if told(Transition::Bad) => Transition::GoodAgain,
        How::Watching | How::Good | How::Unobserved => return None,
    };
    (!told(news)).then_some(news)
}

/// What speaks against a deployment, as it is noted for what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Noted {
    /// Something went wrong where it runs, and it may be why.
    Suspect,
    /// Something speaks against it.
    Bad,
}

impl Noted {
    /// What is noted of a deployment with this verdict; of one that nothing speaks against, nothing.
    #[must_use]
    pub fn of(verdict: Option<&Verdict>) -> Option<Self> {
        match verdict?.state {
            How::Bad => Some(Self::Bad),
            How::Suspect => Some(Self::Suspect),
            How::Watching | How::Good | How::Unobserved => None,
        }
    }

    /// Whether something may be noted of a deployment of which this was told: what speaks against it is noted when it is
    /// told.
    #[must_use]
    pub fn may_be(told: impl Fn(Transition) -> bool) -> bool {
        told(Transition::Bad) || told(Transition::Suspect)
    }

    /// As it stands in an answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspect => "SUSPECT",
            Self::Bad => "BAD",
        }
    }

    /// In a word, for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspect => "suspected",
            Self::Bad => "bad",
        }
    }
}

/// The deployments of a place of which notes are kept: what runs there, and what may run again when that is undone.
#[must_use]
pub fn kept(cell: &Cell) -> BTreeSet<DeploymentId> {
    let running = cell.regions.values().map(|region| &region.live).chain([&cell.live]);
    let running = running.filter_map(|live| live.deployment_id.clone());
    running.chain(cell.tail.landings.iter().map(|entry| entry.deployment_id.clone())).collect()
}

/// A verdict that people are told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is good again, where a person said so.
    pub because: Option<String>,
}

/// The notification of what is news of a deployment, at the time of receipt.
#[must_use]
pub fn notification(state: &State, news: Transition, judged: Judged, received: Timestamp) -> Notification {
    let at = if news == Transition::GoodAgain { received } else { judged.verdict.since };
    Notification { at, judged: Some(Box::new(judged)), ..super::stuck::about(state, news) }
}

/// What is to be looked at again: evidence against it came before it landed, or before what it is of was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LookAgain {
    /// The deployment, where it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<DeploymentId>,
    /// Where, else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// What, else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The number of what is kept of the place when it was looked at; nothing is new while that is the same.
    #[serde(default)]
    pub revision: u64,
    /// When the evidence was received.
    #[serde(with = "as_millis")]
    pub received: Timestamp,
}

impl LookAgain {
    /// Look again at a deployment.
    #[must_use]
    pub fn at_deployment(id: DeploymentId, received: Timestamp) -> Self {
        Self { deployment_id: Some(id), environment: None, service: None, revision: 0, received }
    }

    /// Look again at a place.
    #[must_use]
    pub fn at_place(place: Place, revision: u64, received: Timestamp) -> Self {
        let Place { environment, service } = place;
        Self { deployment_id: None, environment: Some(environment), service: Some(service), revision, received }
    }

    /// The place, where it is of one.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(Place { environment: self.environment.clone()?, service: self.service.clone()? })
    }

    /// Whether it is so old that what comes of it is no news.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.received < now.plus_millis(-NEWS_MILLIS)
    }
}

#[cfg(test)]
mod tests;
