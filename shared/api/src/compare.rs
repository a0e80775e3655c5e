use std::collections::BTreeMap;

use domain::live::thing::Thing;
use domain::questions::compare::Relation;
use serde::{Deserialize, Serialize};

use crate::LiveCell;

/// What one environment runs beside another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The environment from which changes come.
    pub from: String,
    /// The environment to which they go.
    pub to: String,
    /// The time of which both are shown; RFC 3339; null for now.
    pub as_of: Option<String>,
    /// The time of which `from` is shown; RFC 3339; null for now.
    pub from_as_of: Option<String>,
    /// The time of which `to` is shown; RFC 3339; null for now.
    pub to_as_of: Option<String>,
    /// The time at which all of it was known; RFC 3339; null for what is known now.
    #[serde(default)]
    pub known_at: Option<String>,
    /// The services that run in one of them, or in both.
    pub items: Vec<ComparedService>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
}

/// How a service in one environment stands to the same in another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedService {
    /// The service.
    pub service: String,
    /// How what runs in `to` stands to what runs in `from`.
    #[serde(flatten)]
    pub compared: Compared,
    /// What runs in `from`; null where nothing does.
    pub from: Option<LiveCell>,
    /// What runs in `to`; null where nothing does.
    pub to: Option<LiveCell>,
    /// Each region, where regions disagree; else empty.
    pub regions: Vec<ComparedRegion>,
}

/// How a region of one environment stands to the same of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedRegion {
    /// The region.
    pub region: String,
    /// How what runs there in `to` stands to what runs there in `from`.
    #[serde(flatten)]
    pub compared: Compared,
    /// What runs there in `from`, by what is about this region or about the whole environment; null where nothing does.
    pub from: Option<ComparedThing>,
    /// What runs there in `to`.
    pub to: Option<ComparedThing>,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ComparedThing {
    /// The version, if it is known.
    pub version: Option<String>,
    /// Its commit, if it is known.
    pub commit: Option<String>,
}

impl From<Thing> for ComparedThing {
    fn from(Thing { version, commit }: Thing) -> Self {
        Self { version: version.map(String::from), commit: commit.map(String::from) }
    }
}

/// How what runs in `to` stands to what runs in `from`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// The relation: `same`; `behind`: what runs in `to` landed in `from` before what runs there now; `ahead`: the
    /// other way round; `unseen`: it never landed in `from`; `missing`: it runs in `from` only; `extra`: in `to`
    /// only; `mixed`: regions disagree.
    pub relation: Relation,
    /// For `behind` and `ahead`, by how many distinct things.
    pub by: Option<usize>,
    /// Whether there are more than `by`, further back than was read.
    pub more: bool,
    /// When the first of them landed; RFC 3339; null where that was not read.
    pub since: Option<String>,
    /// How long ago that is, in seconds.
    pub for_seconds: Option<f64>,
    /// The deployments by which they landed, the newest first.
    pub changes: Vec<ComparedChange>,
    /// What is to be said beside it: that both versions are of `SemVer` and in another order than that in which they
    /// landed, or that nothing is known of what runs.
    pub note: Option<String>,
}

impl Compared {
    /// A relation of which there is nothing to count.
    #[must_use]
    pub fn of(relation: Relation) -> Self {
        Self { relation, by: None, more: false, since: None, for_seconds: None, changes: Vec::new(), note: None }
    }
}

/// A deployment that stands between what runs in two environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedChange {
    /// The deployment.
    pub deployment_id: String,
    /// What it put live.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// When it landed; RFC 3339.
    pub at: String,
    /// Who caused it; only where the question names one service.
    pub actor: Option<String>,
    /// Its links by name; only where the question names one service.
    pub links: Option<BTreeMap<String, String>>,
}
