//! Who may do what: report what programs see and record what people enter, where and of what; declare releases, go on
//! although a gate denied, apply settings, and read.

use std::collections::BTreeSet;

use super::{Aliases, Grant, Names, Scope};
use crate::fields::{Fields, Unknown, kind};
use crate::identifiers::Label;
use crate::pattern::Pattern;
use crate::{Environment, Service};

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Reporting what a program sees.
    Report,
    /// Recording what a person enters.
    Record,
    /// Declaring what belongs together in a release.
    Declare,
    /// Going on although a gate denied.
    Override,
    /// Applying settings.
    Settings,
    /// Reading pages.
    Read,
}

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
    /// Through which doors; through all, where none is named.
    pub doors: Vec<Label>,
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
    /// All of them, in the order in which messages name them.
    pub const ALL: [Self; 6] = [Self::Report, Self::Record, Self::Declare, Self::Override, Self::Settings, Self::Read];

    /// As the settings say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Record => "record",
            Self::Declare => "declare",
            Self::Override => "override",
            Self::Settings => "settings",
            Self::Read => "read",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }

    /// Whether it can be allowed for some environments, services or doors only.
    fn has_places(self) -> bool {
        !matches!(self, Self::Settings | Self::Read)
    }

    /// Whether a list that gives it to anyone says who may do what in all else too: earlier versions had no such right.
    fn is_of_whole_lists(self) -> bool {
        matches!(self, Self::Report | Self::Declare | Self::Settings)
    }
}

/// All names by which permissions may mean a sender: as it was authenticated; the subject of a token alone, which was
/// its name in earlier versions, unless it looks like anybody else's; and the groups that it is in.
#[must_use]
pub fn known_as(sender: &str, groups: &[String]) -> Vec<String> {
    const SCHEMES: [&str; 6] = ["arn:", "oidc:", "group:", "webhook:", "eventbridge:", "token:"];
    let alone = sender.strip_prefix("oidc:");
    let alone = alone.filter(|it| *it != "anonymous" && !SCHEMES.iter().any(|scheme| it.starts_with(scheme)));
    [Some(sender), alone].into_iter().flatten().map(str::to_owned).chain(groups.iter().cloned()).collect()
}

impl Permission {
    fn is_of(&self, right: Right, names: &[String]) -> bool {
        self.may.contains(&right) && self.named(names).is_some()
    }

    fn named<'a>(&self, names: &'a [String]) -> Option<&'a String> {
        let pattern = Pattern::new(self.who.as_str());
        names.iter().find(|name| pattern.matches(name))
    }

    fn is_limited(&self) -> bool {
        !self.environments.is_empty() || !self.services.is_empty() || !self.doors.is_empty()
    }

    fn scope(&self, names: &Names) -> Scope {
        fn all<T: Ord + Clone>(aliases: &Aliases<T>, named: &[T]) -> BTreeSet<T> {
            named.iter().flat_map(|name| [name.clone()].into_iter().chain(aliases.same(name))).collect()
        }
        Scope {
            environments: all(&names.environments, &self.environments),
            services: all(&names.services, &self.services),
        }
    }
}

impl Permissions {
    /// Whether they say of everything who may do it. A list of an earlier version, which knew of overriding, reading
    /// and recording on pages alone, says nothing of all else.
    #[must_use]
    pub fn are_whole(&self) -> bool {
        self.list.iter().any(|one| one.may.iter().any(|right| right.is_of_whole_lists()))
    }

    /// Whether a right is only of those to whom it is given.
    fn restrict(&self, right: Right) -> bool {
        match right {
            Right::Override | Right::Read => self.are_listed,
            Right::Report | Right::Declare | Right::Settings => self.are_whole(),
            Right::Record => {
                self.are_whole() || self.list.iter().any(|one| one.may.contains(&right) && one.is_limited())
            }
        }
    }

    /// Whether someone may do something anywhere, whom permissions can name by any of these names.
    #[must_use]
    pub fn may(&self, right: Right, names: &[String]) -> bool {
        let restricted = if right == Right::Record { self.are_listed } else { self.restrict(right) };
        !restricted || self.list.iter().any(|one| one.is_of(right, names))
    }

    /// Those of these names by which someone is given a right: of each permission one.
    #[must_use]
    pub fn named(&self, right: Right, names: &[String]) -> Vec<String> {
        let giving = self.list.iter().filter(|one| one.may.contains(&right));
        let meant: BTreeSet<&String> = giving.filter_map(|one| one.named(names)).collect();
        meant.into_iter().cloned().collect()
    }

    /// For what someone may do something through a door, whom permissions can name by any of these names.
    #[must_use]
    pub fn grant(&self, right: Right, who: &[String], door: &str, names: &Names) -> Grant {
        if !self.restrict(right) {
            return Grant::Everything;
        }
        let through = |one: &&Permission| one.doors.is_empty() || one.doors.iter().any(|own| own.as_str() == door);
        let giving: Vec<&Permission> = self.list.iter().filter(|one| one.is_of(right, who)).filter(through).collect();
        if giving.iter().any(|one| one.environments.is_empty() && one.services.is_empty()) {
            return Grant::Everything;
        }
        Grant::Within(giving.into_iter().map(|one| one.scope(names)).collect())
    }

    /// What is to be said of permissions that restrict nothing, or not all.
    #[must_use]
    pub fn finding(&self) -> Option<&'static str> {
        if self.are_whole() {
            return None;
        }
        Some(if self.are_listed {
            "No permission names report, declare or settings: whoever can call the system may report anything, declare \
             releases and apply settings"
        } else {
            "No permissions are listed: whoever can call the system may report anything, override gates, declare \
             releases and apply settings"
        })
    }
}

/// Reads the permissions.
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
            let found = text.map_or_else(|| kind(right).to_owned(), |text| format!("{text:?}"));
            permission.wrong(&format!("may[{index}]"), format!("must be one of {}, not {found}", known()));
        }
        let (environments, services) = (permission.identifiers("environments"), permission.identifiers("services"));
        let doors: Vec<Label> = permission.identifiers("doors");
        let is_limited = !environments.is_empty() || !services.is_empty() || !doors.is_empty();
        for (index, right) in rights.iter().filter(|(_, right)| is_limited && !right.has_places()) {
            if unknown == Unknown::Refused {
                let detail = format!(
                    "{:?} can't be limited to environments, services or doors; give it in an entry of its own, without them",
                    right.word()
                );
                permission.wrong(&format!("may[{index}]"), detail);
            }
        }
        permission.finish("known are who, may, environments, services and doors");
        // What can't be limited is not given where it is: a document of before can have it.
        let given = rights.into_iter().map(|(_, right)| right).filter(|right| !is_limited || right.has_places());
        let may: Vec<Right> = given.collect();
        if let Some(who) = who.filter(|_| !may.is_empty()) {
            permissions.list.push(Permission { may, who, environments, services, doors });
        }
    }
    permissions
}

fn known() -> String {
    Right::ALL.map(Right::word).join(", ")
}
