//! The gate of an environment: may this version of a service go there?
//!
//! The settings say what is [asked](Asked); recorded [facts](Facts) and a time answer it. All checks are made, not
//! only up to the first that fails, and each one that fails says what would make it pass, and when.

use serde::{Deserialize, Serialize};

use crate::identifiers::{DeploymentId, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::course::Course;
use crate::live::log::Effect;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::live::undone::{Undoing, Undone};
use crate::questions::release::ReleaseState;
use crate::questions::verdicts::Verdicts;
use crate::settings::{GateSettings, Names, Path};
use crate::{Label, Settings, Timestamp};

mod bad;
mod checks;
mod freeze;
mod history;
mod release;

#[cfg(test)]
mod tests;

/// How much evidence of one check is answered.
pub const EVIDENCE: usize = 20;
/// How many names stand in a sentence.
const NAMED: usize = 5;

/// What is to go where, and when. The names are those that settings have, and no aliases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The service.
    pub service: Service,
    /// The environment that it is to go to.
    pub environment: Environment,
    /// Its version, and its commit, if that is said.
    pub thing: Thing,
    /// The time to judge for.
    pub at: Timestamp,
}

/// What has to be known for an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What became of it here.
    pub proven_in: Option<Environment>,
    /// What became of it in each of these.
    pub not_bad_in: Vec<Environment>,
    /// What people said of it.
    pub verdicts: bool,
    /// Which deployments of the place are active.
    pub active: bool,
    /// How the releases that it belongs to stand in the environment before.
    pub releases_in: Option<Environment>,
}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What became of it where it must be proven.
    pub proven: Course,
    /// What became of it in the environment itself and in all others of its path.
    pub courses: Vec<(Environment, Course)>,
    /// What people said of the versions of the service.
    pub verdicts: Vec<Mark>,
    /// The deployments by which it landed in these environments, and of which something bad was measured.
    pub measured: Vec<MeasuredBadly>,
    /// The other deployments of the place that are active.
    pub active: Vec<DeploymentId>,
    /// Whether there may be more of them than were found.
    pub more_active: bool,
    /// The releases that it belongs to.
    pub releases: Vec<OfRelease>,
    /// Whether it may belong to more of them than were looked at.
    pub more_releases: bool,
}

/// A deployment of which something bad was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredBadly {
    /// Where.
    pub environment: Environment,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What it brought.
    pub thing: Thing,
    /// When the first of it was.
    pub since: Timestamp,
    /// What was measured, in words.
    pub why: String,
}

/// A release that a version belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRelease {
    /// The release.
    pub release: Label,
    /// How its services stand in the environment before.
    pub services: Vec<(Service, ReleaseState)>,
    /// Whether it has more deployments than were read.
    pub more: bool,
}

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
    /// It landed in the environment that the settings name, was not undone there, and is not called bad there.
    ProvenIn,
    /// That was so many minutes ago.
    SoakMinutes,
    /// It was neither undone nor called bad in this environment or another of its path, or was cleared since.
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
    /// What was measured of a deployment of it speaks against it.
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

impl Asked {
    /// What has to be known before something may go to an environment.
    #[must_use]
    pub fn of(environment: &Environment, settings: &Settings, path: &Path) -> Self {
        let gate = gate_of(environment, settings);
        let along =
            settings.environments.iter().map(|entry| &entry.name).filter(|name| path.is_along(environment, name));
        let not_bad_in = if gate.not_bad { along.cloned().collect() } else { vec![] };
        let verdicts = gate.not_bad || gate.proven_in.is_some();
        let path = settings.path();
        let releases_in = path.before(environment, &[]).filter(|_| gate.release_complete).cloned();
        Self { proven_in: gate.proven_in, not_bad_in, verdicts, active: gate.nothing_active, releases_in }
    }
}

/// Judges what is asked for, by what is known.
#[must_use]
pub fn judge(question: &Question, settings: &Settings, names: &Names, facts: &Facts) -> Judgement {
    let gate = gate_of(&question.environment, settings);
    let path = settings.path();
    let courses = facts.courses.iter().map(|(_, course)| course).chain([&facts.proven]);
    let builds = courses.flat_map(|course| &course.builds);
    let verdicts = Verdicts::of(&question.thing, builds, &facts.verdicts, names, &path);
    let checks = vec![
        history::proven_in(question, &gate, facts, &verdicts),
        history::soak(question, &gate, facts),
        bad::not_bad(question, &gate, facts, &verdicts),
        checks::nothing_active(question, &gate, facts),
        freeze::freeze(question, &gate, &settings.freezes, names),
        release::release_complete(question, &gate, settings, facts),
    ];
    let denied = checks.iter().any(|check| check.outcome == CheckOutcome::Failed);
    Judgement { decision: if denied { Decision::Deny } else { Decision::Allow }, checks }
}

/// The gate of an environment. One that settings do not list has that which holds without settings.
fn gate_of(environment: &Environment, settings: &Settings) -> GateSettings {
    settings.environment(environment).map(|entry| entry.gate.clone()).unwrap_or_default()
}

impl Check {
    fn passed(check: CheckName, detail: impl Into<String>) -> Self {
        Self { check, outcome: CheckOutcome::Passed, detail: detail.into(), evidence: Vec::new() }
    }

    fn failed(check: CheckName, detail: impl Into<String>) -> Self {
        Self { check, outcome: CheckOutcome::Failed, detail: detail.into(), evidence: Vec::new() }
    }

    fn not_asked(check: CheckName) -> Self {
        let detail = "the settings do not ask for it".to_owned();
        Self { check, outcome: CheckOutcome::NotAsked, detail, evidence: Vec::new() }
    }

    /// The same with evidence, of much only a part: a decision is recorded with it.
    fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence.into_iter().take(EVIDENCE));
        self
    }
}

/// Names in a sentence; of many the first.
fn listed(names: &[&str]) -> String {
    match names.get(..NAMED) {
        Some(first) if names.len() > NAMED => format!("{} and {} more", first.join(", "), names.len() - NAMED),
        _ => names.join(", "),
    }
}

impl Evidence {
    fn of(kind: EvidenceKind) -> Self {
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
    fn mark(mark: &Mark) -> Self {
        Self {
            environment: mark.environment.clone(),
            by: Some(mark.by.clone()),
            reason: Some(mark.reason.as_str().to_owned()),
            at: Some(mark.moment.at),
            ..Self::of(EvidenceKind::Marked)
        }
    }

    /// What was measured of a deployment.
    fn measured(bad: &MeasuredBadly) -> Self {
        Self {
            environment: Some(bad.environment.clone()),
            deployment_id: Some(bad.deployment_id.clone()),
            reason: Some(bad.why.clone()),
            at: Some(bad.since),
            ..Self::of(EvidenceKind::Measured)
        }
    }

    /// What stands in the log of an environment.
    fn entry(kind: EvidenceKind, environment: &Environment, entry: &LogKey) -> Self {
        Self {
            environment: Some(environment.clone()),
            deployment_id: Some(entry.deployment_id.clone()),
            at: Some(entry.moment.at),
            ..Self::of(kind)
        }
    }
}
