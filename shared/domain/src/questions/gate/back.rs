//! Whether something may be gone back to: what a gate says of it that asks for no more than that it is not bad, and
//! stands where it was proven.

use super::{Asked, Facts, Question, bad, gate_of, history};
use crate::identifiers::Environment;
use crate::questions::verdicts::Verdicts;
use crate::settings::{Names, Path};
use crate::{Settings, one_line};

/// As much of a reason as stands in a sentence, in characters.
const REASON: usize = 300;

impl Asked {
    /// What has to be known before a suggestion to go back to something, whatever the gate asks for.
    #[must_use]
    pub fn to_go_back(environment: &Environment, settings: &Settings, path: &Path) -> Self {
        let gate = gate_of(environment, settings);
        let mut along: Vec<Environment> = settings.environments.iter().map(|entry| entry.name.clone()).collect();
        along.retain(|name| path.is_along(environment, name));
        if !along.contains(environment) {
            along.push(environment.clone());
        }
        let before = path.before(environment, &[]).cloned();
        let proven_in = gate.proven_in.or(before);
        Self { proven_in, not_bad_in: along, verdicts: true, active: false, releases_in: None }
    }
}

/// What speaks against going back to something, in words; none where nothing does.
#[must_use]
pub fn against(
    question: &Question,
    asked: &Asked,
    settings: &Settings,
    (names, path): (&Names, &Path),
    facts: &Facts,
) -> Option<String> {
    let courses = facts.courses.iter().map(|(_, course)| course).chain([&facts.proven]);
    let builds = courses.flat_map(|course| &course.builds);
    let verdicts = Verdicts::of(&question.thing, builds, &facts.verdicts, names, path);
    let (bad, _) = bad::standing(question, settings, facts, &verdicts);
    if let Some(newest) = bad.into_iter().next() {
        return Some(one_line(&newest.sentence, REASON));
    }
    if let Some(environment) = gate_of(&question.environment, settings).proven_in
        && let Err(not_proven) = history::standing_in(question, &environment, facts, &verdicts)
    {
        return Some(one_line(&not_proven.why, REASON));
    }
    // Where it never was it was not proven, and can't have fallen.
    let has_fallen = !facts.proven.landed.is_empty() && facts.proven.stands_since().is_none();
    let where_proven = asked.proven_in.as_ref().filter(|_| has_fallen);
    where_proven.map(|environment| format!("{} no longer stands in {environment}", history::what(question)))
}
