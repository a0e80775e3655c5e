//! The checks of what became of the version: where it was to prove itself, and here.

use super::{Check, CheckName, Effect, Evidence, EvidenceKind, Facts, Question, Undone, Version};
use crate::identifiers::{Commit, Environment};
use crate::label;
use crate::live::log_key::LogKey;
use crate::settings::GateSettings;

const MINUTE_MILLIS: i64 = 60_000;

/// It landed in the environment that the settings name, and was not undone there.
pub(super) fn proven_in(question: &Question, gate: &GateSettings, facts: &Facts) -> Check {
    let name = CheckName::ProvenIn;
    let Some(environment) = &gate.proven_in else { return Check::not_asked(name) };
    let what = what(question);
    if let Some(landing) = facts.proven.stands_since() {
        let detail = format!("{what} landed in {environment} at {}", landing.moment.at);
        return Check::passed(name, detail).with([Evidence::entry(EvidenceKind::Landed, environment, landing)]);
    }
    match facts.proven.undone.iter().next_back() {
        Some((entry, how)) if !facts.proven.landed.is_empty() => {
            let detail =
                format!("{}; it passes when {what} lands there again", undone(&what, environment, entry, *how));
            Check::failed(name, detail).with([evidence(environment, entry, *how)])
        }
        _ => Check::failed(name, format!("{what} has not landed in {environment}; it passes when it does")),
    }
}

/// That was so long ago.
pub(super) fn soak(question: &Question, gate: &GateSettings, facts: &Facts) -> Check {
    let name = CheckName::SoakMinutes;
    let Some(minutes) = gate.soak_minutes else { return Check::not_asked(name) };
    let Some(environment) = &gate.proven_in else {
        let detail = "the settings ask for soakMinutes without provenIn; it passes when they name in provenIn where \
                      a version soaks";
        return Check::failed(name, detail);
    };
    let what = what(question);
    let Some(landing) = facts.proven.stands_since() else {
        let detail = format!("{what} is not proven in {environment}; it passes {minutes} minutes after it lands there");
        return Check::failed(name, detail);
    };
    let soaked = landing.moment.at.plus_millis(i64::from(minutes) * MINUTE_MILLIS);
    let check = if soaked <= question.at {
        Check::passed(name, format!("{what} has soaked in {environment} for {minutes} minutes since {soaked}"))
    } else {
        let detail = format!(
            "{what} landed in {environment} at {}, less than {minutes} minutes ago; it passes at {soaked}",
            landing.moment.at
        );
        Check::failed(name, detail)
    };
    check.with([Evidence::entry(EvidenceKind::Landed, environment, landing)])
}

/// It was not undone in this environment or a later one.
pub(super) fn not_bad(question: &Question, gate: &GateSettings, facts: &Facts) -> Check {
    let name = CheckName::NotBad;
    if !gate.not_bad {
        return Check::not_asked(name);
    }
    let what = what(question);
    let of_each = facts
        .courses
        .iter()
        .flat_map(|(environment, course)| course.undone.iter().map(move |(entry, how)| (entry, environment, *how)));
    let mut newest_first: Vec<(&LogKey, &Environment, Undone)> = of_each.collect();
    newest_first.sort_unstable_by(|a, b| b.0.cmp(a.0));
    let Some((entry, environment, how)) = newest_first.first().copied() else {
        let environments: Vec<&str> = facts.courses.iter().map(|(environment, _)| environment.as_str()).collect();
        return Check::passed(name, format!("{what} was not undone in {}", environments.join(", ")));
    };
    let detail = format!("{}; it passes for another version", undone(&what, environment, entry, how));
    let evidence = newest_first.into_iter().map(|(entry, environment, how)| evidence(environment, entry, how));
    Check::failed(name, detail).with(evidence)
}

/// The thing that is asked for, as people call it.
fn what(question: &Question) -> String {
    let version = question.thing.version.as_ref().map(Version::as_str);
    let commit = question.thing.commit.as_ref().map(Commit::as_str);
    label(version, commit).unwrap_or_else(|| "it".to_owned())
}

/// How it was undone, in a sentence.
fn undone(what: &str, environment: &Environment, entry: &LogKey, how: Undone) -> String {
    let (at, id) = (entry.moment.at, &entry.deployment_id);
    match (how, entry.effect) {
        (Undone::RolledBack, _) => format!("{what} was rolled back in {environment} at {at} ({id})"),
        (Undone::FailedAfterCompleting, _) => {
            format!("{what} failed in {environment} at {at} after it had completed ({id})")
        }
        (Undone::ReplacedByRollback, Effect::Completed) => {
            format!("{what} was replaced in {environment} by an earlier version at {at} ({id})")
        }
        (Undone::ReplacedByRollback, _) => {
            format!("{environment} went back from {what} to an earlier version at {at} ({id})")
        }
    }
}

fn evidence(environment: &Environment, entry: &LogKey, how: Undone) -> Evidence {
    let kind = match how {
        Undone::RolledBack => EvidenceKind::RolledBack,
        Undone::FailedAfterCompleting => EvidenceKind::FailedAfterCompleting,
        Undone::ReplacedByRollback => EvidenceKind::ReplacedByRollback,
    };
    Evidence::entry(kind, environment, entry)
}
