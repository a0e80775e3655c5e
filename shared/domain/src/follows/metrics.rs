//! Which `CloudWatch` metrics follow from what is recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Timestamp;
use crate::event::Kind;
use crate::follows::milestones::Milestone;
use crate::identifiers::{Environment, Service, StageName, ascii};
use crate::ledger::recording::Record;
use crate::ledger::summary::Summary;
use crate::{RejectionReason, Status, Subject};

/// A metric's unit, as `CloudWatch` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// 0 to 100.
    Percent,
}

/// Every metric that this system publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "a metric's meaning stands beside its name in `docs/metrics-and-alerts.md`")]
pub enum Metric {
    DeploymentEvents,
    DeploymentsStarted,
    DeploymentsCompleted,
    DeploymentsFailed,
    DeploymentsRolledBack,
    DeploymentsCancelled,
    DeploymentSuccessRate,
    DeploymentDuration,
    DeploymentHealthScore,
    DeploymentErrorRate,
    DeploymentErrorCount,
    LeadTime,
    StageDuration,
    StagesCompleted,
    StagesFailed,
    StageSuccessRate,
    ActiveDeployments,
    StuckDeployments,
    DeploymentVerdictBad,
    EventsRejected,
    EventsConflicting,
    EventsForbidden,
    HistoryModified,
    MetricSetsRefused,
    TickCoverage,
    TickDuration,
    AnchorAge,
}

impl Metric {
    /// The metric's name in `CloudWatch`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The metric's unit.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::DeploymentDuration | Self::LeadTime | Self::StageDuration | Self::TickDuration | Self::AnchorAge => {
                Unit::Seconds
            }
            Self::DeploymentHealthScore
            | Self::DeploymentErrorRate
            | Self::DeploymentSuccessRate
            | Self::StageSuccessRate
            | Self::TickCoverage => Unit::Percent,
            _ => Unit::Count,
        }
    }

    /// Whether it says how something stands, and not what happened: the values of several add up to one.
    #[must_use]
    pub fn is_gauge(self) -> bool {
        matches!(self, Self::ActiveDeployments | Self::StuckDeployments)
    }
}

/// What a value belongs to. These are all the dimension sets there are: never a version or an id,
/// because each distinct set is a metric that is paid for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimensions {
    /// `{Environment}`
    Environment(Environment),
    /// `{Environment, Service}`
    Service(Environment, Service),
    /// `{Environment, Stage}`
    Stage(Environment, StageName),
    /// `{Door}`: the way by which something came in, of which there are few.
    Door(String),
}

impl Dimensions {
    /// Whether it is where that counts which has no metrics of its own.
    #[must_use]
    pub fn is_other(&self) -> bool {
        matches!(self, Self::Environment(environment) if *environment == Environment::other())
    }

    /// The names of the dimensions, each with its value as `CloudWatch` takes it: in [`ascii`].
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Environment(environment) => vec![("Environment", ascii(environment.as_str()))],
            Self::Service(environment, service) => {
                vec![("Environment", ascii(environment.as_str())), ("Service", ascii(service.as_str()))]
            }
            Self::Stage(environment, stage) => {
                vec![("Environment", ascii(environment.as_str())), ("Stage", ascii(stage.as_str()))]
            }
            Self::Door(door) => vec![("Door", ascii(door))],
        }
    }
}

/// One metric's values within one minute: how often each occurred. Zero is a value like any other.
#[derive(Debug, Clone, PartialEq)]
pub struct Datum {
    /// The metric.
    pub metric: Metric,
    /// What the values belong to.
    pub dimensions: Dimensions,
    /// The minute in which the values were recorded.
    pub minute: Timestamp,
    /// Each distinct value with how often it occurred; in ascending order.
    pub values: Vec<(f64, f64)>,
}

/// Values gathered for one call to `PutMetricData`.
#[derive(Debug, Default)]
pub struct Tally {
    // Values as bits of a double: those that occur (finite and not negative) sort as they should.
    counts: BTreeMap<(Metric, Dimensions, Timestamp), BTreeMap<u64, u64>>,
}

impl Tally {
    /// Adds one value.
    pub fn add(&mut self, metric: Metric, dimensions: Dimensions, at: Timestamp, value: f64) {
        let minute = at.minute();
        let values = self.counts.entry((metric, dimensions, minute)).or_default();
        *values.entry(value.to_bits()).or_default() += 1;
    }

