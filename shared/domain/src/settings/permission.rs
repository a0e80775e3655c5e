//! Who may do what. Today that is one thing: to go on although a gate denied.

use wildmatch::WildMatch;

use super::Names;
use crate::fields::{Fields, Unknown, kind};
use crate::identifiers::Label;
use crate::{Environment, Service};

/// What can be allowed.
const RIGHTS: [&str; 1] = ["override"];
/// What will be: whoever writes it today would rely on what nothing checks.
const LATER: [&str; 5] = ["report", "record", "declare", "settings", "read"];

/// That a sender may override gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Whose: a pattern of the authenticated sender, in which `*` stands for any text.
    pub who: Label,
    /// Where; everywhere, where none is named.
    pub environments: Vec<Environment>,
    /// Of which services; of all, where none is named.
    pub services: Vec<Service>,
}

/// Who may override gates, by the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// Whether the settings have a list at all. Without one, whoever may report may override.
    pub are_listed: bool,
    /// The permissions.
    pub list: Vec<Permission>,
}

impl Permissions {
    /// Whether a sender may override the gate of an environment for a service. What an event does not name is none of
    /// those that a permission names.
    #[must_use]
    pub fn may_override(
        &self,
        sender: &str,
        environment: Option<&Environment>,
        service: Option<&Service>,
        names: &Names,
    ) -> bool {
        let among_environments = |named: &[Environment]| {
            let resolve = |name| names.environments.resolve(name);
            named.is_empty() || environment.is_some_and(|own| named.iter().any(|name| resolve(name) == resolve(own)))
        };
        let among_services = |named: &[Service]| {
            let resolve = |name| names.services.resolve(name);
            named.is_empty() || service.is_some_and(|own| named.iter().any(|name| resolve(name) == resolve(own)))
        };
        !self.are_listed
            || self.list.iter().any(|permission| {
                WildMatch::new(permission.who.as_str()).matches(sender)
                    && among_environments(&permission.environments)
                    && among_services(&permission.services)
            })
    }
}

/// Reads the permissions. Of those that an earlier version took, without using them, none is an override.
pub(super) fn read(from: &mut Fields<'_>, unknown: Unknown) -> Permissions {
    let mut permissions = Permissions::default();
    for (path, object) in from.objects("permissions") {
        permissions.are_listed = true;
        let mut permission = from.nested(&path, object);
        let who: Option<Label> = permission.identifier(&["who"]);
        if who.is_none() && !permission.has_error("who") {
            permission.wrong("who", "is required: a pattern of the sender, such as oidc:repo:acme/cart:*");
        }
        let may = permission.array("may");
        if may.is_empty() && !permission.has_error("may") {
            permission.wrong("may", format!("is required: an array of {}", RIGHTS.join(", ")));
        }
        for (index, right) in may.iter().enumerate() {
            let text = right.as_str();
            let is_later = text.is_some_and(|right| LATER.contains(&right));
            if text.is_some_and(|right| RIGHTS.contains(&right)) || is_later && unknown == Unknown::Ignored {
                continue;
            }
            let found = text.map_or_else(|| kind(right).to_owned(), |text| format!("{text:?}"));
            let detail = if is_later {
                format!("must be {}: {found} can't be restricted yet", RIGHTS.join(", "))
            } else {
                format!("must be {}, not {found}", RIGHTS.join(", "))
            };
            permission.wrong(&format!("may[{index}]"), detail);
        }
        let (environments, services) = (permission.identifiers("environments"), permission.identifiers("services"));
        permission.finish("known are who, may, environments and services");
        let overrides = may.iter().any(|right| right.as_str() == Some(RIGHTS[0]));
        if let Some(who) = who.filter(|_| overrides) {
            permissions.list.push(Permission { who, environments, services });
        }
    }
    permissions
}
