use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::deployment::read;
use domain::ledger::summary::Summary;

/// An incident as the list shows it. What is not known is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// What the incident is called: the `deploymentId` of its events.
    pub incident_id: String,
    /// Which service suffers; `unknown` until an event names it.
    pub service: String,
    /// Where; `unknown` until an event names it.
    pub environment: String,
    /// Whether it is over.
    pub status: IncidentStatus,
    /// When its earliest event happened; RFC 3339.
    pub started_at: String,
    /// When it was resolved; RFC 3339, null while it is open.
    pub resolved_at: Option<String>,
    /// How long it took to be resolved, in seconds; null while it is open, and where no event says when
    /// it began.
    pub duration_seconds: Option<f64>,
    /// The version that is suspected.
    pub version: Option<String>,
    /// The artifact that is suspected.
    pub artifact: Option<String>,
    /// What was last said of it.
    pub notes: Option<String>,
    /// Named https links, to a ticket for example.
    pub links: BTreeMap<String, String>,
}

/// Whether an incident is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IncidentStatus {
    /// It is not.
    Open,
    /// The service is restored.
    Resolved,
}

impl From<&Summary> for Incident {
    fn from(summary: &Summary) -> Self {
        let named = summary.named();
        let mut latest = summary.latest.values();
        let resolved_at = summary.finished_at();
        Self {
            incident_id: summary.deployment_id.to_string(),
            service: summary.service().to_string(),
            environment: summary.environment().to_string(),
            status: if resolved_at.is_some() { IncidentStatus::Resolved } else { IncidentStatus::Open },
            started_at: summary.started_at.to_string(),
            resolved_at: resolved_at.map(String::from),
            duration_seconds: summary.duration_seconds(),
            version: named.version.map(String::from),
            artifact: named.artifact.map(String::from),
            notes: latest.remove("notes").and_then(read),
            links: latest.remove("links").and_then(read).unwrap_or_default(),
        }
    }
}
