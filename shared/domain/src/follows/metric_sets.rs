//! Which sets of dimensions have metrics of their own.
//!
//! Each distinct set is a metric that is paid for, and whoever sends events chooses their names. So an installation
//! has a number of sets at once, and a day a number of new ones. What is beyond counts under the environment
//! [`other`], and that it does so is a metric too. What the installation itself names is never beyond: no flood
//! of names takes production's metrics away.

use std::collections::{BTreeMap, BTreeSet};

use crate::follows::metrics::{Datum, Dimensions, Tally};
use crate::identifiers::{Identifier as _, key_part};
use crate::settings::MetricBounds;
use crate::{Environment, Service, Timestamp};

/// After how many days without a value a set has no metrics any more, and makes room.
const KEPT_DAYS: i64 = 30;
/// After how many days it is noted anew that a set has values.
const NOTED_DAYS: i64 = 7;

/// A day, as a number since 1970, in UTC.
pub type Day = i64;

/// The day that a time is in.
#[must_use]
pub fn day_of(time: Timestamp) -> Day {
    time.millis().div_euclid(24 * 60 * 60 * 1000)
}

/// Whether a set that was noted on a day has no metrics any more by `today`, unless it has values again.
#[must_use]
pub fn is_over(noted: Day, today: Day) -> bool {
    today - noted > KEPT_DAYS
}

/// How many sets were new on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct New {
    /// The day.
    pub day: Day,
    /// How many.
    pub count: usize,
}

/// The sets that have metrics, each with the day on which it was noted last that it has values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricSets {
    noted: BTreeMap<Dimensions, Day>,
    new: New,
}

/// What is decided of some sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Those that are to be noted: they are new, or were noted long ago.
    pub note: BTreeSet<Dimensions>,
    /// How many were new on this day, with these.
    pub new: New,
    /// Those that have no metrics of their own.
    pub beyond: BTreeSet<Dimensions>,
}

impl MetricSets {
    /// What is known by `today`, of all that was noted.
    #[must_use]
    pub fn known(noted: impl IntoIterator<Item = (Dimensions, Day)>, new: New, today: Day) -> Self {
        let noted = noted.into_iter().filter(|(_, day)| !is_over(*day, today)).collect();
        Self { noted, new }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.noted.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    /// Which of these sets have metrics of their own on this day.
    #[must_use]
    pub fn judge(&self, wanted: &BTreeSet<Dimensions>, bounds: MetricBounds, today: Day) -> Judged {
        let is_kept = |day: &Day| !is_over(*day, today);
        let mut room = bounds.at_once.saturating_sub(self.noted.values().filter(|day| is_kept(day)).count());
        // A clock that goes back does not make the day begin again.
        let new = if self.new.day < today { New { day: today, count: 0 } } else { self.new };
        let mut judged = Judged { new, ..Judged::default() };
        for set in wanted {
            match self.noted.get(set).filter(|day| is_kept(day)) {
                Some(day) if today - day < NOTED_DAYS => {}
                Some(_) => {
                    judged.note.insert(set.clone());
                }
                None if room > 0 && judged.new.count < bounds.new_per_day => {
                    room -= 1;
                    judged.new.count += 1;
                    judged.note.insert(set.clone());
                }
                None => {
                    judged.beyond.insert(set.clone());
                }
            }
        }
        judged
    }

    /// The same once what was judged is noted.
    #[must_use]
    pub fn with(mut self, judged: &Judged, today: Day) -> Self {
        self.noted.extend(judged.note.iter().map(|set| (set.clone(), today)));
        self.new = judged.new;
        self
    }
}

/// The environment under which counts what has no metrics of its own.
#[must_use]
pub fn other() -> Environment {
    Environment::other()
}

/// Those of these values that have a dimension which senders choose, and which nobody named: what bounds are for.
/// `is_named` says which environments the installation names.
#[must_use]
pub fn chosen(data: &[Datum], is_named: impl Fn(&Environment) -> bool) -> BTreeSet<Dimensions> {
    let is_chosen = |dimensions: &&Dimensions| match dimensions {
        Dimensions::Door(_) => false,
        Dimensions::Environment(name) => *name != Environment::unknown() && *name != other() && !is_named(name),
        Dimensions::Service(..) | Dimensions::Stage(..) => true,
    };
    data.iter().map(|datum| &datum.dimensions).filter(is_chosen).cloned().collect()
}

/// The values, with those of what is beyond the bounds under [`other`]. Those of a service are left out: its
/// environment has them too.
#[must_use]
pub fn within(data: Vec<Datum>, beyond: &BTreeSet<Dimensions>) -> Vec<Datum> {
    if beyond.is_empty() {
        return data;
    }
    let mut tally = Tally::default();
    let mut kept = Vec::new();
    for datum in data {
        match &datum.dimensions {
            Dimensions::Service(..) if beyond.contains(&datum.dimensions) => {}
            dimensions if beyond.contains(dimensions) => tally.add_all(&datum, Dimensions::Environment(other())),
            Dimensions::Environment(environment) if *environment == other() => {
                tally.add_all(&datum, datum.dimensions.clone());
            }
            _ => kept.push(datum),
        }
    }
    kept.extend(tally.data());
    kept
}

/// The values without those of services that nobody asks for.
#[must_use]
pub fn of_services(mut data: Vec<Datum>, has_metrics: impl Fn(&Service) -> bool) -> Vec<Datum> {
    data.retain(|datum| match &datum.dimensions {
        Dimensions::Service(_, service) => has_metrics(service),
        _ => true,
    });
    data
}

/// A set as a part of a key.
#[must_use]
pub fn key(set: &Dimensions) -> String {
    match set {
        Dimensions::Environment(environment) => key_part::join(&["E", environment.as_str()]),
        Dimensions::Service(environment, service) => key_part::join(&["S", environment.as_str(), service.as_str()]),
        Dimensions::Stage(environment, stage) => key_part::join(&["T", environment.as_str(), stage.as_str()]),
        Dimensions::Door(door) => key_part::join(&["D", door]),
    }
}

/// The set that stands in a key so; none where none does.
#[must_use]
pub fn of_key(key: &str) -> Option<Dimensions> {
    let mut parts = key.split('#');
    let (kind, first, second, rest) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    let environment = || Environment::from_key_part(first).ok();
    match (kind, second, rest) {
        ("E", None, None) => Some(Dimensions::Environment(environment()?)),
        ("S", Some(service), None) => Some(Dimensions::Service(environment()?, Service::from_key_part(service).ok()?)),
        ("T", Some(stage), None) => Some(Dimensions::Stage(environment()?, stage_of(stage)?)),
        _ => None,
    }
}

fn stage_of(part: &str) -> Option<crate::identifiers::StageName> {
    crate::identifiers::StageName::parse(&key_part::unescape(part)?).ok()
}

#[cfg(test)]
mod tests;
