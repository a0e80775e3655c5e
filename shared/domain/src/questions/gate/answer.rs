//! What a gate answers: the decision, and each check with what it looked at.

use serde::{Deserialize, Serialize};

use super::MeasuredBadly;
use crate::identifiers::{DeploymentId, Environment};
use crate::ledger::mark::Mark;
use crate::live::log_key::LogKey;
use crate::{Label, Timestamp};

/// How much evidence of one check is answered.
pub const EVIDENCE: usize = 20;
/// Whether it may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Decision {
    /// It may: no check failed.
    Allow,
    /// It may not.
    Deny,
}

/// The checks, in the order in which they are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CheckName {
    /// It landed in the environment that the settings name, was not undone there, did not go badly there, and is not
    /// called bad there.
    ProvenIn,
    /// That was so many minutes ago.
    SoakMinutes,
    /// It was not undone, did not go badly, and is not called bad in this environment or another of its path, or was
    /// cleared since.
    NotBad,
    /// No other deployment of the place is active.
    NothingActive,
    /// No freeze holds.
    Freeze,
    /// The release that it belongs to is complete in the environment before.
    ReleaseComplete,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckOutcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// The settings do not ask for it.
    NotAsked,
}

/// What a piece of evidence shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidenceKind {
    /// It landed.
    Landed,
    /// A deployment of it was rolled back.
    RolledBack,
    /// A deployment of it failed after it had completed.
    FailedAfterCompleting,
    /// An earlier version was deployed in its place.
    ReplacedByRollback,
    /// Someone called it bad.
    Marked,
    /// What was measured of a deployment of it speaks against it: observed, or told by its own events.
    Measured,
    /// A deployment is active.
    Active,
    /// A freeze holds.
    Freeze,
    /// A release is complete in the environment before.
    Complete,
    /// A release is not complete in the environment before.
    Incomplete,
}

/// What a check looked at. What is not known, or does not apply, is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What it shows.
    pub kind: EvidenceKind,
    /// Where.
    #[schemars(with = "Option<String>")]
    pub environment: Option<Environment>,
    /// The deployment.
    #[schemars(with = "Option<String>")]
    pub deployment_id: Option<DeploymentId>,
    /// The name of the freeze.
    #[schemars(with = "Option<String>")]
    pub freeze: Option<Label>,
    /// Who called it bad.
    pub by: Option<String>,
    /// Why it is called bad.
    pub reason: Option<String>,
    /// The release.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub release: Option<Label>,
    /// When; of a freeze, when it began. RFC 3339.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The first moment after the freeze; RFC 3339.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Check {
    /// Which.
    pub check: CheckName,
    /// Its result.
    pub outcome: CheckOutcome,
    /// Why, in a sentence; of one that failed also what would make it pass.
    pub detail: String,
    /// What it looked at: 20 pieces at most.
    pub evidence: Vec<Evidence>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it may go.
    pub decision: Decision,
    /// All checks, in the order of [`CheckName`].
    pub checks: Vec<Check>,
}

impl Decision {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
        }
    }
}

impl CheckName {
    /// As it stands in JSON, and in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProvenIn => "provenIn",
            Self::SoakMinutes => "soakMinutes",
            Self::NotBad => "notBad",
            Self::NothingActive => "nothingActive",
            Self::Freeze => "freeze",
            Self::ReleaseComplete => "releaseComplete",
        }
    }
}

impl Check {
    pub(super) fn passed(check: CheckName, detail: impl Into<String>) -> Self {
        Self { check, outcome: CheckOutcome::Passed, detail: detail.into(), evidence: Vec::new() }
    }

    pub(super) fn failed(check: CheckName, detail: impl Into<String>) -> Self {
        Self { check, outcome: CheckOutcome::Failed, detail: detail.into(), evidence: Vec::new() }
    }

    pub(super) fn not_asked(check: CheckName) -> Self {
        let detail = "the settings do not ask for it".to_owned();
        Self { check, outcome: CheckOutcome::NotAsked, detail, evidence: Vec::new() }
    }

    /// The same with evidence, of much only a part: a decision is recorded with it.
    pub(super) fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence.into_iter().take(EVIDENCE));
        self
    }
}

impl Evidence {
    pub(super) fn of(kind: EvidenceKind) -> Self {
        Self {
            kind,
            environment: None,
            deployment_id: None,
            freeze: None,
            by: None,
            reason: None,
            release: None,
            at: None,
            until: None,
        }
    }

    /// What someone said of a version.
    pub(super) fn mark(mark: &Mark) -> Self {
        Self {
            environment: mark.environment.clone(),
            by: Some(mark.by.clone()),
            reason: Some(mark.reason.as_str().to_owned()),
            at: Some(mark.moment.at),
            ..Self::of(EvidenceKind::Marked)
        }
    }

    /// What was measured of a deployment.
    pub(super) fn measured(bad: &MeasuredBadly) -> Self {
        Self {
            environment: Some(bad.environment.clone()),
            deployment_id: Some(bad.deployment_id.clone()),
            reason: Some(bad.why.clone()),
            at: Some(bad.since),
            ..Self::of(EvidenceKind::Measured)
        }
    }

    /// What stands in the log of an environment.
    pub(super) fn entry(kind: EvidenceKind, environment: &Environment, entry: &LogKey) -> Self {
        Self {
            environment: Some(environment.clone()),
            deployment_id: Some(entry.deployment_id.clone()),
            at: Some(entry.moment.at),
            ..Self::of(kind)
        }
    }
}
