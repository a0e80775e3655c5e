//! Releases, as they are answered.

use domain::questions::release::ReleaseState;
use domain::release::Declaration;
use domain::settings::version::Version;
use serde::{Deserialize, Serialize};

use crate::{ComparedThing, LiveCell, SettingsOutcome};

/// How a release stands in an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// The release.
    pub release: String,
    /// The environment.
    pub environment: String,
    /// The time of which it is shown; RFC 3339; null for now.
    pub as_of: Option<String>,
    /// The declaration; null where the deployments that name the release imply it.
    pub declared: Option<DeclaredRelease>,
    /// Whether each service is `IN_PLACE` or `NEWER`. Not where `more` is true.
    pub complete: bool,
    /// Whether it has more deployments than the newest thousand, which are read.
    pub more: bool,
    /// Its services, by name.
    pub items: Vec<ReleaseService>,
}

/// How a service of a release stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReleaseService {
    /// The service.
    pub service: String,
    /// What is to run.
    pub expected: ComparedThing,
    /// What runs; null where nothing does.
    pub live: Option<LiveCell>,
    /// How it stands; of several that fit, the first of these: `SKIPPED`: it landed with the release in an environment
    /// before this one, and nothing of the release landed in this one; `IN_PLACE`: what is expected runs; `DEPLOYING`: a
    /// deployment of it is active; `FAILED`: the last attempt here was one of it, and failed or was rolled back;
    /// `NEWER`: what runs first landed here after it did; `NEVER_DEPLOYED`: the service never landed here; `OLDER`:
    /// something else runs, or nothing any more.
    pub state: ReleaseState,
}

/// A version of the declaration of a release.
///
/// `hash` is SHA-256 of the RFC 8785 text of `{previousHash, documentHash, number, recordedAt, recordedBy}`, with
/// SHA-256 of the RFC 8785 text of `{release, services, environments, notes}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredRelease {
    /// Its number, from 1. `If-Match: "<number>"` declares the next one only while this is the newest.
    pub version: u64,
    /// When it was recorded; RFC 3339.
    pub recorded_at: String,
    /// Who declared it.
    pub recorded_by: String,
    /// The hash of the version before; empty for the first.
    pub previous_hash: String,
    /// Its hash.
    pub hash: String,
    /// Where it is to go; everywhere, where none is named.
    pub environments: Vec<String>,
    /// What else was said.
    pub notes: Option<String>,
}

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedRelease {
    /// The release.
    pub release: String,
    /// The last day on which a deployment of it was created, or on which it was declared: `2026-03-01`.
    pub day: String,
    /// When the last deployment of it was created; RFC 3339; null where none names it.
    pub deployed_at: Option<String>,
    /// Its declaration; null where the deployments that name it imply it.
    pub declared: Option<DeclaredRelease>,
    /// Whether it is complete in the environment that is asked for; null where none is.
    pub complete: Option<bool>,
}

/// What became of a release that was declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppliedRelease {
    /// The result.
    pub outcome: SettingsOutcome,
    /// The release.
    pub release: String,
    /// The number of the newest version of its declaration.
    pub version: u64,
    /// When that was recorded; RFC 3339.
    pub recorded_at: String,
    /// Who declared it.
    pub recorded_by: String,
}

impl DeclaredRelease {
    /// A version of a declaration, and what it says.
    #[must_use]
    pub fn new(version: &Version, declaration: &Declaration) -> Self {
        Self {
            version: version.number,
            recorded_at: version.recorded_at.to_string(),
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
            environments: declaration.environments.iter().map(ToString::to_string).collect(),
            notes: declaration.notes.clone(),
        }
    }

    /// What `If-Match` takes for a version: its number, as an entity tag.
    #[must_use]
    pub fn tag(number: u64) -> String {
        format!("\"{number}\"")
    }
}

impl AppliedRelease {
    /// The answer to a declaration that is this version of a release now.
    #[must_use]
    pub fn new(outcome: SettingsOutcome, release: String, version: &Version) -> Self {
        Self {
            outcome,
            release,
            version: version.number,
            recorded_at: version.recorded_at.to_string(),
            recorded_by: version.recorded_by.clone(),
        }
    }
}
