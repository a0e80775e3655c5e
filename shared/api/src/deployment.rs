use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use domain::event::{Failure, Metrics, Trigger};
use domain::ledger::summary::{Flag, Summary};
use domain::{State, Status};

/// A deployment with all its fields. An unknown field is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The id of the deployment.
    pub deployment_id: String,
    /// The service; `unknown` until an event names it.
    pub service: String,
    /// The environment; `unknown` until an event names it.
    pub environment: String,
    /// The version.
    pub version: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The artifact.
    pub artifact: Option<String>,
    /// The build.
    pub build_number: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The status.
    pub status: Status,
    /// The current stage, as last reported.
    pub stage: Option<String>,
    /// The current attempt, from 1.
    pub attempt: u32,
    /// When its earliest event happened; RFC 3339.
    pub created_at: String,
    /// When it was first worked on; RFC 3339, null while it waits.
    pub started_at: Option<String>,
    /// When its latest event happened; RFC 3339.
    pub updated_at: String,
    /// When it finished; RFC 3339, null while it is active.
    pub finished_at: Option<String>,
    /// The duration of the current attempt, in seconds, since work on it began.
    pub duration_seconds: Option<f64>,
    /// How long it waited before it was first worked on, in seconds; null while it waits.
    pub waited_seconds: Option<f64>,
    /// Who or what triggered it.
    pub triggered_by: Option<Trigger>,
    /// The latest value of each metric.
    pub metrics: Option<Metrics>,
    /// What went wrong.
    pub error: Option<Failure>,
    /// The version that the rollback restored.
    pub rollback_to: Option<String>,
    /// When the deployed commit was made; RFC 3339.
    pub committed_at: Option<String>,
    /// The release that it is part of.
    pub release: Option<String>,
    /// Named https links.
    pub links: BTreeMap<String, String>,
    /// Free text.
    pub notes: Option<String>,
    /// Fields of the producer's own.
    pub metadata: Option<Map<String, Value>>,
    /// Its stages, in the order of their start.
    pub stages: Vec<Stage>,
    /// The number of recorded events.
    pub event_count: u64,
    /// Contradictions in its events.
    pub flags: Vec<Flag>,
}

/// A stage of a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// The name of the stage.
    pub stage: String,
    /// The attempt of the deployment.
    pub attempt: u32,
    /// The status.
    pub status: Status,
    /// When it started; RFC 3339, null when only its end was reported.
    pub started_at: Option<String>,
    /// When it finished; RFC 3339, null while it is active.
    pub finished_at: Option<String>,
    /// Its duration in seconds.
    pub duration_seconds: Option<f64>,
}

/// A deployment as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedDeployment {
    /// The id of the deployment.
    pub deployment_id: String,
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The version.
    pub version: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The status.
    pub status: Status,
    /// The current attempt, from 1.
    pub attempt: u32,
    /// When its earliest event happened; RFC 3339.
    pub created_at: String,
    /// When it was first worked on; RFC 3339, null while it waits.
    pub started_at: Option<String>,
    /// When it finished; RFC 3339, null while it is active.
    pub finished_at: Option<String>,
    /// The duration of the current attempt, in seconds, since work on it began.
    pub duration_seconds: Option<f64>,
    /// How long it waited before it was first worked on, in seconds; null while it waits.
    pub waited_seconds: Option<f64>,
    /// Who or what triggered it.
    pub triggered_by: Option<Trigger>,
}

impl From<&State> for Deployment {
    fn from(state: &State) -> Self {
        let summary = &state.summary;
        let named = summary.named();
        let mut latest = summary.latest.values();
        let metrics: Map<String, Value> = latest
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("metrics.")?.to_owned(), value.clone())))
            .collect();
        let metrics = (!metrics.is_empty()).then(|| read(Value::Object(metrics))).flatten();
        Self {
            deployment_id: summary.deployment_id.to_string(),
            service: summary.service().to_string(),
            environment: summary.environment().to_string(),
            version: named.version.map(String::from),
            commit: named.commit.map(String::from),
            artifact: named.artifact.map(String::from),
            build_number: named.build_number.map(String::from),
            region: named.region.map(String::from),
            status: summary.status(),
            stage: summary.stage.as_ref().map(|(_, stage)| stage.to_string()),
            attempt: summary.attempt(),
            created_at: summary.created_at().to_string(),
            started_at: summary.started_at.map(String::from),
            updated_at: summary.updated_at.to_string(),
            finished_at: summary.finished_at().map(String::from),
            duration_seconds: summary.duration_seconds(),
            waited_seconds: summary.waited_seconds(),
            triggered_by: named.triggered_by,
            metrics,
            error: summary.outcome.as_ref().and_then(|outcome| outcome.error.clone()),
            rollback_to: summary.rollback_to().map(ToString::to_string),
            committed_at: summary.committed_at.map(String::from),
            release: named.release.map(String::from),
            links: latest.remove("links").and_then(read).unwrap_or_default(),
            notes: latest.remove("notes").and_then(read),
            metadata: latest.remove("metadata").and_then(read),
            stages: stages(summary),
            event_count: state.sequence,
            flags: summary.flags.iter().copied().collect(),
        }
    }
}

impl From<&Summary> for ListedDeployment {
    fn from(summary: &Summary) -> Self {
        let named = summary.named();
        Self {
            deployment_id: summary.deployment_id.to_string(),
            service: summary.service().to_string(),
            environment: summary.environment().to_string(),
            version: named.version.map(String::from),
            commit: named.commit.map(String::from),
            status: summary.status(),
            attempt: summary.attempt(),
            created_at: summary.created_at().to_string(),
            started_at: summary.started_at.map(String::from),
            finished_at: summary.finished_at().map(String::from),
            duration_seconds: summary.duration_seconds(),
            waited_seconds: summary.waited_seconds(),
            triggered_by: named.triggered_by,
        }
    }
}

fn stages(summary: &Summary) -> Vec<Stage> {
    let stage = |(attempt, name, stage): (u32, &domain::StageName, &domain::ledger::stages::Stage)| Stage {
        stage: name.to_string(),
        attempt,
        status: stage.latest.status(),
        started_at: stage.began.map(String::from),
        finished_at: stage.finished_at().map(String::from),
        duration_seconds: stage.duration_seconds(),
    };
    summary.stages.in_order().into_iter().map(stage).collect()
}

/// Reads back what the fold stored from a typed value.
pub(super) fn read<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
