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
    pub(super) fn of(ending: &Ending) -> Self {
        Self { version: ending.version.clone(), commit: ending.commit.clone() }
    }

    fn is_known(&self) -> bool {
        self.version.is_some() || self.commit.is_some()
    }

    /// Whether both have a version, or both a commit.
    pub(super) fn has_a_kind_of_name_of(&self, other: &Self) -> bool {
        let both = |one: &Option<String>, other: &Option<String>| one.is_some() && other.is_some();
        both(&self.version, &other.version) || both(&self.commit, &other.commit)
    }

    /// Equal commits; where one has none, equal versions.
    pub(super) fn same(&self, other: &Self) -> bool {
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
    /// When a removal, a retirement or a teardown left nothing, where nothing runs for that reason.
    emptied: Option<i64>,
    /// The last ending that is an attempt.
    pub(super) last: Option<Ending>,
}

impl State {
    /// Whether it is shown: something ended, and was not followed by what left the place empty.
    pub(super) fn is_listed(&self) -> bool {
        self.last.as_ref().is_some_and(|last| self.emptied.is_none_or(|emptied| last.moment.0 > emptied))
    }
}

/// The state of a view after all these endings, which are in their order.
pub(super) fn state(log: &[&Ending]) -> State {
    states(log).pop().unwrap_or_default()
}

/// The state of a view after each of these endings.
pub(super) fn states(log: &[&Ending]) -> Vec<State> {
    let (mut states, mut state) = (Vec::new(), State::default());
    // Where a teardown took away what ran.
    let mut torn_down = Vec::new();
    for (place, ending) in log.iter().enumerate() {
        let of_it = |live: &Landing| live.deployment.as_ref() == Some(&ending.deployment);
        match ending.effect {
            Effect::Completed | Effect::RolledBack => {
                let (before, until) = (state.live.take(), &log[..=place]);
                let before = before.as_ref().map(|live| &live.thing);
                match landing(until, &torn_down) {
                    Landed::Nothing(emptied) => state.emptied = emptied,
                    Landed::Thing(mut landing) => {
                        landing.change = change(&landing.thing, before, until);
                        (state.live, state.emptied) = (Some(landing), None);
                    }
                }
            }
            Effect::Removed | Effect::Retired => (state.live, state.emptied) = (None, Some(ending.moment.0)),
            Effect::TornDown if state.live.as_ref().is_some_and(of_it) => {
                torn_down.push(place);
                (state.live, state.emptied) = (None, Some(ending.moment.0));
            }
            Effect::Failed | Effect::Cancelled | Effect::TornDown => {}
        }
        if ending.status().is_some() {
            state.last = Some((*ending).clone());
        }
        states.push(state.clone());
    }
    states
}

/// What an ending puts live.
enum Landed {
    Thing(Landing),
    /// Nothing, because there is nothing to go back to, or it was taken away at that time.
    Nothing(Option<i64>),
}

/// What the last of these endings put live; its change is not judged yet. `torn_down` are the places of
/// teardowns that took away what ran.
fn landing(log: &[&Ending], torn_down: &[usize]) -> Landed {
    let (ending, before) = log.split_last().expect("an ending");
    let landed = |thing: Thing, origin: Option<&Ending>| {
        let deployment = origin.map(|origin| origin.deployment.clone());
        Landed::Thing(Landing { thing, since: ending.moment, deployment, change: None })
    };
    match (ending.effect, &ending.rollback_to) {
        (Effect::Completed, _) => return landed(Thing::of(ending), Some(ending)),
        (Effect::RolledBack, Some(version)) => {
            // The newest that was not rolled back since, else the newest.
            let completed = |place: &usize| {
                before[*place].effect == Effect::Completed && before[*place].version.as_ref() == Some(version)
            };
            let of_version = || (0..before.len()).rev().filter(completed);
            let stands = |place: &usize| {
                let of = &log[*place].deployment;
                !log[place + 1..].iter().any(|later| later.effect == Effect::RolledBack && later.deployment == *of)
            };
            let origin = of_version().find(stands).or_else(|| of_version().next()).map(|place| &before[place]);
            let commit = origin.and_then(|origin| origin.commit.clone());
            return landed(Thing { version: Some(version.clone()), commit }, origin.copied());
        }
        (Effect::RolledBack, None) => {}
        (Effect::Removed | Effect::Retired | Effect::TornDown, _) => return Landed::Nothing(Some(ending.moment.0)),
        (Effect::Failed | Effect::Cancelled, _) => unreachable!("it puts nothing live"),
    }
    // It goes back to what was settled last and no later ending of the same deployment rolled back: that a
    // version completed or was rolled back to by its name, or that nothing was left. What was torn down is
    // gone for good.
    let rolled_back = |place: usize| {
        let of = &log[place].deployment;
        log[place + 1..].iter().any(|later| later.effect == Effect::RolledBack && later.deployment == *of)
    };
    let settles = |place: usize| match before[place].effect {
        Effect::Completed | Effect::Removed => !rolled_back(place),
        Effect::RolledBack => before[place].rollback_to.is_some() && !rolled_back(place),
        Effect::Retired => true,
        Effect::TornDown => torn_down.contains(&place),
        Effect::Failed | Effect::Cancelled => false,
    };
    let Some(origin) = (0..before.len()).rev().find(|place| settles(*place)) else { return Landed::Nothing(None) };
    match landing(&log[..=origin], torn_down) {
        Landed::Thing(landing) => Landed::Thing(Landing { since: ending.moment, ..landing }),
        Landed::Nothing(emptied) => Landed::Nothing(emptied),
    }
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
pub(super) fn first_landed(thing: &Thing, log: &[&Ending]) -> Option<usize> {
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
