//! The settings of an installation: one document, of which each version is recorded.
//!
//! A document is checked as a whole when it is applied, all its fields included, and read again when it is
//! used. What is kept here is what is used; the rest of a document stays in its recorded text. Rules and custom
//! sources are read by the crate `formats`, which knows the tools that they are about.

mod admins;
mod aliases;
mod bounds;
mod environment;
mod freeze;
mod gate;
mod grant;
mod health;
mod in_use;
pub mod path;
mod permission;
mod read;
mod rollback_command;
mod service;
pub mod version;
mod wall;

pub use admins::{SettingsAdmins, WrongAdmin};
pub use aliases::{Aliases, Names};
pub use bounds::MetricBounds;
pub use environment::EnvironmentSettings;
pub use freeze::Freeze;
pub use gate::GateSettings;
pub use grant::{Grant, Scope};
pub use health::{HealthBounds, HealthSettings};
pub use in_use::SettingsInUse;
pub use path::Path;
pub use permission::{Permission, Permissions, Right, known_as};
pub use rollback_command::{Filled, Rollback, RollbackCommand};
pub use service::ServiceSettings;
pub use wall::Wall;

use crate::identifiers::{Identifier as _, Label};
use crate::pattern::Pattern;
use crate::{Environment, Service};

/// From when on an environment lags behind the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lagging {
    /// Beyond so many deployments.
    pub deployments: u32,
    /// Beyond so many days.
    pub days: u32,
}

impl Default for Lagging {
    fn default() -> Self {
        Self { deployments: 5, days: 14 }
    }
}

/// The settings that are used. The default is what holds where nothing was ever applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The environments, in the order of the promotion path.
    pub environments: Vec<EnvironmentSettings>,
    /// What is known of services.
    pub services: Vec<ServiceSettings>,
    /// Environments that come and go, as patterns in which `*` stands for any text.
    pub ephemeral: Vec<Label>,
    /// The times in which nothing is deployed.
    pub freezes: Vec<Freeze>,
    /// From when on an environment lags behind the one before it.
    pub lagging: Lagging,
    /// What tells good from bad, where nothing else is said of the environment or the service.
    pub health: HealthSettings,
    /// Who may do what.
    pub permissions: Permissions,
    /// The screens on walls that may read the matrix where people log in.
    pub walls: Vec<Wall>,
    /// After how many days without news a deployment that has not ended is given up.
    pub abandon_after_days: u32,
    /// For how many new sets of dimensions a day has metrics; beyond it they count under `other`.
    pub metrics_per_day: u32,
    /// For how many sets of dimensions there are metrics at once.
    pub metric_sets: u32,
    /// The services that have metrics of their own, as patterns in which `*` stands for any text.
    pub metrics_by_service: Vec<Label>,
}

impl Settings {
    /// The longest document, in bytes of its canonical text.
    pub const BYTES: usize = 256 * 1024;

    /// What the names of environments and services mean.
    #[must_use]
    pub fn names(&self) -> Names {
        Names {
            environments: Aliases::of(self.environments.iter().map(|entry| (&entry.name, entry.aliases.as_slice()))),
            services: Aliases::of(self.services.iter().map(|entry| (&entry.name, entry.aliases.as_slice()))),
        }
    }

    /// The order of environments.
    #[must_use]
    pub fn path(&self) -> Path {
        let names = |entry: &EnvironmentSettings| [&entry.name].into_iter().chain(&entry.aliases).cloned().collect();
        Path::new(self.environments.iter().map(names).collect(), &self.ephemeral)
    }

    /// Whether an environment is production: as the settings say; where they call none so, by its name.
    #[must_use]
    pub fn is_production(&self, environment: &Environment) -> bool {
        let mut production = self.environments.iter().filter(|entry| entry.production).peekable();
        if production.peek().is_none() {
            return Path::is_usual_production(environment);
        }
        production.any(|entry| entry.name == *environment)
    }

    /// The environments that these call production, under all of their names.
    #[must_use]
    pub fn production(&self) -> Vec<Environment> {
        let production = self.environments.iter().filter(|entry| entry.production);
        production.flat_map(|entry| [&entry.name].into_iter().chain(&entry.aliases)).cloned().collect()
    }

    /// What tells good from bad of a service in an environment, by the names that settings have: what is said of the
    /// service counts before what is said of the environment, and that before what is said of all.
    #[must_use]
    pub fn health_bounds(&self, environment: &Environment, service: &Service) -> HealthBounds {
        let of_environment = self.environment(environment).map(|entry| &entry.health);
        let of_service = self.services.iter().find(|entry| entry.name == *service).map(|entry| &entry.health);
        let said = [Some(&self.health), of_environment, of_service];
        said.into_iter().flatten().fold(HealthBounds::default(), HealthBounds::with)
    }

    /// The longest that anything is watched, and suspected, anywhere.
    #[must_use]
    pub fn longest_bounds(&self) -> HealthBounds {
        let of_environments = self.environments.iter().map(|entry| &entry.health);
        let of_services = self.services.iter().map(|entry| &entry.health);
        let said = std::iter::once(&self.health).chain(of_environments).chain(of_services);
        said.fold(HealthBounds::default(), HealthBounds::longer)
    }

    /// How an earlier version of a service is put back in an environment, by the names that settings have.
    #[must_use]
    pub fn rollback_command(&self, environment: &Environment, service: &Service) -> Option<&RollbackCommand> {
        let of_service = self.services.iter().find(|entry| entry.name == *service).map(|entry| &entry.health);
        let of_environment = self.environment(environment).map(|entry| &entry.health);
        let said = [of_service, of_environment, Some(&self.health)];
        said.into_iter().flatten().find_map(|said| said.rollback_command.as_ref())
    }

    /// Whether what is suggested in an environment is also sent to whoever carries it out.
    #[must_use]
    pub fn is_rolled_back_by_itself(&self, environment: &Environment) -> bool {
        self.environment(environment).is_some_and(|entry| entry.auto_rollback)
    }

    /// Whether a service has metrics of its own.
    #[must_use]
    pub fn has_metrics(&self, service: &Service) -> bool {
        self.metrics_by_service.iter().any(|pattern| Pattern::new(pattern.as_str()).matches(service.as_str()))
    }

    /// For how many sets of dimensions there are metrics.
    #[must_use]
    pub fn metric_bounds(&self) -> MetricBounds {
        let bound = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        MetricBounds { new_per_day: bound(self.metrics_per_day), at_once: bound(self.metric_sets) }
    }

    /// What settings say of an environment, by its name.
    #[must_use]
    pub fn environment(&self, name: &Environment) -> Option<&EnvironmentSettings> {
        self.environments.iter().find(|entry| entry.name == *name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        let ephemeral = path::USUALLY_EPHEMERAL.iter().filter_map(|pattern| Label::parse(pattern).ok());
        Self {
            environments: Vec::new(),
            services: Vec::new(),
            ephemeral: ephemeral.collect(),
            freezes: Vec::new(),
            lagging: Lagging::default(),
            health: HealthSettings::default(),
            permissions: Permissions::default(),
            walls: Vec::new(),
            abandon_after_days: 7,
            metrics_per_day: 500,
            metric_sets: 5000,
            metrics_by_service: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
