use serde::{Deserialize, Serialize};

use domain::follows::judged::Noted;
use domain::live::{Change, LastAttempt, Place, Shown, ShownRegion};

use crate::{Difference, UnderWay};

/// The live version of a service in an environment. Unknown fields are null; all are null when
/// nothing is live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveCell {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The live version; null where regions disagree.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Since when it is live; RFC 3339.
    pub since: Option<String>,
    /// The deployment that made it live.
    pub deployment_id: Option<String>,
    /// What that was: `redeploy` if the same was live just before; `rollback` if it was live here before what
    /// was live just before first was; else `forward`. Null where nothing is live, and where what is known does
    /// not say.
    #[serde(default)]
    pub change: Option<Change>,
    /// Whether `change` is `rollback`.
    pub rollback: bool,
    /// Whether regions disagree.
    #[serde(default)]
    pub mixed: bool,
    /// What is live in each region, by its name; empty where no deployment names one.
    #[serde(default)]
    pub regions: Vec<LiveRegion>,
    /// The last deployment to this environment that finished, with any result.
    pub last_attempt: Option<LastAttempt>,
    /// How it stands to the environment before it on the promotion path. Only where the question asks for it, and
    /// something runs in both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What speaks against what runs: `BAD` or `SUSPECT`, the worst of its regions, as people were told. Only where the
    /// question asks for it, and something does; that it is absent does not say that it goes well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Noted>,
    /// Its deployments that have not ended, the newest first. Only where the question asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Vec<UnderWay>>,
}

/// The live version of a service in a region of an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveRegion {
    /// The region.
    pub region: String,
    /// The live version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Since when it is live; RFC 3339.
    pub since: Option<String>,
    /// The deployment that made it live.
    pub deployment_id: Option<String>,
    /// What that was.
    pub change: Option<Change>,
    /// The last deployment that finished and was about this region or about the whole environment.
    pub last_attempt: Option<LastAttempt>,
}

impl LiveCell {
    /// The cell of `place`.
    #[must_use]
    pub fn new(place: &Place, shown: Shown) -> Self {
        let Shown { live, mixed, regions, last_attempt } = shown;
        Self {
            service: place.service.to_string(),
            environment: place.environment.to_string(),
            version: live.version.map(String::from),
            commit: live.commit.map(String::from),
            since: live.since.map(String::from),
            deployment_id: live.deployment_id.map(String::from),
            change: live.change,
            rollback: live.change == Some(Change::Rollback),
            mixed,
            regions: regions.into_iter().map(LiveRegion::from).collect(),
            last_attempt,
            difference: None,
            verdict: None,
            active: None,
        }
    }
}

impl From<ShownRegion> for LiveRegion {
    fn from(ShownRegion { region, live, last_attempt }: ShownRegion) -> Self {
        Self {
            region: region.to_string(),
            version: live.version.map(String::from),
            commit: live.commit.map(String::from),
            since: live.since.map(String::from),
            deployment_id: live.deployment_id.map(String::from),
            change: live.change,
            last_attempt,
        }
    }
}

/// All environments and services, the environments of each service, and on request its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// All environments.
    pub environments: Vec<String>,
    /// Environments that look alike, in pairs: if they are one, settings should say so by an alias. Absent when
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookalikes: Vec<[String; 2]>,
    /// The services of this page.
    pub services: Vec<CatalogService>,
    /// The versions of the service's deployments, newest deployment first; null without a service
    /// in the query. `limit` counts the deployments that a page reads, so a page has each version
    /// once, and a later page can have it again.
    pub versions: Option<Vec<CatalogVersion>>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
}

/// A service and its environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CatalogService {
    /// The service.
    pub service: String,
    /// The environments where it was deployed.
    pub environments: Vec<String>,
}

/// A version of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogVersion {
    /// The version.
    pub version: String,
    /// When the newest of these deployments was created, whatever its result; RFC 3339.
    pub created_at: String,
}
