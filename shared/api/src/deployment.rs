use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use domain::event::{Failure, Metrics, Trigger};
use domain::health::verdict::Verdict;
use domain::ledger::flag::Flag;
use domain::ledger::stages::failed;
use domain::ledger::stages::rows::StageRow;
use domain::ledger::summary::Summary;
use domain::live::Change;
use domain::{State, Status};

use crate::{Expected, ExpectedStage, Outlook, Pace};

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
    /// Named https links: the latest of each name, at most the 16 latest.
    pub links: BTreeMap<String, String>,
    /// Free text.
    pub notes: Option<String>,
    /// Fields of the producer's own: the latest value of each key, the latest keys first, at most 16 KB.
    pub metadata: Option<Map<String, Value>>,
    /// The stage of the current attempt that failed; null when none did. Of several the one that says why, and
    /// then the first.
    pub failed_stage: Option<FailedStage>,
    /// Its stages, in the order of their start.
    pub stages: Vec<Stage>,
    /// The number of recorded events.
    pub event_count: u64,
    /// Contradictions in its events.
    pub flags: Vec<Flag>,
    /// Who reported it, as authenticated, without the names of sessions: at most 16. Null where an earlier version
    /// recorded some of it without keeping that; its events say it.
    #[serde(default)]
    pub reported_by: Option<Vec<String>>,
    /// What is expected of it. Only of a deployment that is asked for by its id.
    #[serde(flatten)]
    pub outlook: Option<Outlook>,
}

/// A deployment with all its fields, and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JudgedDeployment {
    /// The deployment.
    #[serde(flatten)]
    pub deployment: Deployment,
    /// How it went, with the evidence; null where it has not landed and nothing of its own speaks against it, and of what
    /// is no deployment.
    #[serde(default)]
    pub verdict: Option<Verdict>,
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
    /// When it started; RFC 3339, null while it waits, and when only its end was reported.
    pub started_at: Option<String>,
    /// When it finished; RFC 3339, null while it is active.
    pub finished_at: Option<String>,
    /// Its duration in seconds.
    pub duration_seconds: Option<f64>,
    /// What went wrong in it: the beginning of it, at most 512 bytes.
    #[serde(default)]
    pub error: Option<Failure>,
    /// The latest value of each of its metrics.
    #[serde(default)]
    pub metrics: Option<Metrics>,
    /// Its latest link, by its name.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Whether it has no events of its own, and is inferred from events of the deployment that name it.
    #[serde(default)]
    pub inferred: bool,
}

/// A stage that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedStage {
    /// The name of the stage.
    pub stage: String,
    /// What went wrong in it; null when its own events do not say so.
    pub error: Option<Failure>,
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
    /// What its landing was: `redeploy` if the same was live just before; `rollback` if it was live here before
    /// what was live just before first was; else `forward`. Null unless it completed or was rolled back, and
    /// where what is known does not say.
    #[serde(default)]
    pub change: Option<Change>,
}

impl From<&State> for Deployment {
    fn from(state: &State) -> Self {
        let summary = &state.summary;
        let latest = &summary.latest;
        let named = summary.named();
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
            metrics: latest.metrics(),
            error: summary.error(),
            rollback_to: summary.rollback_to().map(ToString::to_string),
            committed_at: summary.committed_at.map(String::from),
            release: named.release.map(String::from),
            links: latest.links(),
            notes: latest.notes().map(String::from),
            metadata: latest.metadata().values(),
            failed_stage: summary.failed_stage(summary.attempt()).map(FailedStage::from),
            stages: summary.stage_rows().into_iter().map(Stage::from).collect(),
            event_count: state.sequence,
            flags: summary.flags.iter().copied().collect(),
            reported_by: (!summary.heard.is_partial()).then(|| summary.heard.who().map(str::to_owned).collect()),
            outlook: None,
        }
    }
}

impl Deployment {
    /// How long it should take; none where too little is known, and in a list.
    #[must_use]
    pub fn expected(&self) -> Option<&Expected> {
        self.outlook.as_ref()?.expected.as_ref()
    }

    /// How it goes; none once it has ended, and in a list.
    #[must_use]
    pub fn pace(&self) -> Option<&Pace> {
        self.outlook.as_ref()?.pace.as_ref()
    }

    /// How long a stage should take; none where too little is known.
    #[must_use]
    pub fn expected_stage(&self, stage: &str) -> Option<&ExpectedStage> {
        self.expected()?.stages.get(stage)
    }
}

impl ListedDeployment {
    /// A deployment, and what its landing was.
    #[must_use]
    pub fn new(summary: &Summary, change: Option<Change>) -> Self {
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
            change,
        }
    }
}

impl From<StageRow> for Stage {
    fn from(row: StageRow) -> Self {
        Self {
            stage: row.stage.to_string(),
            attempt: row.attempt,
            status: row.status,
            started_at: row.started_at.map(String::from),
            finished_at: row.finished_at.map(String::from),
            duration_seconds: row.duration_seconds,
            error: row.error,
            metrics: row.metrics,
            links: row.link.into_iter().collect(),
            inferred: row.inferred,
        }
    }
}

impl From<failed::FailedStage> for FailedStage {
    fn from(failed: failed::FailedStage) -> Self {
        Self { stage: failed.stage.to_string(), error: failed.error }
    }
}
