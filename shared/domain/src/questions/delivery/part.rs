//! Of what is asked for, the part that is of a team or of a release.

use std::collections::BTreeSet;

use crate::identifiers::{Label, Service};
use crate::ledger::figures::Figures;
use crate::settings::{Names, Settings};

/// A part of what is asked for; all of it where neither is named. A failure in it is restored by whatever restored it,
/// also by what is in another part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Only of services of this team.
    pub team: Option<Team>,
    /// Only of this release.
    pub release: Option<Label>,
}

impl Part {
    /// Whether a deployment or an incident is in it.
    #[must_use]
    pub fn includes(&self, figures: &Figures) -> bool {
        self.team.as_ref().is_none_or(|team| team.services.contains(&figures.service))
            && self.release.as_ref().is_none_or(|release| figures.release.as_ref() == Some(release))
    }
}

/// A team, with the names of its services.
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    /// What the settings call it.
    pub name: Label,
    services: BTreeSet<Service>,
}

impl Team {
    /// The team that settings call so. It has no service where they say of none that it is theirs.
    #[must_use]
    pub fn named(name: Label, settings: &Settings, names: &Names) -> Self {
        let of_it = settings.services.iter().filter(|service| service.team.as_ref() == Some(&name));
        let services = of_it.flat_map(|service| names.services.same(&service.name)).collect();
        Self { name, services }
    }
}
