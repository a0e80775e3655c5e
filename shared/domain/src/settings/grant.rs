//! For what someone may do something: the places that permissions give them.

use std::collections::BTreeSet;

use crate::{Environment, Service};

/// For what someone may do something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Grant {
    /// For everything.
    #[default]
    Everything,
    /// For what any of these has; for nothing, where there are none.
    Within(Vec<Scope>),
}

/// The environments and services of a permission, with all names that stand for the same; each of them, where none is
/// named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The environments.
    pub environments: BTreeSet<Environment>,
    /// The services.
    pub services: BTreeSet<Service>,
}

impl Grant {
    /// Whether it is for nothing at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Within(scopes) if scopes.is_empty())
    }

    /// Whether it is for a place. What is not known of it is none of those that a permission names.
    #[must_use]
    pub fn admits(&self, environment: Option<&Environment>, service: Option<&Service>) -> bool {
        self.some(|scope| has(&scope.environments, environment, false) && has(&scope.services, service, false))
    }

    /// Whether it can be for a place of which not all need be known.
    #[must_use]
    pub fn may_admit(&self, environment: Option<&Environment>, service: Option<&Service>) -> bool {
        self.some(|scope| has(&scope.environments, environment, true) && has(&scope.services, service, true))
    }

    fn some(&self, admits: impl Fn(&Scope) -> bool) -> bool {
        match self {
            Self::Everything => true,
            Self::Within(scopes) => scopes.iter().any(admits),
        }
    }
}

fn has<T: Ord>(named: &BTreeSet<T>, own: Option<&T>, unknown: bool) -> bool {
    named.is_empty() || own.map_or(unknown, |own| named.contains(own))
}
