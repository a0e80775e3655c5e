//! The gate of an environment: may this version of a service go there?
//!
//! The settings say what is [asked](Asked); recorded [facts](Facts) and a time answer it. All checks are made, not
//! only up to the first that fails, and each one that fails says what would make it pass, and when.

use crate::identifiers::{DeploymentId, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::course::Course;
use crate::live::log::Effect;
use crate::live::thing::Thing;
use crate::live::undone::{Undoing, Undone};
use crate::questions::release::ReleaseState;
use crate::questions::verdicts::Verdicts;
use crate::settings::{GateSettings, Names, Path};
use crate::{Label, Settings, Timestamp};

mod answer;
mod back;
mod bad;
mod checks;
mod freeze;
mod history;
mod release;

#[cfg(test)]
mod tests;

pub use back::against;

pub use answer::{Check, CheckName, CheckOutcome, Decision, EVIDENCE, Evidence, EvidenceKind, Judgement};

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
    /// The deployments by which it landed in any of these environments, and of which something bad was measured.
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

impl Facts {
    /// The deployments by which it landed in one environment, and of which something bad was measured.
    fn measured_in<'f>(&'f self, course: &'f Course) -> impl Iterator<Item = &'f MeasuredBadly> {
        let landed = |bad: &&MeasuredBadly| course.landed.iter().any(|key| key.deployment_id == bad.deployment_id);
        self.measured.iter().filter(landed)
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
        bad::not_bad(question, (&gate, settings), facts, &verdicts),
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

/// Names in a sentence; of many the first.
fn listed(names: &[&str]) -> String {
    match names.get(..NAMED) {
        Some(first) if names.len() > NAMED => format!("{} and {} more", first.join(", "), names.len() - NAMED),
        _ => names.join(", "),
    }
}
