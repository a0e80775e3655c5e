//! What settings say of a service.

use super::health::{self, HealthSettings};
use crate::Service;
use crate::fields::Fields;
use crate::identifiers::Label;

/// What settings say of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceSettings {
    /// Its name.
    pub name: Service,
    /// What it is also called.
    pub aliases: Vec<Service>,
    /// Whose it is; the matrix has the services of a team together.
    pub team: Option<Label>,
    /// What it depends on.
    pub depends_on: Vec<Service>,
    /// What tells good from bad of it.
    pub health: HealthSettings,
}

/// The services, each with where it stands.
pub(super) fn read(from: &mut Fields<'_>) -> Vec<(String, ServiceSettings)> {
    let mut services = Vec::new();
    for (path, object) in from.objects("services") {
        let mut one = from.nested(&path, object);
        let name: Option<Service> = one.identifier(&["name"]);
        if name.is_none() && !one.has_error("name") {
            one.wrong("name", "is required: the service that this is about");
        }
        let aliases = one.identifiers("aliases");
        let team = one.identifier(&["team"]);
        let depends_on = one.identifiers("dependsOn");
        let health = health::read(&mut one);
        one.finish("known are name, aliases, team, dependsOn, health and rollbackCommand");
        services.extend(name.map(|name| (path, ServiceSettings { name, aliases, team, depends_on, health })));
    }
    services
}
