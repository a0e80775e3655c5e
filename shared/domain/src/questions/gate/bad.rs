//! The check of bad versions: what was undone, or called bad, here or further on.

use super::history::{NAME, evidence, marked, once_cleared, undone, what};
use super::{Check, CheckName, Evidence, Facts, Question};
use crate::Moment;
use crate::identifiers::Environment;
use crate::ledger::mark::Mark;
use crate::one_line;
use crate::questions::verdicts::Verdicts;
use crate::settings::GateSettings;

/// It was neither undone nor called bad in this environment or a later one; or it was cleared since.
pub(super) fn not_bad(question: &Question, gate: &GateSettings, facts: &Facts, verdicts: &Verdicts<'_>) -> Check {
    let name = CheckName::NotBad;
    if !gate.not_bad {
        return Check::not_asked(name);
    }
    let what = what(question);
    // What is said of all environments is one piece of evidence.
    let mut marks: Vec<&Mark> =
        facts.courses.iter().flat_map(|(environment, _)| verdicts.bad_in(environment)).collect();
    marks.sort_unstable();
    marks.dedup();
    let (mut standing, mut cleared): (Vec<Standing>, Vec<&Mark>) = (Vec::new(), Vec::new());
    standing.extend(marks.into_iter().map(|mark| Standing {
        at: mark.moment,
        sentence: marked(&what, mark),
        evidence: Evidence::mark(mark),
    }));
    for (environment, course) in &facts.courses {
        for (entry, how) in &course.undone {
            match verdicts.cleared(entry.moment, environment) {
                Some(mark) => cleared.push(mark),
                None => standing.push(Standing {
                    at: entry.moment,
                    sentence: undone(&what, environment, entry, *how),
                    evidence: evidence(environment, entry, *how),
                }),
            }
        }
    }
    // The sort is stable: of one moment, what a person says comes first.
    standing.sort_by_key(|standing| std::cmp::Reverse(standing.at));
    let Some(newest) = standing.first() else {
        let environments: Vec<&str> =
            facts.courses.iter().map(|(environment, _)| Environment::as_str(environment)).collect();
        let since = cleared
            .into_iter()
            .max()
            .map(|mark| format!("; it was cleared by {} at {}", one_line(&mark.by, NAME), mark.moment.at));
        let environments = environments.join(", ");
        return Check::passed(name, format!("{what} is not bad in {environments}{}", since.unwrap_or_default()));
    };
    let detail = format!("{}; it passes for another version, or {}", newest.sentence, once_cleared(question));
    Check::failed(name, detail).with(standing.into_iter().map(|standing| standing.evidence))
}

/// What stands against it.
struct Standing {
    at: Moment,
    sentence: String,
    evidence: Evidence,
}
