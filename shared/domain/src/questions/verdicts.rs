//! What people said of a version: where it is bad, and what was cleared since.

use std::borrow::Cow;

use crate::Moment;
use crate::event::Verdict;
use crate::identifiers::{Commit, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::thing::Thing;
use crate::settings::{Names, Path};

/// The verdicts on one thing, and what settings say of environments.
#[derive(Debug, Clone)]
pub struct Verdicts<'m> {
    /// The latest first.
    marks: Vec<&'m Mark>,
    names: &'m Names,
    path: &'m Path,
}

impl Mark {
    /// What is judged.
    #[must_use]
    pub fn thing(&self) -> Thing {
        Thing { version: self.version.clone(), commit: self.commit.clone() }
    }
}

impl<'m> Verdicts<'m> {
    /// Those on this thing, among all of its service.
    #[must_use]
    pub fn of(thing: &Thing, marks: &'m [Mark], names: &'m Names, path: &'m Path) -> Self {
        let mut marks: Vec<&Mark> = marks.iter().filter(|mark| mark.thing().is_same(thing)).collect();
        marks.sort_unstable_by(|a, b| b.cmp(a));
        Self { marks, names, path }
    }

    /// What calls it bad in an environment and was not cleared there since, the latest first.
    pub fn bad_in(&self, environment: &Environment) -> impl Iterator<Item = &'m Mark> {
        self.said_of(environment, Verdict::Bad).filter(|mark| self.cleared(mark.moment, environment).is_none())
    }

    /// What cleared it in an environment of all that happened there at a moment; the latest, if there is any. What
    /// happened at the same moment is not before it.
    #[must_use]
    pub fn cleared(&self, of: Moment, environment: &Environment) -> Option<&'m Mark> {
        self.said_of(environment, Verdict::Cleared).find(|mark| of < mark.moment)
    }

    /// What cleared it wherever this says that it is bad; the latest, if there is any.
    #[must_use]
    pub fn cleared_wholly(&self, mark: &Mark) -> Option<&'m Mark> {
        if let Some(said) = &mark.environment {
            return self.cleared(mark.moment, self.names.environments.resolve(said));
        }
        let everywhere = |other: &&Mark| other.environment.is_none() && other.outcome == Verdict::Cleared;
        self.marks.iter().copied().filter(everywhere).find(|cleared| mark.moment < cleared.moment)
    }

    /// Whether this is said of an environment: of all environments, of this one, or of one before it on the path.
    #[must_use]
    pub fn is_said_of(&self, mark: &Mark, environment: &Environment) -> bool {
        let said = mark.environment.as_ref().map(|said| self.names.environments.resolve(said));
        said.is_none_or(|said| said == environment || self.path.leads(said, environment))
    }

    /// What says this of an environment, the latest first.
    fn said_of(&self, environment: &Environment, outcome: Verdict) -> impl Iterator<Item = &'m Mark> {
        self.marks.iter().copied().filter(move |mark| mark.outcome == outcome && self.is_said_of(mark, environment))
    }
}

/// The command that clears a version, for a POSIX shell. Whoever runs it says why.
#[must_use]
pub fn command_to_clear(service: &Service, thing: &Thing) -> String {
    let quoted = |text: &str| shlex::try_quote(text).map_or_else(|_| format!("{text:?}"), Cow::into_owned);
    let named = match thing.version.as_ref().map(Version::as_str) {
        Some(version) => quoted(&format!("{service}@{version}")),
        None => quoted(service.as_str()),
    };
    let commit = thing.commit.as_ref().map(Commit::as_str);
    let commit = commit.map(|commit| format!(" --commit {}", quoted(commit))).unwrap_or_default();
    format!("deployment-status bad clear {named}{commit} --reason WHY")
}
