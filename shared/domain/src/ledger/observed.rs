//! What was observed of a deployment, or of what ran in a place: one line of a log by time, made of its record alone, so
//! that no order of arrival changes it.

use serde::{Deserialize, Serialize};

use crate::event::{Alarm, Kind, Metrics};
use crate::identifiers::{DeploymentId, Environment, Region, Service};
use crate::ledger::recording::Record;
use crate::live::log::Place;
use crate::time::as_millis;
use crate::{EventKey, Moment, Timestamp};

/// An observation, as it is kept in the log of what it is of. The earliest is the least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// When it was measured.
    #[serde(flatten)]
    pub moment: Moment,
    /// The event's key.
    pub key: EventKey,
    /// When it was recorded: by the bounds of then it is judged.
    #[serde(with = "as_millis")]
    pub recorded_at: Timestamp,
    /// The history that it stands in.
    pub history: DeploymentId,
    /// The deployment that it names; none where it is of what runs in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<DeploymentId>,
    /// The environment that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The service that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The region that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// What was measured of health, errors and latency.
    #[serde(default, skip_serializing_if = "Metrics::is_empty")]
    pub metrics: Metrics,
    /// The same as it was before the deployment.
    #[serde(default, skip_serializing_if = "Metrics::is_empty")]
    pub baseline: Metrics,
    /// What an alarm said; of its reason the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// Who says so.
    pub by: String,
}

/// What is observed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A deployment.
    Deployment(DeploymentId),
    /// Whatever runs in a place.
    Place(Place),
}

impl Observed {
    /// The observation that a record is; none where it is of another kind.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let received = &record.received;
        let event = &received.event;
        (event.kind == Kind::Observation).then(|| Self {
            moment: record.moment(),
            key: received.key.clone(),
            recorded_at: record.recorded_at,
            history: event.deployment_id.clone(),
            deployment_id: event.of.clone(),
            environment: event.named.environment.clone(),
            service: event.named.service.clone(),
            region: event.named.region.clone(),
            metrics: judged(&event.metrics),
            baseline: judged(&event.baseline),
            alarm: event.alarm.as_ref().map(shortened),
            by: received.producer.clone(),
        })
    }

    /// What is observed.
    #[must_use]
    pub fn object(&self) -> Object {
        match &self.deployment_id {
            Some(id) => Object::Deployment(id.clone()),
            None => Object::Place(Place {
                environment: self.environment.clone().unwrap_or_else(Environment::unknown),
                service: self.service.clone().unwrap_or_else(Service::unknown),
            }),
        }
    }
}

/// An alarm with as much of its reason as is shown. History has all.
fn shortened(alarm: &Alarm) -> Alarm {
    Alarm { reason: alarm.reason.as_deref().map(|reason| crate::one_line(reason, 200)), ..alarm.clone() }
}

/// Those metrics by which a deployment is judged. History has all.
fn judged(metrics: &Metrics) -> Metrics {
    Metrics {
        health_score: metrics.health_score,
        error_rate: metrics.error_rate,
        latency_p95_ms: metrics.latency_p95_ms,
        ..Metrics::default()
    }
}
