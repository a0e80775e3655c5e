//! Which versions are bad.

use domain::health::piece::Rule;
use domain::questions::bad::{self, Why};
use domain::{Commit, DeploymentId, Environment, Service, Timestamp, Version};
use serde::{Deserialize, Serialize};

/// A version that is bad, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BadVersion {
    /// The service.
    pub service: String,
    /// The version; null where only a commit is named.
    pub version: Option<String>,
    /// The commit; null where none is named.
    pub commit: Option<String>,
    /// Whether it is bad, or was cleared of all that spoke against it.
    pub state: BadState,
    /// Since when it is bad: when the first happened that was not cleared; of one that is cleared, the first of all.
    /// RFC 3339.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// What speaks against it, the latest first: 20 pieces at most.
    pub evidence: Vec<BadEvidence>,
}

/// A page of bad versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BadVersions {
    /// The versions, by service and name. A page can be short or empty, and still not be the last.
    pub items: Vec<BadVersion>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
    /// What was measured and not judged for this page, in a sentence; absent where all was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// Whether a version is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum BadState {
    /// It is.
    Bad,
    /// It was, and was cleared.
    Cleared,
}

/// What speaks against a version. What does not apply is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BadEvidence {
    /// What it shows.
    pub why: Why,
    /// Where; null where it is said of everywhere.
    pub environment: Option<String>,
    /// When; RFC 3339.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The deployment that was undone, or of which it was measured.
    pub deployment_id: Option<String>,
    /// By what it is judged, of what was measured.
    #[serde(default)]
    pub rule: Option<Rule>,
    /// Who called it bad.
    pub by: Option<String>,
    /// Why it is called bad, or what was measured, in words.
    pub reason: Option<String>,
    /// Who cleared it of this, when and why; null where nobody did.
    pub cleared: Option<Cleared>,
}

/// That a version was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cleared {
    /// Who cleared it.
    pub by: String,
    /// When; RFC 3339.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl BadVersion {
    /// A version of a service.
    #[must_use]
    pub fn new(service: &Service, bad: bad::BadVersion) -> Self {
        let evidence = bad.evidence.into_iter().map(|evidence| BadEvidence {
            why: evidence.why,
            environment: evidence.environment.as_ref().map(Environment::to_string),
            at: evidence.moment.at,
            deployment_id: evidence.deployment_id.as_ref().map(DeploymentId::to_string),
            rule: evidence.rule,
            by: evidence.by,
            reason: evidence.reason,
            cleared: evidence.cleared.map(|mark| Cleared {
                by: mark.by,
                at: mark.moment.at,
                reason: mark.reason.as_str().to_owned(),
            }),
        });
        Self {
            service: service.to_string(),
            version: bad.version.as_ref().map(Version::as_str).map(str::to_owned),
            commit: bad.commit.as_ref().map(Commit::as_str).map(str::to_owned),
            state: if bad.is_cleared { BadState::Cleared } else { BadState::Bad },
            since: bad.since,
            evidence: evidence.collect(),
        }
    }
}
