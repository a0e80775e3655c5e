//! What is known of one deployment: the fold of its events, in the form in which it is stored.
//!
//! It holds no more than the fold needs to go on, in any order of arrival; what people see of it is
//! `Deployment` of the crate `api`. It is written with every event, so it is compact.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Commits, Failure, Named};
use crate::identifiers::{Commit, DeploymentId, Environment, Region, Service, StageName, Version};
use crate::ledger::attempt::Attempt;
use crate::ledger::flag::Flag;
use crate::ledger::heard::Heard;
use crate::ledger::latest::Latest;
use crate::ledger::mark::Mark;
use crate::ledger::order::Order;
use crate::ledger::overlay::Overlay;
use crate::ledger::stages::Stages;
use crate::time::as_millis;
use crate::{Moment, Status, Subject, Timestamp};

/// The fold of a deployment's events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The deployment.
    #[serde(rename = "id")]
    pub deployment_id: DeploymentId,
    /// When the first event happened that shows it worked on, and not only waiting.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the first of all other events happened: most deployments begin with work, and have none.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub waiting_from: Option<Timestamp>,
    /// When its latest event happened.
    #[serde(with = "as_millis")]
    pub updated_at: Timestamp,
    /// The greatest event that speaks about the whole deployment, if there is one yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What describes it, each value from the earliest event that has it.
    pub named: Overlay,
    /// Names that their source may correct: any other event's name for the same beats these.
    #[serde(default, skip_serializing_if = "Overlay::is_empty")]
    pub provisional: Overlay,
    /// Names that stand for others, which were recorded before they were aliases: these beat all others, and of them
    /// the latest counts.
    #[serde(default, skip_serializing_if = "Overlay::is_empty")]
    pub replaced: Overlay,
    /// What the latest events say of the whole: metrics, notes, links and metadata. It is stored under its
    /// first name, so that older state stays readable.
    #[serde(rename = "told", default, skip_serializing_if = "Latest::is_empty")]
    pub latest: Latest,
    /// The stage it was last said to be in, with the place of the event that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<(Order, StageName)>,
    /// The earliest time of the deployed commit.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Timestamp>,
    /// The commits that it brings.
    #[serde(default, skip_serializing_if = "Commits::is_empty")]
    pub commits: Commits,
    /// Its runs.
    pub attempts: BTreeMap<u32, Attempt>,
    /// Its stages.
    #[serde(default, skip_serializing_if = "Stages::is_empty")]
    pub stages: Stages,
    /// The events that ended it: what the live log is made from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub endings: BTreeSet<Ending>,
    /// The events that say that what it brought is gone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub teardowns: BTreeSet<Order>,
    /// When it was retired, of an environment: each time.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub retired: BTreeSet<Moment>,
    /// What was said of the versions of a service: each verdict.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub verdicts: BTreeSet<Mark>,
    /// Whether the clock of a sender was ahead of the receipt of what it sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_ahead: bool,
    /// Contradictions in its events.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<Flag>,
    /// Who reported it. State of before has nothing of it.
    #[serde(rename = "by", default)]
    pub heard: Heard,
}

/// How the greatest event left the deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The event's place, and so its status, attempt and time.
    pub order: Order,
    /// What it said went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// An event that ended a deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending {
    /// Its place.
    pub order: Order,
    /// Whether it ended a removal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removal: bool,
    /// The version that a rollback went back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<Version>,
}

impl Summary {
    /// A deployment without any event yet.
    #[must_use]
    pub fn empty(deployment_id: DeploymentId) -> Self {
        Self {
            deployment_id,
            started_at: None,
            waiting_from: None,
            updated_at: Timestamp::MIN,
            outcome: None,
            named: Overlay::default(),
            provisional: Overlay::default(),
            replaced: Overlay::default(),
            latest: Latest::default(),
            stage: None,
            committed_at: None,
            commits: Commits::default(),
            attempts: BTreeMap::new(),
            stages: Stages::default(),
            endings: BTreeSet::new(),
            teardowns: BTreeSet::new(),
            retired: BTreeSet::new(),
            verdicts: BTreeSet::new(),
            clock_ahead: false,
            flags: BTreeSet::new(),
            heard: Heard::nobody(),
        }
    }

