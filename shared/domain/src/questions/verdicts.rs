//! What people said of a version: where it is bad, and what was cleared since.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::Moment;
use crate::event::Verdict;
use crate::identifiers::{Commit, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::thing::Thing;
use crate::settings::{Names, Path};

/// The verdicts that may be on one thing, and what settings say of environments.
#[derive(Debug, Clone)]
pub struct Verdicts<'m> {
    asked: Thing,
    /// As what it is known besides, each with a commit.
    builds: BTreeSet<Thing>,
    /// All of its service, the latest first.
    marks: Vec<&'m Mark>,
    names: &'m Names,
    path: &'m Path,
}

/// What speaks against a version, and may be cleared.
#[derive(Debug, Clone, Copy)]
pub struct Against<'e> {
    /// What was undone, or is called bad.
    pub thing: &'e Thing,
    /// Where; none where it is said of everywhere.
    pub environment: Option<&'e Environment>,
    /// When.
    pub moment: Moment,
}

impl Mark {
    /// What is judged.
    #[must_use]
    pub fn thing(&self) -> Thing {
        Thing { version: self.version.clone(), commit: self.commit.clone() }
    }
}

impl<'m> Verdicts<'m> {
    /// Those on this thing, which was deployed as these builds, among all of its service.
    #[must_use]
    pub fn of<'b>(
        thing: &Thing,
        builds: impl IntoIterator<Item = &'b Thing>,
        marks: &'m [Mark],
        names: &'m Names,
        path: &'m Path,
    ) -> Self {
        let builds = builds.into_iter().filter(|build| build.commit.is_some() && build.is_same(thing)).cloned();
        let mut marks: Vec<&Mark> = marks.iter().collect();
        marks.sort_unstable_by(|a, b| b.cmp(a));
        Self { asked: thing.clone(), builds: builds.collect(), marks, names, path }
    }

    /// What calls it bad in an environment and was not cleared since, the latest first.
    pub fn bad_in(&self, environment: &Environment) -> impl Iterator<Item = &'m Mark> {
        self.bad().filter(move |mark| {
            self.said(mark).is_none_or(|said| said == environment || self.path.leads(said, environment))
        })
    }

    /// What calls it bad in an environment, or in any other of the path that it is on, and was not cleared since; the
    /// latest first.
    pub fn bad_along(&self, environment: &Environment) -> impl Iterator<Item = &'m Mark> {
        self.bad().filter(move |mark| self.is_along(mark, environment))
    }

    /// Whether this is said of an environment, of another of the path that it is on, or of all.
    #[must_use]
    pub fn is_along(&self, mark: &Mark, environment: &Environment) -> bool {
        self.said(mark).is_none_or(|said| self.path.is_along(said, environment))
    }

    /// Whether it is known that this is said of the thing. Of a commit that is judged under no version nobody can say
    /// whether it is that of a version of which no commit is known.
    #[must_use]
    pub fn is_certain(&self, mark: &Mark) -> bool {
        let thing = mark.thing();
        thing.is_same(&self.asked) || self.builds.iter().any(|build| thing.is_same(build))
    }

    /// What cleared this, or the part of it that concerns the thing; the latest, if there is any. What happens at the
    /// same moment is not before it.
    #[must_use]
    pub fn cleared(&self, against: Against<'_>) -> Option<&'m Mark> {
        let there = against.environment.map(|environment| self.names.environments.resolve(environment));
        let clears = |mark: &&Mark| {
            let everywhere_or_there = self.said(mark).is_none_or(|said| Some(said) == there);
            mark.outcome == Verdict::Cleared
                && against.moment < mark.moment
                && everywhere_or_there
                && self.covers(mark, against.thing)
        };
        self.marks.iter().copied().find(clears)
    }

    /// Whether a clearing is of all that is said here of the thing. That of one build does not clear its version.
    fn covers(&self, clearing: &Mark, thing: &Thing) -> bool {
        let of_build = clearing.commit.as_ref().filter(|_| thing.commit.is_none());
        clearing.thing().is_same(thing) && of_build.is_none_or(|commit| self.asked.commit.as_ref() == Some(commit))
    }

    /// What calls it bad, or may do so, and was not cleared; the latest first.
    fn bad(&self) -> impl Iterator<Item = &'m Mark> {
        let is_vague = self.asked.commit.is_none() && self.builds.is_empty();
        let concerns = move |mark: &&Mark| self.is_certain(mark) || is_vague && mark.version.is_none();
        let bad = self.marks.iter().copied().filter(|mark| mark.outcome == Verdict::Bad).filter(concerns);
        bad.filter(|mark| {
            let (thing, environment) = (mark.thing(), mark.environment.as_ref());
            self.cleared(Against { thing: &thing, environment, moment: mark.moment }).is_none()
        })
    }

    /// The environment that this is said of; none for all.
    fn said<'s>(&'s self, mark: &'s Mark) -> Option<&'s Environment> {
        mark.environment.as_ref().map(|said| self.names.environments.resolve(said))
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
