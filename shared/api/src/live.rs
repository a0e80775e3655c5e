use serde::{Deserialize, Serialize};

use domain::live::{LastAttempt, Live, Place};

/// What runs in one environment of one service. What is not known, or does not run, is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveCell {
    /// What.
    pub service: String,
    /// Where.
    pub environment: String,
    /// The version that runs.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Since when it runs; RFC 3339.
    pub since: Option<String>,
    /// The deployment that it came with.
    pub deployment_id: Option<String>,
    /// Whether it came back: it was live before, then another version was.
    pub rollback: bool,
    /// How the last deployment to this place ended.
    pub last_attempt: Option<LastAttempt>,
}

impl LiveCell {
    /// The cell of `place`.
    #[must_use]
    pub fn new(place: &Place, live: Live, last_attempt: Option<LastAttempt>) -> Self {
        Self {
            service: place.service.to_string(),
            environment: place.environment.to_string(),
            version: live.version.map(String::from),
            commit: live.commit.map(String::from),
            since: live.since.map(String::from),
            deployment_id: live.deployment_id.map(String::from),
            rollback: live.rollback,
            last_attempt,
        }
    }
}

/// What exists: environments, services and where they were deployed, and on request a service's versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// All environments.
    pub environments: Vec<String>,
    /// The services of this page.
    pub services: Vec<CatalogService>,
    /// The versions of the service's deployments, newest deployment first; null when no service was
    /// asked for. `limit` counts the deployments that a page looks at, so a page has each version
    /// once, and a later page can have it again.
    pub versions: Option<Vec<CatalogVersion>>,
    /// Where the next page begins, as `cursor`; absent on the last page only.
    pub next_cursor: Option<String>,
}

/// A service and where it was deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CatalogService {
    /// The service.
    pub service: String,
    /// Where it was deployed.
    pub environments: Vec<String>,
}

/// A version of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogVersion {
    /// The version.
    pub version: String,
    /// When the newest of these deployments, however it ended, started; RFC 3339.
    pub started_at: String,
}
