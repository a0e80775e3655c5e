use serde::{Deserialize, Serialize};

/// Figures about the deployments of a time window. `docs/metrics.md` defines each figure, with its
/// source. An unknown figure is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
// In the OpenAPI document `Metrics` are those that an event reports.
#[schemars(rename = "DeliveryMetrics")]
pub struct Metrics {
    /// The environment in the query; null without one.
    pub environment: Option<String>,
    /// The environments that count, and why these.
    pub environments: Counted,
    /// The service in the query; null for all.
    pub service: Option<String>,
    /// The start of the window; RFC 3339.
    pub from: String,
    /// The end of the window; RFC 3339. A deployment that finished exactly then is not in it.
    pub to: String,
    /// The number of deployments that finished in the window, by outcome.
    pub deployments: Outcomes,
    /// Percent: completed / (completed + failed + rolled back).
    pub success_rate: Option<f64>,
    /// The durations of the completed ones, in seconds.
    pub duration_seconds: Option<Durations>,
    /// The stages of these deployments, in the order of their names.
    pub stages: Vec<StageMetrics>,
    /// The keys of DORA.
    pub dora: Dora,
    /// The window in equal periods, oldest first: of an hour where it is of at most 48 hours, else of
    /// 24 hours. They are counted back from its end, so the oldest can be shorter.
    pub trend: Vec<Period>,
}

/// The number of finished deployments, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// Completed, and not rolled back later.
    pub completed: u64,
    /// Failed.
    pub failed: u64,
    /// Rolled back.
    pub rolled_back: u64,
    /// Cancelled.
    pub cancelled: u64,
}

/// The distribution of durations, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Durations {
    /// The number of known durations.
    pub count: u64,
    /// Their mean.
    pub average: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The longest.
    pub maximum: f64,
}

/// Figures about one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageMetrics {
    /// The name of the stage.
    pub stage: String,
    /// The number of finished deployments, by outcome.
    pub outcomes: Outcomes,
    /// Percent: completed / (completed + failed + rolled back).
    pub success_rate: Option<f64>,
    /// The durations of the completed ones, in seconds.
    pub duration_seconds: Option<Durations>,
}

/// Which environments count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Counted {
    /// Their names, by which settings call them; null for all.
    pub names: Option<Vec<String>>,
    /// Why these.
    pub because: Because,
}

/// Why these environments count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Because {
    /// The query names it.
    Asked,
    /// The settings call them production, and the query names none.
    Production,
    /// The query names none, and the settings call none production.
    All,
}

/// The change failures among the deployments that reached the environment, by how they failed: one can have failed in
/// several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeFailures {
    /// Rolled back, or replaced by what had landed before and was deployed anew.
    pub undone: u64,
    /// Failed after they had completed.
    pub failed_after: u64,
    /// Judged bad by what was measured; null where that is not counted, because more than 500 were measured.
    pub judged_bad: Option<u64>,
    /// An incident began while they ran, soon after they had landed.
    pub incidents: u64,
    /// All of them, each once.
    pub total: u64,
}

/// The keys of DORA.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dora {
    /// Deployments that reached the environment, per day of the window.
    pub deployments_per_day: f64,
    /// How many of these failed, and how.
    pub change_failures: ChangeFailures,
    /// Percent of the deployments that reached the environment: the change failures among them.
    pub change_failure_rate: Option<f64>,
    /// Percent of the deployments that reached the environment: those after a change failure, up to and with the one
    /// that restored the service.
    pub deployment_rework_rate: Option<f64>,
    /// The median time in seconds from the commit to the completed deployment.
    pub median_lead_time_seconds: Option<f64>,
    /// The median time in seconds until the service was restored: once for each change failure, and for each incident
    /// that counts against no deployment here.
    pub median_time_to_restore_seconds: Option<f64>,
}

/// A part of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Period {
    /// Its start; RFC 3339.
    pub from: String,
    /// Its end; RFC 3339. A deployment that finished exactly then is in the next one.
    pub to: String,
    /// The number of deployments that finished in it, by outcome.
    pub outcomes: Outcomes,
}
