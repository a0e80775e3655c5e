//! The checks of what became of the version: where it was to prove itself, and here.

use super::{
    Check, CheckName, Effect, Evidence, EvidenceKind, Facts, MeasuredBadly, Question, Undoing, Undone, Version,
};
use crate::identifiers::{Commit, Environment};
use crate::label;
use crate::ledger::mark::Mark;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::one_line;
use crate::questions::verdicts::{Verdicts, command_to_clear};
use crate::settings::GateSettings;

const MINUTE_MILLIS: i64 = 60_000;
/// As much of a reason as stands in a sentence, in characters.
pub(super) const REASON: usize = 200;
/// As much of a name.
pub(super) const NAME: usize = 80;

/// It landed in the environment that the settings name, was not undone there, did not go badly there, and nobody calls
/// it bad there.
pub(super) fn proven_in(question: &Question, gate: &GateSettings, facts: &Facts, verdicts: &Verdicts<'_>) -> Check {
    let name = CheckName::ProvenIn;
    let Some(environment) = &gate.proven_in else { return Check::not_asked(name) };
    match standing_in(question, environment, facts, verdicts) {
        Ok(landing) => {
            let detail = format!("{} landed in {environment} at {}", what(question), landing.moment.at);
            Check::passed(name, detail).with([Evidence::entry(EvidenceKind::Landed, environment, landing)])
        }
        Err(NotProven { why, passes, evidence }) => {
            Check::failed(name, format!("{why}; it passes {passes}")).with(evidence)
        }
    }
}

/// Why something is not proven in an environment.
pub(super) struct NotProven {
    /// In words.
    pub(super) why: String,
    /// When it would be.
    passes: String,
    evidence: Option<Evidence>,
}

/// Since which landing it stands in an environment; or why it is not proven there.
pub(super) fn standing_in<'f>(
    question: &Question,
    environment: &Environment,
    facts: &'f Facts,
    verdicts: &Verdicts<'_>,
) -> Result<&'f LogKey, NotProven> {
    let what = what(question);
    if let Some(mark) = verdicts.bad_in(environment).next() {
        let passes = once_cleared(question, &mark.thing());
        return Err(NotProven { why: marked(&what, mark, verdicts), passes, evidence: Some(Evidence::mark(mark)) });
    }
    // Landing again proves nothing of what went badly: as all that is bad, it stays so until it is cleared.
    if let Some(bad) = facts.measured_in(&facts.proven).max_by_key(|bad| bad.since) {
        let passes = once_cleared(question, &bad.thing);
        return Err(NotProven { why: badly(&what, bad), passes, evidence: Some(Evidence::measured(bad)) });
    }
    if let Some(landing) = facts.proven.stands_since() {
        return Ok(landing);
    }
    Err(match facts.proven.undone.iter().next_back() {
        Some((entry, Undoing { how, .. })) if !facts.proven.landed.is_empty() => NotProven {
            why: undone(&what, environment, entry, *how),
            passes: format!("when {what} lands there again"),
            evidence: Some(evidence(environment, entry, *how)),
        },
        _ => NotProven {
            why: format!("{what} has not landed in {environment}"),
            passes: "when it does".to_owned(),
            evidence: None,
        },
    })
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

/// The thing that is asked for, as people call it.
pub(super) fn what(question: &Question) -> String {
    let version = question.thing.version.as_ref().map(Version::as_str);
    let commit = question.thing.commit.as_ref().map(Commit::as_str);
    label(version, commit).unwrap_or_else(|| "it".to_owned())
}

/// That someone calls it bad, in a sentence; or that it may be what someone calls bad.
pub(super) fn marked(what: &str, mark: &Mark, verdicts: &Verdicts<'_>) -> String {
    let place = mark.environment.as_ref().map(|environment| format!(" in {environment}")).unwrap_or_default();
    let reason = one_line(mark.reason.as_str(), REASON);
    let said = |it: &str| {
        format!("{it} was called bad{place} by {} at {}: {reason}", one_line(&mark.by, NAME), mark.moment.at)
    };
    if verdicts.is_certain(mark) {
        return said(what);
    }
    let commit = mark.commit.as_ref().map(Commit::as_str).unwrap_or_default();
    let said = said(&format!("commit {commit}"));
    format!("{said}, and no commit of {what} is known, so it may be this one: name it with --commit")
}

/// What makes it no longer bad, where this thing is what is called bad or was undone.
pub(super) fn once_cleared(question: &Question, bad: &Thing) -> String {
    // What is asked for, as it was asked for, where clearing that is enough.
    let thing = if question.thing.is_same(bad) { &question.thing } else { bad };
    format!("once it is cleared: {}", command_to_clear(&question.service, thing))
}

/// How it was undone, in a sentence.
pub(super) fn undone(what: &str, environment: &Environment, entry: &LogKey, how: Undone) -> String {
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

/// What was measured against it, in a sentence.
pub(super) fn badly(what: &str, MeasuredBadly { environment, deployment_id, why, .. }: &MeasuredBadly) -> String {
    format!("{what} went badly in {environment} ({deployment_id}): {}", one_line(why, REASON))
}

pub(super) fn evidence(environment: &Environment, entry: &LogKey, how: Undone) -> Evidence {
    let kind = match how {
        Undone::RolledBack => EvidenceKind::RolledBack,
        Undone::FailedAfterCompleting => EvidenceKind::FailedAfterCompleting,
        Undone::ReplacedByRollback => EvidenceKind::ReplacedByRollback,
    };
    Evidence::entry(kind, environment, entry)
}
