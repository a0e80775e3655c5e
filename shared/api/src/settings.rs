//! The settings, as they are answered.

use domain::fields::Unknown;
use domain::settings::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One version of the settings, without what is in it.
///
/// `hash` is SHA-256 of the RFC 8785 text of `{previousHash, documentHash, number, recordedAt, recordedBy}`, with
/// SHA-256 of the RFC 8785 text of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsVersion {
    /// Its number, from 1.
    pub version: u64,
    /// When it was recorded; RFC 3339.
    pub recorded_at: String,
    /// Who applied it.
    pub recorded_by: String,
    /// The hash of the version before; empty for the first.
    pub previous_hash: String,
    /// Its hash.
    pub hash: String,
}

/// The settings, with the version that they are of. The entity tag of this answer is what `If-Match` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoredSettings {
    /// The number of the version; 0 where nothing was ever applied.
    pub version: u64,
    /// When it was recorded; RFC 3339; null where nothing was ever applied.
    pub recorded_at: Option<String>,
    /// Who applied it; null where nothing was ever applied.
    pub recorded_by: Option<String>,
    /// The document.
    pub settings: Value,
    /// What its permissions leave open, in a sentence; null where they say of everything who may do it.
    #[serde(default)]
    pub finding: Option<String>,
}

/// What became of settings that were applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppliedSettings {
    /// The result.
    pub outcome: SettingsOutcome,
    /// The number of the version that is in force.
    pub version: u64,
    /// When it was recorded; RFC 3339.
    pub recorded_at: String,
    /// Who applied it.
    pub recorded_by: String,
}

/// The result of applying settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SettingsOutcome {
    /// Recorded as a new version.
    Recorded,
    /// Unchanged: the newest version is the same document.
    Unchanged,
}

impl From<&Version> for SettingsVersion {
    fn from(version: &Version) -> Self {
        Self {
            version: version.number,
            recorded_at: version.recorded_at.to_string(),
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
        }
    }
}

fn finding(document: &str) -> Option<&'static str> {
    let document = serde_json::from_str(document).unwrap_or_default();
    domain::Settings::read(document, Unknown::Ignored).ok()?.permissions.finding()
}

impl StoredSettings {
    /// A version; none stands for the time before the first.
    #[must_use]
    pub fn of(version: Option<&Version>) -> Self {
        let document = version.map_or("{}", |version| version.document.as_str());
        Self {
            version: version.map_or(0, |version| version.number),
            recorded_at: version.map(|version| version.recorded_at.to_string()),
            recorded_by: version.map(|version| version.recorded_by.clone()),
            finding: finding(document).map(str::to_owned),
            settings: serde_json::from_str(document).unwrap_or_default(),
        }
    }
}

impl AppliedSettings {
    /// The answer to a document that is this version now.
    #[must_use]
    pub fn new(outcome: SettingsOutcome, version: &Version) -> Self {
        Self {
            outcome,
            version: version.number,
            recorded_at: version.recorded_at.to_string(),
            recorded_by: version.recorded_by.clone(),
        }
    }
}
