//! Other names of environments and services: what a sender calls `Prod` is `production`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Environment, Service};

/// What the names of environments and services mean. The default has no alias: each name is its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Environments.
    pub environments: Aliases<Environment>,
    /// Services.
    pub services: Aliases<Service>,
}

/// The names that each alias stands for. No name is an alias, and no alias is that of two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aliases<T>(BTreeMap<T, T>);

impl Names {
    /// All of them as one text: another one where any name means something else.
    #[must_use]
    pub fn text(&self) -> String {
        let environments = self.environments.0.iter().map(|(alias, name)| [alias.as_str(), name.as_str()]);
        let services = self.services.0.iter().map(|(alias, name)| [alias.as_str(), name.as_str()]);
        serde_json::json!([environments.collect::<Vec<_>>(), services.collect::<Vec<_>>()]).to_string()
    }
}

impl<T> Default for Aliases<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord + Clone> Aliases<T> {
    /// The aliases of these names.
    pub(super) fn of<'a>(names: impl Iterator<Item = (&'a T, &'a [T])>) -> Self
    where
        T: 'a,
    {
        let aliases = names.flat_map(|(name, aliases)| aliases.iter().map(|alias| (alias.clone(), name.clone())));
        Self(aliases.collect())
    }

    /// The name that `name` stands for: its own, unless it is an alias.
    pub fn resolve<'a>(&'a self, name: &'a T) -> &'a T {
        self.0.get(name).unwrap_or(name)
    }

    /// All names that stand for the same as `name`, itself included.
    #[must_use]
    pub fn same(&self, name: &T) -> BTreeSet<T> {
        let resolved = self.resolve(name);
        let aliases = self.0.iter().filter(|(_, other)| *other == resolved).map(|(alias, _)| alias);
        aliases.chain([name, resolved]).cloned().collect()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
