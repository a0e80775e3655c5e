//! What settings say of an environment.

use super::bounds::DAYS;
use super::gate::{self, GateSettings};
use super::health::{self, HealthSettings};
use crate::Environment;
use crate::fields::Fields;

/// What settings say of an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentSettings {
    /// Its name.
    pub name: Environment,
    /// What it is also called.
    pub aliases: Vec<Environment>,
    /// Whether it is production.
    pub production: bool,
    /// What must hold before something may go there.
    pub gate: GateSettings,
    /// After how many days what is live there is stale; none where it never is.
    pub stale_after_days: Option<u32>,
    /// What tells good from bad there.
    pub health: HealthSettings,
    /// Whether what is suggested there is also sent to whoever carries it out.
    pub auto_rollback: bool,
}

/// The environments, in their order, each with where it stands.
pub(super) fn read(from: &mut Fields<'_>) -> Vec<(String, EnvironmentSettings)> {
    let mut environments: Vec<(String, EnvironmentSettings)> = Vec::new();
    for (path, object) in from.objects("environments") {
        let mut one = from.nested(&path, object);
        let name: Option<Environment> = one.identifier(&["name"]);
        if name.is_none() && !one.has_error("name") {
            one.wrong("name", "is required: the environment that this is about");
        }
        let aliases = one.identifiers("aliases");
        let production = one.flag(&["production"]).unwrap_or_default();
        let stale_after_days = one.count(&["staleAfterDays"], 1.0, DAYS);
        let gate = gate::read(&mut one, environments.iter().map(|(_, before)| &before.name));
        let health = health::read(&mut one);
        let auto_rollback = one.flag(&["autoRollback"]).unwrap_or_default();
        one.finish(
            "known are name, aliases, production, gate, staleAfterDays, health, rollbackCommand and autoRollback",
        );
        environments.extend(name.map(|name| {
            let environment =
                EnvironmentSettings { name, aliases, production, gate, stale_after_days, health, auto_rollback };
            (path, environment)
        }));
    }
    environments
}
