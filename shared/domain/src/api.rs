//! What the API answers: the shapes that callers build on, apart from what is stored.

mod deployment;
mod incident;
mod live;
mod metrics;
mod problem;
mod receipt;
mod rejected;
pub mod routes;
mod trail;

pub use deployment::{Deployment, ListedDeployment, Stage};
pub use incident::{Incident, IncidentStatus};
pub use live::{Catalog, CatalogService, CatalogVersion, LiveCell};
pub use metrics::{Dora, Durations, Metrics, Outcomes, Period, StageMetrics};
pub use problem::Problem;
pub use receipt::{ElementReceipt, Outcome, Receipt};
pub use rejected::Rejected;
pub use trail::{RecordedEvent, TrailFormat, Verification};

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the list's order. A page can be short, even empty, and still not be the last.
    pub items: Vec<T>,
    /// Where the next page begins, as `cursor`; absent on the last page only.
    pub next_cursor: Option<String>,
}
