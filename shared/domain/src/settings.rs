//! The settings of an installation: one document, of which each version is recorded.
//!
//! A document is checked as a whole when it is applied, all its fields included, and read again when it is
//! used. What is kept here is what is used; the rest of a document stays in its recorded text. Rules and custom
//! sources are read by the crate `formats`, which knows the tools that they are about.

mod aliases;
mod environment;
mod freeze;
mod health;
mod permission;
mod read;
mod service;
pub mod version;

pub use aliases::{Aliases, Names};
pub use environment::EnvironmentSettings;
pub use service::ServiceSettings;

/// The settings that are used. The default is what holds where nothing was ever applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The environments, in the order of the promotion path.
    pub environments: Vec<EnvironmentSettings>,
    /// What is known of services.
    pub services: Vec<ServiceSettings>,
    /// After how many days without news a deployment that has not ended is given up.
    pub abandon_after_days: u32,
    /// For how many services in environments metrics are published on one day; beyond it, those of the
    /// environment alone.
    pub metrics_per_day: u32,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { environments: Vec::new(), services: Vec::new(), abandon_after_days: 7, metrics_per_day: 500 }
    }
}

#[cfg(test)]
mod tests;
