//! The HTTP contract: every route as data, the shapes of answers that callers build on (apart from what
//! is stored), problems, cursors, and the OpenAPI document that is made of these.
//!
//! It does no I/O and knows no AWS: the functions, `local`, the command line and the checks of the
//! templates all read the contract here.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod bad;
mod by_hand;
pub mod cdevents;
mod compare;
pub mod cursor;
mod deployment;
mod drift;
mod entity_tag;
mod gate;
mod incident;
mod live;
mod matrix;
mod metrics;
pub mod openapi;
mod outlook;
mod problem;
mod receipt;
mod rejected;
mod release;
mod request;
pub mod routes;
mod settings;
mod suspects;
pub mod target;
mod token_subjects;
mod trail;
mod usage;

pub use bad::{BadEvidence, BadState, BadVersion, BadVersions, Cleared};
pub use by_hand::{ByHand, Happened, JudgedVersion, note};
pub use compare::{Compared, ComparedChange, ComparedRegion, ComparedService, ComparedThing, Comparison};
pub use deployment::{Deployment, FailedStage, JudgedDeployment, ListedDeployment, Stage};
pub use drift::Drift;
pub use entity_tag::entity_tag;
pub use gate::{Gate, Gated, Overridden};
pub use incident::{Incident, IncidentStatus};
pub use live::{Catalog, CatalogService, CatalogVersion, LiveCell, LiveRegion};
pub use matrix::{Difference, UnderWay};
pub use metrics::MetricsFormat;
pub use outlook::{Expected, ExpectedStage, Outlook, Pace, Previous};
pub use problem::Problem;
pub use receipt::{ElementReceipt, Outcome, Receipt};
pub use rejected::Rejected;
pub use release::{AppliedRelease, DeclaredRelease, ListedRelease, Release, ReleaseService};
pub use request::{Request, Response};
pub use settings::{AppliedSettings, SettingsOutcome, SettingsVersion, StoredSettings};
pub use suspects::{Suspect, Suspects};
pub use token_subjects::{TokenSubjects, WrongPattern};
pub use trail::{ExportLine, RecordedEvent, TrailFormat, Verification, VerifiedChain};
pub use usage::Usage;

pub use domain::questions::bad::Why;
pub use domain::questions::delivery::by::By;
pub use domain::questions::delivery::{
    Because, ChangeFailures, Counted, Difference as MetricsDifference, Dora, Durations, Group, Metrics, Outcomes,
    Period, Previous as MetricsBefore, StageMetrics,
};
pub use domain::questions::expected::Of as ExpectedOf;
pub use domain::questions::gate::{Check, CheckName, CheckOutcome, Decision, Evidence, EvidenceKind};
pub use domain::questions::pace::Pace as PaceState;
pub use domain::questions::release::ReleaseState;

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items in order. A page can be short or empty, and still not be the last.
    pub items: Vec<T>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
}
