//! What the matrix says of a cell beside what runs there.

use domain::questions::compare::Relation;
use domain::{State, Status};
use serde::{Deserialize, Serialize};

use crate::Compared;

/// How what runs in a place stands to what runs in the environment before it on the promotion path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The environment before it.
    pub environment: String,
    /// How it stands to that, as in a comparison from that environment to this one.
    pub relation: Relation,
    /// For `behind` and `ahead`, by how many distinct things.
    pub by: Option<usize>,
    /// Whether there are more than `by`, further back than was read.
    pub more: bool,
    /// When the first of them landed; RFC 3339; null where that was not read.
    pub since: Option<String>,
    /// How long ago that is, in seconds.
    pub for_seconds: Option<f64>,
}

impl Difference {
    /// What came of comparing that environment with this one.
    #[must_use]
    pub fn new(environment: String, compared: Compared) -> Self {
        let Compared { relation, by, more, since, for_seconds, .. } = compared;
        Self { environment, relation, by, more, since, for_seconds }
    }
}

/// A deployment of a place that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnderWay {
    /// The deployment.
    pub deployment_id: String,
    /// The version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// The region, where it names one.
    pub region: Option<String>,
    /// Its status.
    pub status: Status,
    /// The current stage, as last reported.
    pub stage: Option<String>,
    /// When its earliest event happened; RFC 3339.
    pub created_at: String,
    /// When it was first worked on; RFC 3339, null while it waits.
    pub started_at: Option<String>,
    /// When its latest event happened; RFC 3339.
    pub updated_at: String,
    /// Whether it has stalled: it takes longer than such deployments do, and nothing was reported of it for longer than
    /// its stage takes; or for too long, where nothing is expected.
    pub stuck: bool,
}

impl UnderWay {
    /// A deployment, and whether it has stalled.
    #[must_use]
    pub fn new(state: &State, stuck: bool) -> Self {
        let summary = &state.summary;
        let named = summary.named();
        Self {
            deployment_id: summary.deployment_id.to_string(),
            version: named.version.map(String::from),
            commit: named.commit.map(String::from),
            region: named.region.map(String::from),
            status: summary.status(),
            stage: summary.stage.as_ref().map(|(_, stage)| stage.to_string()),
            created_at: summary.created_at().to_string(),
            started_at: summary.started_at.map(String::from),
            updated_at: summary.updated_at.to_string(),
            stuck,
        }
    }
}
