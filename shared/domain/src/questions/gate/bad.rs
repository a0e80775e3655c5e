//! The check of bad versions: what was undone, went badly, or is called bad, here or anywhere else on the promotion path.

use super::history::{NAME, badly, evidence, marked, once_cleared, undone, what};
use super::{Check, CheckName, Evidence, Facts, Question};
use crate::Moment;
use crate::identifiers::Environment;
use crate::ledger::mark::Mark;
use crate::live::thing::Thing;
use crate::questions::verdicts::{Against, Verdicts};
use crate::{Settings, one_line, settings::GateSettings};

/// It was not undone, did not go badly, and is not called bad in this environment or another of its path; or it was
/// cleared since.
pub(super) fn not_bad(
    question: &Question,
    (gate, settings): (&GateSettings, &Settings),
    facts: &Facts,
    verdicts: &Verdicts<'_>,
) -> Check {
    let name = CheckName::NotBad;
    if !gate.not_bad {
        return Check::not_asked(name);
    }
    let (mut standing, cleared) = standing(question, settings, facts, verdicts);
    let Some(newest) = standing.first() else {
        let environments: Vec<&str> =
            facts.courses.iter().map(|(environment, _)| Environment::as_str(environment)).collect();
        let since = cleared
            .into_iter()
            .max()
            .map(|mark| format!("; it was cleared by {} at {}", one_line(&mark.by, NAME), mark.moment.at));
        let (what, environments) = (what(question), environments.join(", "));
        return Check::passed(name, format!("{what} is not bad in {environments}{}", since.unwrap_or_default()));
    };
    let cleared = once_cleared(question, &newest.thing);
    let detail = format!("{}; it passes for another version, or {cleared}", newest.sentence);
    // Of one that took the place of two builds, there is one piece of evidence.
    standing.dedup_by(|a, b| a.evidence == b.evidence);
    Check::failed(name, detail).with(standing.into_iter().map(|standing| standing.evidence))
}

/// What stands against it, the latest first; and what was cleared.
pub(super) fn standing<'m>(
    question: &Question,
    settings: &Settings,
    facts: &Facts,
    verdicts: &Verdicts<'m>,
) -> (Vec<Standing>, Vec<&'m Mark>) {
    let what = what(question);
    let marked = |mark: &Mark| Standing {
        at: mark.moment,
        thing: mark.thing(),
        sentence: marked(&what, mark, verdicts),
        evidence: Evidence::mark(mark),
    };
    let mut standing: Vec<Standing> = verdicts.bad_along(&question.environment).map(marked).collect();
    let mut cleared: Vec<&Mark> = Vec::new();
    for (environment, course) in &facts.courses {
        let bounds = settings.health_bounds(environment, &question.service);
        for (entry, undoing) in course.undone.iter().filter(|(_, undoing)| bounds.is_failure(undoing.how)) {
            for thing in &undoing.things {
                let against = Against { thing, environment: Some(environment), moment: entry.moment };
                if let Some(mark) = verdicts.cleared(against) {
                    cleared.push(mark);
                    continue;
                }
                standing.push(Standing {
                    at: entry.moment,
                    thing: thing.clone(),
                    sentence: undone(&what, environment, entry, undoing.how),
                    evidence: evidence(environment, entry, undoing.how),
                });
            }
        }
    }
    let measured = facts.courses.iter().flat_map(|(_, course)| facts.measured_in(course));
    standing.extend(measured.map(|bad| Standing {
        at: bad.since.into(),
        thing: bad.thing.clone(),
        sentence: badly(&what, bad),
        evidence: Evidence::measured(bad),
    }));
    // The sort is stable: of one moment, what a person says comes first.
    standing.sort_by_key(|standing| std::cmp::Reverse(standing.at));
    (standing, cleared)
}

/// What stands against it.
pub(super) struct Standing {
    at: Moment,
    thing: Thing,
    /// It in words.
    pub(super) sentence: String,
    evidence: Evidence,
}
