//! Times in which nothing is deployed.

use super::Names;
use crate::fields::Fields;
use crate::identifiers::Label;
use crate::{Environment, Service, Timestamp};

/// A time in which nothing is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// What people call it.
    pub name: Label,
    /// Where; everywhere, where none is named.
    pub environments: Vec<Environment>,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// The services that it does not hold for.
    pub except: Vec<Service>,
}

impl Freeze {
    /// Whether it is about an environment.
    #[must_use]
    pub fn is_about(&self, environment: &Environment, names: &Names) -> bool {
        let is_it = |name: &Environment| names.environments.resolve(name) == environment;
        self.environments.is_empty() || self.environments.iter().any(is_it)
    }

    /// Whether a service is an exception of it.
    #[must_use]
    pub fn excepts(&self, service: &Service, names: &Names) -> bool {
        self.except.iter().any(|name| names.services.resolve(name) == service)
    }

    /// Whether it holds at a time: from its first moment to just before the first one after it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The first moment from `at` on at which none of these holds: one can begin where another ends.
    #[must_use]
    pub fn over(freezes: &[&Self], at: Timestamp) -> Timestamp {
        let mut over = at;
        while let Some(until) = freezes.iter().filter(|freeze| freeze.holds(over)).map(|freeze| freeze.to).max() {
            over = until;
        }
        over
    }
}

/// Reads the freezes.
pub(super) fn read(from: &mut Fields<'_>) -> Vec<Freeze> {
    let mut freezes = Vec::new();
    for (path, object) in from.objects("freezes") {
        let mut freeze = from.nested(&path, object);
        let name: Option<Label> = freeze.identifier(&["name"]);
        if name.is_none() && !freeze.has_error("name") {
            freeze.wrong("name", "is required: what people call this freeze");
        }
        let (environments, except) = (freeze.identifiers("environments"), freeze.identifiers("except"));
        let times = ["from", "to"].map(|name| {
            let time = freeze.time(&[name]).map(|(_, time)| time);
            if time.is_none() && !freeze.has_error(name) {
                freeze.wrong(name, "is required: a time such as 2026-12-20T00:00:00Z");
            }
            time
        });
        if let [Some(from), Some(to)] = times
            && from >= to
        {
            freeze.wrong("to", "must be later than `from`");
        }
        freeze.finish("known are name, environments, from, to and except");
        if let (Some(name), [Some(from), Some(to)]) = (name, times) {
            freezes.push(Freeze { name, environments, from, to, except });
        }
    }
    freezes
}
