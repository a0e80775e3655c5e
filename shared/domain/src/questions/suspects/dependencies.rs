//! What a service depends on, as the settings say.

use std::collections::BTreeMap;

use crate::identifiers::Service;
use crate::settings::SettingsInUse;

/// How many steps of dependencies count.
pub const DEPTH: u32 = 3;

/// How a service comes to depend on another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The services between the two, from the first to the last; none where it depends on it itself.
    pub through: Vec<Service>,
}

impl Dependency {
    /// How many steps it is away: 1 to [`DEPTH`].
    #[must_use]
    pub fn depth(&self) -> u32 {
        u32::try_from(self.through.len()).unwrap_or(DEPTH).saturating_add(1).min(DEPTH)
    }
}

/// What a service depends on, each by the shortest way; of equally short ones by that which the settings name first.
/// The service is not among them: a circle ends where it comes back.
#[must_use]
pub fn dependencies(service: &Service, settings: &SettingsInUse) -> BTreeMap<Service, Dependency> {
    let mut found: BTreeMap<Service, Dependency> = BTreeMap::new();
    let mut edge: Vec<(Service, Vec<Service>)> = vec![(service.clone(), Vec::new())];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for (from, through) in edge {
            let entry = settings.settings.services.iter().find(|entry| entry.name == from);
            for on in entry.map(|entry| entry.depends_on.as_slice()).unwrap_or_default() {
                let on = settings.names.services.resolve(on);
                if on == service || found.contains_key(on) {
                    continue;
                }
                found.insert(on.clone(), Dependency { through: through.clone() });
                let onwards = through.iter().chain([on]).cloned().collect();
                next.push((on.clone(), onwards));
            }
        }
        edge = next;
    }
    found
}