    /// Adds values that were gathered already, under these dimensions: those of a [gauge](Metric::is_gauge) to the one
    /// that is there.
    pub fn add_all(&mut self, datum: &Datum, dimensions: Dimensions) {
        let values = self.counts.entry((datum.metric, dimensions, datum.minute)).or_default();
        if datum.metric.is_gauge() {
            let before: f64 = values.keys().map(|bits| f64::from_bits(*bits)).sum();
            let sum = before + datum.values.iter().map(|(value, _)| value).sum::<f64>();
            *values = BTreeMap::from([(sum.to_bits(), 1)]);
            return;
        }
        for (value, count) in &datum.values {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of values")]
            let count = *count as u64;
            *values.entry(value.to_bits()).or_default() += count;
        }
    }

    /// Adds that so many sets of dimensions have no metrics of their own, and count under `other`.
    pub fn add_refused_sets(&mut self, count: usize, at: Timestamp) {
        for _ in 0..count {
            self.add(Metric::MetricSetsRefused, nowhere(), at, 1.0);
        }
    }

    /// Adds how far a tick came, in percent of the environments, and how long that took.
    pub fn add_tick(&mut self, coverage: f64, seconds: f64, at: Timestamp) {
        self.add(Metric::TickCoverage, nowhere(), at, coverage);
        self.add(Metric::TickDuration, nowhere(), at, seconds);
    }

    /// Adds what follows from a record: of an incident or an environment nothing, for these metrics are of
    /// deployments.
    pub fn add_record(&mut self, record: &Record) {
        match record.deployment_id().subject() {
            Subject::Deployment => {}
            Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => return,
        }
        let event = &record.received.event;
        self.of_deployment(record, Scope::Both, Metric::DeploymentEvents, 1.0);
        for milestone in &record.meaning.milestones {
            if let Milestone::Named { before, events, reached } = milestone {
                let moved = *before != record.meaning.environment;
                let scope = if moved { Scope::Both } else { Scope::Service };
                for _ in 0..*events {
                    self.of_deployment(record, scope, Metric::DeploymentEvents, 1.0);
                }
                for milestone in reached {
                    self.add_milestone(record, scope, milestone);
                }
            } else {
                self.add_milestone(record, Scope::Both, milestone);
            }
        }
        if matches!(event.kind, Kind::Deployment | Kind::Removal) {
            for (metric, value) in [
                (Metric::DeploymentHealthScore, event.metrics.health_score),
                (Metric::DeploymentErrorRate, event.metrics.error_rate),
                (Metric::DeploymentErrorCount, event.metrics.error_count),
            ] {
                if let Some(value) = value {
                    self.of_deployment(record, Scope::Both, metric, value);
                }
            }
        }
    }

    /// Adds that a deployment was found to be bad at this time: an alarm looks at the present.
    pub fn add_bad(&mut self, summary: &Summary, found_at: Timestamp) {
        let (environment, service) = (summary.environment(), summary.service());
        self.add(Metric::DeploymentVerdictBad, Dimensions::Environment(environment.clone()), found_at, 1.0);
        self.add(Metric::DeploymentVerdictBad, Dimensions::Service(environment, service), found_at, 1.0);
    }

    /// Adds all values of another.
    pub fn extend(&mut self, other: Self) {
        for (of, values) in other.counts {
            let counts = self.counts.entry(of).or_default();
            for (value, count) in values {
                *counts.entry(value).or_default() += count;
            }
        }
    }

    /// Adds an event that was refused at a door, for this reason: once under the dimension that an alarm on all
    /// doors watches, and once under its door.
    pub fn add_refusal(&mut self, reason: &RejectionReason, door: &str, recorded_at: Timestamp) {
        let metric = match reason {
            RejectionReason::Conflict => Metric::EventsConflicting,
            RejectionReason::Forbidden => Metric::EventsForbidden,
            RejectionReason::Invalid | RejectionReason::Unknown(_) => Metric::EventsRejected,
        };
        self.add(metric, nowhere(), recorded_at, 1.0);
        self.add(metric, Dimensions::Door(door.to_owned()), recorded_at, 1.0);
    }