    /// How it stands. Stage events alone show it under way, or waiting, and no more than that. What is known
    /// only by its end as [torn down](crate::event::Kind::Teardown) was completed once, and so is a retirement.
    /// What is known only by its [gate](super::gated) waits, or was not let in.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.standing() {
            Some(outcome) => outcome.order.status(),
            None if !self.retired.is_empty() || !self.verdicts.is_empty() => Status::Completed,
            None if self.deployment_id.subject() == Subject::Observations => Status::Completed,
            None if self.stages.is_empty() && !self.teardowns.is_empty() => Status::Completed,
            None => match self.gate_alone() {
                Some(report) => Self::status_at_gate(report),
                None if self.started_at.is_none() => Status::Pending,
                None => Status::InProgress,
            },
        }
    }

    /// The event by which it stands: the greatest, unless that is a conclusion of this system and a stage of it
    /// reported later. Progress that is later reopens it, of whatever it is.
    fn standing(&self) -> Option<&Outcome> {
        let reopened = |outcome: &Outcome| {
            let later = |order: &Order| order.moment() > outcome.order.moment();
            outcome.order.is_concluded() && self.stages.reports().any(|(_, _, report)| later(&report.latest))
        };
        self.outcome.as_ref().filter(|outcome| !reopened(outcome))
    }

    /// What went wrong, as the event says by which it stands.
    #[must_use]
    pub fn error(&self) -> Option<Failure> {
        self.standing().map_or_else(|| self.denied(), |outcome| outcome.error.clone())
    }

    /// Whether it is what its events fold to, as far as the version knew that made it.
    #[must_use]
    pub fn is_fold(&self, folded: &Self) -> bool {
        if !self.heard.is_partial() {
            return self == folded;
        }
        let mut folded = folded.clone();
        folded.heard.clone_from(&self.heard);
        let (own, other) = (&self.flags, &mut folded.flags);
        other.retain(|flag| *flag != Flag::ProducerDisagrees || own.contains(flag));
        *self == folded
    }

    /// When its earliest event happened.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        [self.started_at, self.waiting_from].into_iter().flatten().min().unwrap_or(Timestamp::MAX)
    }

    /// How long it waited before it was first worked on, in seconds; absent while it waits.
    #[must_use]
    pub fn waited_seconds(&self) -> Option<f64> {
        self.started_at.map(|started| started.seconds_since(self.created_at()))
    }

    /// When an environment was retired: each time, the earliest first.
    #[must_use]
    pub fn retirements(&self) -> Vec<Moment> {
        self.retired.iter().copied().collect()
    }

    /// Whether both its service and its environment are known.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.service() != Service::unknown() && self.environment() != Environment::unknown()
    }

    /// Whether it is active: a deployment that has begun, and not ended.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match self.deployment_id.subject() {
            Subject::Deployment => !self.status().is_terminal() && self.gate_alone().is_none(),
            Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => false,
        }
    }

    /// Which run it is in: the greatest that is reported of the whole, or of which only stages are known the
    /// greatest of these. What this system concludes begins none.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        let greatest = |of: fn(&Attempt) -> bool| self.attempts.iter().rev().find(|(_, attempt)| of(attempt));
        let attempt = greatest(|attempt| !attempt.seen.is_empty()).or_else(|| greatest(|_| true));
        attempt.map_or(1, |(number, _)| *number)
    }

    /// When it ended; absent while it runs.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.standing()
            .filter(|outcome| outcome.order.status().is_terminal())
            .map(|outcome| outcome.order.occurred_at())
    }

    /// How long its current attempt took, in seconds, once it has ended and both ends are known.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<f64> {
        self.finished_at()?;
        self.attempts.get(&self.attempt())?.duration_seconds()
    }

    /// Whether it takes its service out of its environment rather than a version into it: an ending of
    /// its current attempt is that of a removal.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        self.endings.iter().any(|ending| ending.removal && ending.order.attempt() == self.attempt())
    }

    /// The version that it rolled back to, when it is rolled back and said so.
    #[must_use]
    pub fn rollback_to(&self) -> Option<&Version> {
        let order = &self.outcome.as_ref()?.order;
        self.endings.iter().find(|ending| ending.order == *order)?.rollback_to.as_ref()
    }

    /// What describes it, each from the earliest event that names it.
    #[must_use]
    pub fn named(&self) -> Named {
        // The overlay was filled from `Named` values, so reading them back cannot fail.
        let mut values = self.provisional.values();
        values.extend(self.named.values());
        values.extend(self.replaced.values());
        serde_json::from_value(serde_json::Value::Object(values)).unwrap_or_default()
    }

    /// The service; `unknown` until an event names it.
    #[must_use]
    pub fn service(&self) -> Service {
        self.text("service").unwrap_or_else(Service::unknown)
    }

    /// Where it is deployed; `unknown` until an event names it.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.text("environment").unwrap_or_else(Environment::unknown)
    }

    /// Which version is deployed, if an event names it.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.text("version")
    }

    /// Which region it is about, if an event names one.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        Region::try_from(self.named.get("region")?.as_str()?.to_owned()).ok()
    }

    /// Which commit is deployed, if an event names it.
    #[must_use]
    pub fn commit(&self) -> Option<Commit> {
        self.text("commit")
    }

    fn text<T: crate::identifiers::Identifier>(&self, name: &str) -> Option<T> {
        let names = [&self.replaced, &self.named, &self.provisional];
        T::parse(names.into_iter().find_map(|names| names.get(name))?.as_str()?).ok()
    }
}
