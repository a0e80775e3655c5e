//! What runs, as one view of a place: after each of its endings, and whether what landed is a change
//! forward, back, or none.

use super::heard::Moment;
use super::log::{Effect, Ending};

/// What was put live.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Landing {
    pub(super) thing: Thing,
    pub(super) since: Moment,
    /// The deployment that brought it, if that is known.
    pub(super) deployment: Option<String>,
    pub(super) change: Option<&'static str>,
}

/// What runs, by its version and its commit, as far as these are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) version: Option<String>,
    pub(super) commit: Option<String>,
}

impl Thing {
    fn of(ending: &Ending) -> Self {
        Self { version: ending.version.clone(), commit: ending.commit.clone() }
    }

    fn is_known(&self) -> bool {
        self.version.is_some() || self.commit.is_some()
    }

    /// Equal commits; where one has none, equal versions.
    fn same(&self, other: &Self) -> bool {
        match (&self.commit, &other.commit) {
            (Some(one), Some(other)) => one == other,
            _ => self.version.is_some() && self.version == other.version,
        }
    }
}

/// What is true of a view after an ending.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) live: Option<Landing>,
    /// A removal, a retirement or a teardown left nothing, and nothing ended since.
    pub(super) emptied: bool,
    /// The last ending that is an attempt.
    pub(super) last: Option<Ending>,
}

impl State {
    /// Whether it is shown: an attempt is known, and the place is not empty.
    pub(super) fn is_listed(&self) -> bool {
        self.last.is_some() && !self.emptied
    }
}

/// The state of a view after all these endings, which are in their order.
pub(super) fn state(log: &[&Ending]) -> State {
    let mut state = State::default();
    for (place, ending) in log.iter().enumerate() {
        match ending.effect {
            Effect::Completed | Effect::RolledBack => {
                let (before, until) = (state.live.take(), &log[..=place]);
                let before = before.as_ref().map(|live| &live.thing);
                state.live = landing(until).map(|mut landed| {
                    landed.change = change(&landed.thing, before, until);
                    landed
                });
            }
            Effect::Removed => state.live = None,
            Effect::Retired => (state.live, state.emptied) = (None, true),
            Effect::TornDown => {
                let of_it = |live: &Landing| live.deployment.as_ref() == Some(&ending.deployment);
                if state.live.as_ref().is_some_and(of_it) {
                    (state.live, state.emptied) = (None, true);
                }
            }
            Effect::Failed | Effect::Cancelled => {}
        }
        if ending.status().is_some() {
            state.emptied = ending.effect == Effect::Removed;
            state.last = Some((*ending).clone());
        }
    }
    state
}

/// What the last of these endings put live; its change is not judged yet.
fn landing(log: &[&Ending]) -> Option<Landing> {
    let (ending, before) = log.split_last()?;
    let landed = |thing: Thing, origin: Option<&Ending>| {
        let deployment = origin.map(|origin| origin.deployment.clone());
        Some(Landing { thing, since: ending.moment, deployment, change: None })
    };
    if matches!(ending.effect, Effect::Removed | Effect::Retired) {
        return None;
    }
    if ending.effect == Effect::Completed {
        return landed(Thing::of(ending), Some(ending));
    }
    let completed = |other: &&&Ending| other.effect == Effect::Completed;
    if let Some(version) = &ending.rollback_to {
        // The newest that was not rolled back since, else the newest.
        let of_version = (0..before.len())
            .rev()
            .filter(|place| completed(&&before[*place]) && before[*place].version.as_ref() == Some(version));
        let stands = |place: &usize| {
            let of = &log[*place].deployment;
            !log[place + 1..].iter().any(|later| later.effect == Effect::RolledBack && later.deployment == *of)
        };
        let origin = of_version.clone().find(stands).or_else(|| of_version.clone().next());
        let origin = origin.map(|place| &before[place]);
        let commit = origin.and_then(|origin| origin.commit.clone());
        return landed(Thing { version: Some(version.clone()), commit }, origin.copied());
    }
    // What landed by its own name, whether it completed or was rolled back to, and no later ending of the
    // same deployment rolled back. Behind what left nothing there is nothing to go back to.
    let undone = |place: usize| {
        let of = &log[place].deployment;
        log[place + 1..].iter().any(|later| later.effect == Effect::RolledBack && later.deployment == *of)
    };
    let named = |other: &Ending| {
        matches!(other.effect, Effect::Completed | Effect::Removed | Effect::Retired)
            || (other.effect == Effect::RolledBack && other.rollback_to.is_some())
    };
    let origin = (0..before.len()).rev().find(|place| named(before[*place]) && !undone(*place))?;
    landing(&log[..=origin]).map(|landed| Landing { since: ending.moment, ..landed })
}

/// The change that a thing is which the last of these endings put in the place of another one.
fn change(thing: &Thing, before: Option<&Thing>, log: &[&Ending]) -> Option<&'static str> {
    if !thing.is_known() {
        return None;
    }
    let Some(before) = before else { return Some("forward") };
    if thing.same(before) {
        return Some("redeploy");
    }
    let last = log.len() - 1;
    let first = first_landed(thing, log).unwrap_or(last);
    if first == last {
        return Some("forward");
    }
    if !before.is_known() {
        return None;
    }
    let replaced = first_landed(before, log).unwrap_or(last);
    Some(if first < replaced { "rollback" } else { "forward" })
}

/// Where in the log the same thing first landed.
fn first_landed(thing: &Thing, log: &[&Ending]) -> Option<usize> {
    (0..log.len()).find(|place| landed_by(log, *place).is_some_and(|landed| landed.same(thing)))
}

/// What an ending shows to have landed for the first time, perhaps: a version that was completed, and one
/// that was rolled back to although nothing had completed it.
fn landed_by(log: &[&Ending], place: usize) -> Option<Thing> {
    let ending = log[place];
    match (ending.effect, &ending.rollback_to) {
        (Effect::Completed, _) => Some(Thing::of(ending)),
        (Effect::RolledBack, Some(version)) => {
            let completed =
                |other: &&Ending| other.effect == Effect::Completed && other.version.as_ref() == Some(version);
            let known = log[..place].iter().any(completed);
            (!known).then(|| Thing { version: Some(version.clone()), commit: None })
        }
        _ => None,
    }
}