    /// Adds a change of the history that nobody may make, found out at this time: an alarm looks at the
    /// present.
    pub fn add_modification(&mut self, found_at: Timestamp) {
        self.add(Metric::HistoryModified, nowhere(), found_at, 1.0);
    }

    /// Adds how long ago it was up to when the last anchor is closed.
    pub fn add_anchor_age(&mut self, closed_until: Timestamp, now: Timestamp) {
        self.add(Metric::AnchorAge, nowhere(), now, now.seconds_since(closed_until).max(0.0));
    }

    fn add_milestone(&mut self, record: &Record, scope: Scope, milestone: &Milestone) {
        match milestone {
            Milestone::Reached { status, .. } => {
                if let Some(metric) = reached(*status) {
                    self.of_deployment(record, scope, metric, 1.0);
                }
                if let Some(success) = success(*status) {
                    self.of_deployment(record, scope, Metric::DeploymentSuccessRate, success);
                }
            }
            Milestone::Took { seconds } => self.of_deployment(record, scope, Metric::DeploymentDuration, *seconds),
            Milestone::Led { seconds } => self.of_deployment(record, scope, Metric::LeadTime, *seconds),
            Milestone::StageEnded { stage, status } => {
                let (metric, success) = match status {
                    Status::Completed => (Metric::StagesCompleted, 100.0),
                    Status::Failed => (Metric::StagesFailed, 0.0),
                    _ => return,
                };
                self.of_stage(record, scope, metric, stage, 1.0);
                self.of_stage(record, scope, Metric::StageSuccessRate, stage, success);
            }
            Milestone::Named { .. } | Milestone::GateOverridden { .. } => {}
            Milestone::StageTook { stage, seconds } => {
                self.of_stage(record, scope, Metric::StageDuration, stage, *seconds);
            }
        }
    }

    /// The values, metric by metric.
    #[must_use]
    pub fn data(self) -> Vec<Datum> {
        #[expect(clippy::cast_precision_loss, reason = "a batch has far fewer than 2^52 records")]
        let pairs = |values: BTreeMap<u64, u64>| {
            values.into_iter().map(|(bits, count)| (f64::from_bits(bits), count as f64)).collect()
        };
        self.counts
            .into_iter()
            .map(|((metric, dimensions, minute), values)| Datum { metric, dimensions, minute, values: pairs(values) })
            .collect()
    }

    fn of_deployment(&mut self, record: &Record, scope: Scope, metric: Metric, value: f64) {
        let (environment, service) = (&record.meaning.environment, &record.meaning.service);
        if scope == Scope::Both {
            self.add(metric, Dimensions::Environment(environment.clone()), record.recorded_at, value);
        }
        self.add(metric, Dimensions::Service(environment.clone(), service.clone()), record.recorded_at, value);
    }

    fn of_stage(&mut self, record: &Record, scope: Scope, metric: Metric, stage: &StageName, value: f64) {
        if scope == Scope::Both {
            let dimensions = Dimensions::Stage(record.meaning.environment.clone(), stage.clone());
            self.add(metric, dimensions, record.recorded_at, value);
        }
    }
}

/// One fixed dimension, so that an alarm can watch it: what could not be read, or is no longer there,
/// has no environment.
fn nowhere() -> Dimensions {
    Dimensions::Environment(Environment::unknown())
}

/// Which of a deployment's dimension sets a value counts under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Its environment, and its service there.
    Both,
    /// Only its service there: its environment has the value already.
    Service,
}

/// What an ending adds to the average that is the success rate. One that was given up adds nothing.
fn success(status: Status) -> Option<f64> {
    match status {
        Status::Completed => Some(100.0),
        Status::Failed | Status::RolledBack => Some(0.0),
        _ => None,
    }
}

/// The counter of a status that a deployment reached.
fn reached(status: Status) -> Option<Metric> {
    match status {
        Status::InProgress => Some(Metric::DeploymentsStarted),
        Status::Completed => Some(Metric::DeploymentsCompleted),
        Status::Failed => Some(Metric::DeploymentsFailed),
        Status::RolledBack => Some(Metric::DeploymentsRolledBack),
        Status::Cancelled => Some(Metric::DeploymentsCancelled),
        Status::Pending | Status::Validating => None,
    }
}
