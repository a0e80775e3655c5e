//! Drift: where what runs is not what it should be, the worst first.
//!
//! Findings follow from what [is known](Known) of places, the settings and a time. What a rule needs and is not known
//! yet, it [asks for](Lacking); so nothing is read that no rule needs, and no rule says more than was read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::identifiers::{Commit, DeploymentId, Environment, Label, Region, Service, Version};
use crate::live::Live;
use crate::live::log::{Entry, Place};
use crate::settings::{Names, Path};
use crate::{Settings, Timestamp};

mod age;
mod behind;
mod brought;
mod finding_id;
mod grounds;
mod known;
mod names;
mod order;
mod regions;
mod releases;

pub use finding_id::FindingId;
pub use grounds::considers;
pub use known::{Deployed, IncompleteRelease, Known, Lacking, Read, Seen};
pub use order::{Order, Position};

use grounds::Grounds;

#[cfg(test)]
mod tests;

/// How much evidence of one finding is answered.
pub const EVIDENCE: usize = 20;
/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

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

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// The settings in force at the time.
    pub settings: &'q Settings,
    /// What names mean by them.
    pub names: &'q Names,
    /// The promotion path by them.
    pub path: &'q Path,
    /// The time.
    pub at: Timestamp,
    /// Only what is about this environment.
    pub environment: Option<&'q Environment>,
    /// Only these kinds.
    pub kinds: &'q [Kind],
    /// Releases in environments that are looked at besides the newest ones.
    pub releases: &'q BTreeSet<(Environment, Label)>,
}

/// What finds one kind in a place.
type Rule = fn(&Grounds<'_>, &Seen) -> Option<Finding>;

/// What was found, the worst first.
///
/// # Errors
/// What has to be known besides.
pub fn findings(
    question: &Question<'_>,
    known: &Known,
    incomplete: &[IncompleteRelease],
) -> Result<Vec<Finding>, Lacking> {
    let grounds = Grounds::new(question, known);
    let mut findings = Vec::new();
    let asked = |kind: Kind| question.kinds.contains(&kind);
    for seen in grounds.running().filter(|seen| grounds.asks_for(&seen.place.environment)) {
        let rules: [(Kind, Rule); 8] = [
            (Kind::Unseen, behind::unseen),
            (Kind::Mixed, regions::mixed),
            (Kind::Lagging, behind::lagging),
            (Kind::ByHand, brought::by_hand),
            (Kind::Orphaned, age::orphaned),
            (Kind::Stale, age::stale),
            (Kind::BuildGap, brought::build_gap),
            (Kind::Silent, age::silent),
        ];
        let of_place = rules.into_iter().filter(|(kind, _)| asked(*kind));
        findings.extend(of_place.filter_map(|(_, rule)| rule(&grounds, seen)));
    }
    if asked(Kind::Lookalike) {
        findings.extend(names::lookalikes(&grounds));
    }
    if asked(Kind::Incomplete) {
        let of_environment = incomplete.iter().filter(|release| grounds.asks_for(&release.environment));
        findings.extend(of_environment.filter_map(|release| releases::incomplete(&grounds, release)));
    }
    let lacking = grounds.lacking.into_inner();
    if !lacking.is_empty() {
        return Err(lacking);
    }
    findings.sort_by_cached_key(|finding| Position::of(finding).order(question.path));
    Ok(findings)
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
    fn landed(place: &Place, entry: &Entry) -> Self {
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
    fn runs(place: &Place, region: Option<&Region>, live: &Live) -> Self {
        Self {
            region: region.cloned(),
            version: live.version.clone(),
            commit: live.commit.clone(),
            deployment_id: live.deployment_id.clone(),
            at: live.since,
            ..Self::of(place)
        }
    }

    fn of(place: &Place) -> Self {
        let (environment, service) = (Some(place.environment.clone()), Some(place.service.clone()));
        Self { environment, service, ..Self::default() }
    }
}
