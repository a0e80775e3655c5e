//! What a pipeline reports: one event, read and checked, in this project's own terms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::identifiers::{
    Commit, DeploymentId, Environment, EventId, EventKey, Label, Service, Source, StageName, Version,
};
use crate::json;
use crate::{FieldError, Status, Timestamp};

mod incident;
mod read;

pub use read::{Limits, is_https, not_in_future, read};

/// An event as its sender meant it: aliases resolved, every value within its bounds. Events of
/// other tools become this too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The producer's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Who reports.
    pub source: Source,
    /// What `status` speaks about.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What describes the deployment: for each of these the earliest event that names it counts.
    #[serde(flatten)]
    pub named: Named,
    /// How it stands.
    pub status: Status,
    /// The stage that a stage event speaks about; on a deployment event, the stage it is now in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageName>,
    /// Which run of the deployment, from 1.
    pub attempt: u32,
    /// When it happened, when the event says so; else see [`Received::occurred_at`](crate::Received).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Figures that were measured.
    #[serde(default, skip_serializing_if = "Metrics::is_empty")]
    pub metrics: Metrics,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The version that a rollback went back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<Version>,
    /// When the deployed commit was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Timestamp>,
    /// Named `https` links.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Whatever else the producer wants kept, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// What describes a deployment and does not change while it runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Named {
    /// What is deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Which version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Which commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Which artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Label>,
    /// Which build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_number: Option<Label>,
    /// Which region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Label>,
    /// Who or what started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggered_by: Option<Trigger>,
    /// The release that this deployment is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Label>,
}

/// What an event's status speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole deployment.
    Deployment,
    /// One stage only; a stage's success never means the deployment's.
    Stage,
    /// Taking the service out of the environment: completed, nothing runs there any more.
    Removal,
    /// No deployment, but an incident: in progress while it is open, completed when it is resolved.
    Incident,
}

/// What started a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TriggerKind {
    /// A person.
    Manual,
    /// A change, such as a push.
    Automatic,
    /// The clock.
    Scheduled,
}

/// Who or what started a deployment, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trigger {
    /// What kind of thing started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TriggerKind>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// For people; at most 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// For programs; at most 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Figures that were measured; zero is a value, absent is not zero.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// How long it took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_score: Option<f64>,
    /// How many errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_count: Option<f64>,
    /// 0 to 100 percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_rate: Option<f64>,
    /// How many instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_count: Option<f64>,
    /// 0 to 100 percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_rate: Option<f64>,
    /// 95th percentile of latency in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_p95_ms: Option<f64>,
    /// 0 to 100 percent of the traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic_percent: Option<f64>,
}

impl Metrics {
    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Event {
    /// An event that says no more than this; other fields are absent.
    #[must_use]
    pub fn new(source: Source, deployment_id: DeploymentId, kind: Kind, status: Status) -> Self {
        Self {
            event_id: None,
            source,
            kind,
            deployment_id,
            named: Named::default(),
            status,
            stage: None,
            attempt: 1,
            occurred_at: None,
            metrics: Metrics::default(),
            error: None,
            rollback_to: None,
            committed_at: None,
            links: BTreeMap::new(),
            notes: None,
            metadata: None,
        }
    }

    /// What of it contradicts itself, whoever made it.
    #[must_use]
    pub fn contradictions(&self) -> Vec<FieldError> {
        let found = incident::contradictions(&self.deployment_id, self.kind, self.status);
        found.into_iter().map(|(field, detail)| FieldError::new(field, detail)).collect()
    }

    /// The canonical text (RFC 8785) of what the sender said. A time that the sender left out is
    /// not part of it, so that a blind retry has the same text.
    ///
    /// # Errors
    /// Never for an event that [`read`] made; `serde_json`'s own signature allows for one.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        json::canonical(self)
    }

    /// The event's key, given the hash of its [canonical text](Self::canonical).
    #[must_use]
    pub fn key(&self, payload_hash: &str) -> EventKey {
        match &self.event_id {
            Some(id) => EventKey::of_id(&self.source, id),
            None => EventKey::of_content(payload_hash),
        }
    }
}
