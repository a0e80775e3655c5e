//! Who may do what: go on although a gate denied; and, where people log in, read and record.

use wildmatch::WildMatch;

use super::Names;
use crate::fields::{Fields, Unknown, kind};
use crate::identifiers::Label;
use crate::{Environment, Service};

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Going on although a gate denied.
    Override,
    /// Recording what a person enters, on pages.
    Record,
    /// Reading pages.
    Read,
}

/// What will be: whoever writes it today would rely on what nothing checks.
const LATER: [&str; 3] = ["report", "declare", "settings"];

/// That someone may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// What.
    pub may: Vec<Right>,
    /// Whose: a pattern of the authenticated sender, in which `*` stands for any text.
    pub who: Label,
    /// Where; everywhere, where none is named.
    pub environments: Vec<Environment>,
    /// Of which services; of all, where none is named.
    pub services: Vec<Service>,
}

/// Who may do what, by the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// Whether the settings have a list at all. Without one, whoever may report may override, and whoever logs in may
    /// read and record.
    pub are_listed: bool,
    /// The permissions.
    pub list: Vec<Permission>,
}

impl Right {
    const ALL: [Self; 3] = [Self::Override, Self::Record, Self::Read];

    /// As the settings say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Record => "record",
            Self::Read => "read",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }

    /// Whether it can be allowed for some environments or services only. Who logs in is told once what they may, of
    /// the whole installation.
    fn has_places(self) -> bool {
        self == Self::Override
    }
}

impl Permissions {
    /// Whether someone may do something in the whole installation, whom permissions can name by any of these names.
    #[must_use]
    pub fn may(&self, right: Right, names: &[String]) -> bool {
        let is_named = |who: &Label| names.iter().any(|name| WildMatch::new(who.as_str()).matches(name));
        let everywhere = |permission: &Permission| permission.environments.is_empty() && permission.services.is_empty();
        !self.are_listed
            || self.list.iter().any(|one| one.may.contains(&right) && everywhere(one) && is_named(&one.who))
    }

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
                permission.may.contains(&Right::Override)
                    && WildMatch::new(permission.who.as_str()).matches(sender)
                    && among_environments(&permission.environments)
                    && among_services(&permission.services)
            })
    }
}

/// Reads the permissions. A right that an earlier version took, without using it, is left out.
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
            permission.wrong("may", format!("is required: an array of {}", known()));
        }
        let mut rights = Vec::new();
        for (index, right) in may.iter().enumerate() {
            let text = right.as_str();
            if let Some(right) = text.and_then(Right::of) {
                rights.push((index, right));
                continue;
            }
            let is_later = text.is_some_and(|right| LATER.contains(&right));
            if is_later && unknown == Unknown::Ignored {
                continue;
            }
            let found = text.map_or_else(|| kind(right).to_owned(), |text| format!("{text:?}"));
            let detail = if is_later {
                format!("must be one of {}: {found} can't be restricted yet", known())
            } else {
                format!("must be one of {}, not {found}", known())
            };
            permission.wrong(&format!("may[{index}]"), detail);
        }
        let (environments, services) = (permission.identifiers("environments"), permission.identifiers("services"));
        let is_limited = !environments.is_empty() || !services.is_empty();
        for (index, right) in rights.iter().filter(|(_, right)| is_limited && !right.has_places()) {
            if unknown == Unknown::Refused {
                let detail = format!(
                    "{:?} can't be limited to environments or services; give it in an entry of its own, without them",
                    right.word()
                );
                permission.wrong(&format!("may[{index}]"), detail);
            }
        }
        permission.finish("known are who, may, environments and services");
        let may: Vec<Right> = rights.into_iter().map(|(_, right)| right).collect();
        if let Some(who) = who.filter(|_| !may.is_empty()) {
            permissions.list.push(Permission { may, who, environments, services });
        }
    }
    permissions
}

fn known() -> String {
    Right::ALL.map(Right::word).join(", ")
}
