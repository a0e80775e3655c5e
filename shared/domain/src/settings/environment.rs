//! What settings say of an environment.

use super::health;
use crate::Environment;
use crate::fields::Fields;

/// What settings say of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentSettings {
    /// Its name.
    pub name: Environment,
    /// What it is also called.
    pub aliases: Vec<Environment>,
    /// Whether it is production.
    pub production: bool,
}

/// The longest time that can be asked for, in days.
pub(super) const DAYS: f64 = 36_500.0;

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
        one.whole_number(&["staleAfterDays"], 1.0, DAYS);
        gate(&mut one, &environments);
        health::read(&mut one);
        one.finish(
            "known are name, aliases, production, gate, staleAfterDays, health, rollbackCommand and autoRollback",
        );
        environments.extend(name.map(|name| (path, EnvironmentSettings { name, aliases, production })));
    }
    environments
}

/// What must hold before something may go to an environment. `before` are those that stand before it.
fn gate(from: &mut Fields<'_>, before: &[(String, EnvironmentSettings)]) {
    let Some((path, object)) = from.object(&["gate"]) else { return };
    let mut gate = from.nested(path, object);
    let proven_in: Option<Environment> = gate.identifier(&["provenIn"]);
    if proven_in.is_some_and(|name| before.iter().all(|(_, environment)| environment.name != name)) {
        gate.wrong("provenIn", "must be the name of an environment that stands before this one");
    }
    gate.whole_number(&["soakMinutes"], 0.0, DAYS * 24.0 * 60.0);
    for name in ["notBad", "nothingActive", "freeze", "releaseComplete"] {
        gate.flag(&[name]);
    }
    gate.finish("known are provenIn, soakMinutes, notBad, nothingActive, freeze and releaseComplete");
}
