use serde::{Deserialize, Serialize};

/// How deployments went over a window of time. `docs/metrics.md` defines each figure, with its
/// source. What is not known is null: no rate of nothing, no duration of nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
// In the OpenAPI document `Metrics` are those that an event reports.
#[schemars(rename = "DeliveryMetrics")]
pub struct Metrics {
    /// The environment that was asked for; null for all.
    pub environment: Option<String>,
    /// The service that was asked for; null for all.
    pub service: Option<String>,
    /// Where the window begins; RFC 3339.
    pub from: String,
    /// Where it ends; RFC 3339. What ended at this very time is not in it.
    pub to: String,
    /// How many deployments ended in the window, by outcome.
    pub deployments: Outcomes,
    /// Percent: the completed among those completed, failed and rolled back.
    pub success_rate: Option<f64>,
    /// How long the completed ones took, in seconds.
    pub duration_seconds: Option<Durations>,
    /// The stages of these deployments, in the order of their names.
    pub stages: Vec<StageMetrics>,
    /// The four keys of DORA.
    pub dora: Dora,
    /// The window in equal periods, oldest first: of an hour where it is of at most 48 hours, else of
    /// 24 hours. They are counted back from its end, so the oldest can be shorter.
    pub trend: Vec<Period>,
}

/// How many ended, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// Completed, and not rolled back since.
    pub completed: u64,
    /// Failed.
    pub failed: u64,
    /// Rolled back.
    pub rolled_back: u64,
    /// Given up.
    pub cancelled: u64,
}

/// How durations are distributed, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Durations {
    /// How many are known.
    pub count: u64,
    /// Their mean.
    pub average: f64,
    /// The median: half of them took at most so long.
    pub p50: f64,
    /// 95 percent of them took at most so long.
    pub p95: f64,
    /// The longest.
    pub maximum: f64,
}

/// How one stage went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageMetrics {
    /// What the stage is called.
    pub stage: String,
    /// How many ended, by outcome.
    pub outcomes: Outcomes,
    /// Percent: the completed among those completed, failed and rolled back.
    pub success_rate: Option<f64>,
    /// How long the completed ones took, in seconds.
    pub duration_seconds: Option<Durations>,
}

/// The four keys of DORA.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dora {
    /// Deployments that reached the environment, per day of the window.
    pub deployments_per_day: f64,
    /// Percent: those that were rolled back, or failed after they had completed, among those that
    /// reached the environment.
    pub change_failure_rate: Option<f64>,
    /// From the commit to its completion, in seconds: the median.
    pub median_lead_time_seconds: Option<f64>,
    /// From the change that failed to the service being restored, and from the beginning of an incident to
    /// its resolution, in seconds: the median.
    pub median_time_to_restore_seconds: Option<f64>,
}

/// A part of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Period {
    /// Where it begins; RFC 3339.
    pub from: String,
    /// Where it ends; RFC 3339. What ended at this very time is in the next one.
    pub to: String,
    /// How many ended in it, by outcome.
    pub outcomes: Outcomes,
}
