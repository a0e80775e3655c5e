//! A piece of evidence: what one record says for or against a deployment.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::event::Metrics;
use crate::identifiers::DeploymentId;
use crate::ledger::observed::Observed;
use crate::settings::HealthBounds;
use crate::{Moment, Timestamp};

/// By what a deployment is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// A health check of it failed.
    HealthCheck,
    /// Its health score was too low.
    HealthScore,
    /// Its error rate was too high.
    ErrorRate,
    /// Its latency was too far above what it was before.
    LatencyP95Ms,
    /// An alarm went off.
    Alarm,
    /// It was rolled back.
    RolledBack,
    /// It failed after it had completed.
    FailedAfterCompleting,
    /// An incident began.
    Incident,
    /// Someone called its version bad.
    Marked,
}

impl Rule {
    /// All of them, in the order in which a verdict gives them.
    pub const ALL: [Self; 9] = [
        Self::HealthCheck,
        Self::HealthScore,
        Self::ErrorRate,
        Self::LatencyP95Ms,
        Self::Alarm,
        Self::RolledBack,
        Self::FailedAfterCompleting,
        Self::Incident,
        Self::Marked,
    ];

    /// Whether it judges by what was measured: by what was observed, or what its own events say of how it went.
    #[must_use]
    pub fn is_measured(self) -> bool {
        matches!(self, Self::HealthCheck | Self::HealthScore | Self::ErrorRate | Self::LatencyP95Ms | Self::Alarm)
    }

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HealthCheck => "healthCheck",
            Self::HealthScore => "healthScore",
            Self::ErrorRate => "errorRate",
            Self::LatencyP95Ms => "latencyP95Ms",
            Self::Alarm => "alarm",
            Self::RolledBack => "rolledBack",
            Self::FailedAfterCompleting => "failedAfterCompleting",
            Self::Incident => "incident",
            Self::Marked => "marked",
        }
    }
}

/// What a piece says of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// That it is bad.
    Bad,
    /// That it may be what went wrong.
    Suspect,
    /// That it goes well.
    Good,
}

/// When a piece concerns a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// It is of the deployment: from its beginning to the end of the watch.
    Deployment,
    /// It is of what ran in the place: while that was the deployment's, to the end of the watch.
    Place,
    /// The same, for as long as the deployment is suspected.
    Suspected,
    /// It is of the deployment: from its beginning for as long as it is suspected.
    DeploymentSuspected,
    /// Whenever it was.
    AnyTime,
}

/// A number, and what it was measured by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub observed: f64,
    /// What it was to keep to.
    pub bound: f64,
    /// What it was before the deployment, where that counts.
    pub baseline: Option<f64>,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// When it was.
    pub moment: Moment,
    /// By what it judges.
    pub rule: Rule,
    /// What it says.
    pub says: Says,
    /// When it concerns a deployment.
    pub scope: Scope,
    /// The number, where it is one.
    pub figure: Option<Figure>,
    /// The history that it stands in.
    pub history: DeploymentId,
    /// What tells it apart in that history.
    pub key: String,
    /// Who says so.
    pub by: Option<String>,
    /// What is said.
    pub reason: Option<String>,
}

impl Piece {
    /// By time, and then by what it is: two of them that are the same in this are the same piece.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let of = |piece: &Self| (piece.moment, piece.rule, piece.says, piece.scope);
        of(self).cmp(&of(other)).then_with(|| self.history.cmp(&other.history)).then_with(|| self.key.cmp(&other.key))
    }

    /// When it was.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.moment.at
    }
}

/// What an observation says, by the bounds that were in force when it was received.
#[must_use]
pub fn of_observed(observed: &Observed, bounds: &HealthBounds) -> Vec<Piece> {
    let scope = if observed.deployment_id.is_some() { Scope::Deployment } else { Scope::Place };
    measured(&observed.metrics, &observed.baseline, bounds)
        .into_iter()
        .map(|(rule, says, figure)| Piece {
            moment: observed.moment,
            rule,
            says,
            scope,
            figure: Some(figure),
            history: observed.history.clone(),
            key: observed.key.as_str().to_owned(),
            by: Some(observed.by.clone()),
            reason: None,
        })
        .collect()
}

/// What these metrics say by these bounds; a latency without a baseline above 0 says nothing.
#[must_use]
pub fn measured(metrics: &Metrics, baseline: &Metrics, bounds: &HealthBounds) -> Vec<(Rule, Says, Figure)> {
    let says = |bad: bool| if bad { Says::Bad } else { Says::Good };
    let plain = |observed, bound| Figure { observed, bound, baseline: None };
    let health = metrics.health_score.map(|observed| {
        let bound = bounds.health_score;
        (Rule::HealthScore, says(observed < bound), plain(observed, bound))
    });
    let errors = metrics.error_rate.map(|observed| {
        let bound = bounds.error_rate;
        (Rule::ErrorRate, says(observed > bound), plain(observed, bound))
    });
    let before = baseline.latency_p95_ms.filter(|before| *before > 0.0);
    let latency = metrics.latency_p95_ms.zip(before).map(|(observed, before)| {
        // In thousandths, so that 120 is not above 1.2 times 100 by the last digit of a double.
        let thousandths = (bounds.latency_factor * 1000.0).round();
        let bad = observed * 1000.0 > before * thousandths;
        let figure = Figure { observed, bound: before * thousandths / 1000.0, baseline: Some(before) };
        (Rule::LatencyP95Ms, says(bad), figure)
    });
    [health, errors, latency].into_iter().flatten().collect()
}
