use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use domain::ledger::summary::Summary;

/// An incident as the list shows it. An unknown field is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// The id of the incident: the `deploymentId` of its events.
    pub incident_id: String,
    /// The affected service; `unknown` until an event names it.
    pub service: String,
    /// The environment; `unknown` until an event names it.
    pub environment: String,
    /// Whether it is resolved.
    pub status: IncidentStatus,
    /// When its earliest event happened; RFC 3339.
    pub started_at: String,
    /// When it was resolved; RFC 3339, null while it is open.
    pub resolved_at: Option<String>,
    /// The time until it was resolved, in seconds; null while it is open, or when its start is not
    /// known.
    pub duration_seconds: Option<f64>,
    /// The deployment that it counts against: what was live in its place when it began, or brought the suspected
    /// version, if that landed shortly before; else null.
    pub deployment_id: Option<String>,
    /// The suspected version.
    pub version: Option<String>,
    /// The suspected artifact.
    pub artifact: Option<String>,
    /// The latest notes.
    pub notes: Option<String>,
    /// Named https links, to a ticket for example.
    pub links: BTreeMap<String, String>,
}

/// Whether an incident is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IncidentStatus {
    /// It is open.
    Open,
    /// The service is restored.
    Resolved,
}

impl From<&Summary> for Incident {
    fn from(summary: &Summary) -> Self {
        let named = summary.named();
        let resolved_at = summary.finished_at();
        Self {
            incident_id: summary.deployment_id.to_string(),
            service: summary.service().to_string(),
            environment: summary.environment().to_string(),
            status: if resolved_at.is_some() { IncidentStatus::Resolved } else { IncidentStatus::Open },
            started_at: summary.created_at().to_string(),
            resolved_at: resolved_at.map(String::from),
            duration_seconds: summary.duration_seconds(),
            deployment_id: None,
            version: named.version.map(String::from),
            artifact: named.artifact.map(String::from),
            notes: summary.latest.notes().map(String::from),
            links: summary.latest.links(),
        }
    }
}
