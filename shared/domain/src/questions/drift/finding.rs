//! What a finding says: what is wrong, how bad that is, and what was seen.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identifiers::{Commit, DeploymentId, Environment, Label, Region, Service, Version};
use crate::live::Live;
use crate::live::log::{Entry, Place};

/// How much evidence of one finding is answered.
pub const EVIDENCE: usize = 20;
/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// What runs never landed in the environment before it on the path.
    Unseen,
    /// Regions have disagreed for longer than a day.
    Mixed,
    /// A release is not complete.
    Incomplete,
    /// It is behind the environment before it on the path, by too much or for too long.
    Lagging,
    /// What runs came by hand, and what ran before did not.
    ByHand,
    /// It has run for a long time, and neither went on along the path nor was replaced.
    Orphaned,
    /// It has run for longer than the settings allow.
    Stale,
    /// Build numbers jump over builds that landed nowhere before it on the path.
    BuildGap,
    /// Nothing has landed for much longer than usual.
    Silent,
    /// Two names that may mean the same.
    Lookalike,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// People are notified of it.
    High,
    /// To be looked at.
    Medium,
    /// To be known.
    Low,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The service; null where it is about an environment.
    #[schemars(with = "Option<String>")]
    pub service: Option<Service>,
    /// The environment; null where it is about a service anywhere.
    #[schemars(with = "Option<String>")]
    pub environment: Option<Environment>,
    /// The release, of an incomplete one.
    #[schemars(with = "Option<String>")]
    pub release: Option<Label>,
    /// Since when, as far as it is known; RFC 3339.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// What was found, in a sentence.
    pub what: String,
    /// What it follows from: 20 pieces at most.
    pub evidence: Vec<Evidence>,
    /// What can be done, in a sentence.
    pub suggestion: String,
    /// Whether what a release lacks may be on its way: until it is known not to be, nobody is notified of it.
    #[serde(skip)]
    pub on_its_way: bool,
}

/// What runs, or landed, somewhere. What is not known, or does not apply, is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Where.
    #[schemars(with = "Option<String>")]
    pub environment: Option<Environment>,
    /// The service.
    #[schemars(with = "Option<String>")]
    pub service: Option<Service>,
    /// The region.
    #[schemars(with = "Option<String>")]
    pub region: Option<Region>,
    /// The version.
    #[schemars(with = "Option<String>")]
    pub version: Option<Version>,
    /// Its commit.
    #[schemars(with = "Option<String>")]
    pub commit: Option<Commit>,
    /// The deployment that brought it.
    #[schemars(with = "Option<String>")]
    pub deployment_id: Option<DeploymentId>,
    /// When it landed; RFC 3339.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
}

impl Kind {
    /// All kinds, in the order in which findings of one severity and place stand.
    pub const ALL: [Self; 10] = [
        Self::Unseen,
        Self::Mixed,
        Self::Incomplete,
        Self::Lagging,
        Self::ByHand,
        Self::Orphaned,
        Self::Stale,
        Self::BuildGap,
        Self::Silent,
        Self::Lookalike,
    ];
    /// The kinds of which a finding can be of high severity.
    pub const HIGH: [Self; 3] = [Self::Unseen, Self::Mixed, Self::Incomplete];

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unseen => "UNSEEN",
            Self::Mixed => "MIXED",
            Self::Incomplete => "INCOMPLETE",
            Self::Lagging => "LAGGING",
            Self::ByHand => "BY_HAND",
            Self::Orphaned => "ORPHANED",
            Self::Stale => "STALE",
            Self::BuildGap => "BUILD_GAP",
            Self::Silent => "SILENT",
            Self::Lookalike => "LOOKALIKE",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether a finding of this kind can be so bad.
    #[must_use]
    pub fn can_be(self, severity: Severity) -> bool {
        [true, false].into_iter().any(|in_production| self.severity(in_production) == severity)
    }

    /// How bad it is, in production or elsewhere.
    #[must_use]
    pub fn severity(self, in_production: bool) -> Severity {
        match self {
            Self::Mixed => Severity::High,
            Self::Unseen | Self::Incomplete if in_production => Severity::High,
            Self::ByHand if !in_production => Severity::Low,
            Self::Unseen | Self::Incomplete | Self::Lagging | Self::ByHand | Self::Stale => Severity::Medium,
            Self::Orphaned | Self::BuildGap | Self::Silent | Self::Lookalike => Severity::Low,
        }
    }
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The severity with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text)
    }

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

impl Evidence {
    /// A landing in a place.
    pub(super) fn landed(place: &Place, entry: &Entry) -> Self {
        let thing = crate::live::thing::Thing::from(entry);
        Self {
            region: entry.region.clone(),
            version: thing.version,
            commit: thing.commit,
            deployment_id: Some(entry.deployment_id.clone()),
            at: Some(entry.at),
            ..Self::of(place)
        }
    }

    /// What runs in a region of a place; without one, in all of it.
    pub(super) fn runs(place: &Place, region: Option<&Region>, live: &Live) -> Self {
        Self {
            region: region.cloned(),
            version: live.version.clone(),
            commit: live.commit.clone(),
            deployment_id: live.deployment_id.clone(),
            at: live.since,
            ..Self::of(place)
        }
    }

    pub(super) fn of(place: &Place) -> Self {
        let (environment, service) = (Some(place.environment.clone()), Some(place.service.clone()));
        Self { environment, service, ..Self::default() }
    }
}
