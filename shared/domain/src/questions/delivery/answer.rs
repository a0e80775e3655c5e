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
    /// The team in the query; null for all.
    pub team: Option<String>,
    /// The release in the query; null for all.
    pub release: Option<String>,
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
    /// The same of each group, where `by` asks for groups; else null.
    pub groups: Option<Vec<Group>>,
    /// The window before, where `compareTo` asks for it; else null.
    pub previous: Option<Previous>,
}

/// Figures of a part of the deployments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
// In the OpenAPI document it says what it is of.
#[schemars(rename = "MetricsGroup")]
pub struct Group {
    /// The service, environment, team or release; null for what has none.
    pub name: Option<String>,
    /// The number of deployments that finished in the window, by outcome.
    pub deployments: Outcomes,
    /// Percent: completed / (completed + failed + rolled back).
    pub success_rate: Option<f64>,
    /// The keys of DORA.
    pub dora: Dora,
}

/// Figures of the window before, and how these stand to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MetricsBefore")]
pub struct Previous {
    /// The start of the window before; RFC 3339.
    pub from: String,
    /// Its end; RFC 3339.
    pub to: String,
    /// The number of deployments that finished in it, by outcome.
    pub deployments: Outcomes,
    /// Percent: completed / (completed + failed + rolled back).
    pub success_rate: Option<f64>,
    /// The keys of DORA.
    pub dora: Dora,
    /// By how much these figures are more than those of the window before.
    pub difference: Difference,
}

/// By how much figures are more than those of the window before; null where one of the two is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MetricsDifference")]
pub struct Difference {
    /// In percentage points.
    pub success_rate: Option<f64>,
    /// Per day.
    pub deployments_per_day: f64,
    /// In percentage points.
    pub change_failure_rate: Option<f64>,
    /// In percentage points.
    pub deployment_rework_rate: Option<f64>,
    /// In seconds.
    pub median_lead_time_seconds: Option<f64>,
    /// In seconds.
    pub median_time_to_restore_seconds: Option<f64>,
}

impl Metrics {
    /// These, beside those of the window before.
    #[must_use]
    pub fn beside(self, before: Self) -> Self {
        let (is, was) = (&self.dora, &before.dora);
        let more = |is: Option<f64>, was: Option<f64>| is.zip(was).map(|(is, was)| is - was);
        let difference = Difference {
            success_rate: more(self.success_rate, before.success_rate),
            deployments_per_day: is.deployments_per_day - was.deployments_per_day,
            change_failure_rate: more(is.change_failure_rate, was.change_failure_rate),
            deployment_rework_rate: more(is.deployment_rework_rate, was.deployment_rework_rate),
            median_lead_time_seconds: more(is.median_lead_time_seconds, was.median_lead_time_seconds),
            median_time_to_restore_seconds: more(is.median_time_to_restore_seconds, was.median_time_to_restore_seconds),
        };
        let Self { from, to, deployments, success_rate, dora, .. } = before;
        Self { previous: Some(Previous { from, to, deployments, success_rate, dora, difference }), ..self }
    }
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
