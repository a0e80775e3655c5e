//! Which names of an event are provisional: any other event's name beats these.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Named;
use super::slot::{Essentials, Slot};
use crate::fields::Fields;
use crate::{Environment, Service, Timestamp};

/// A name of a deployment that its source can correct later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    /// What is deployed.
    Service,
    /// Where it is deployed.
    Environment,
}

impl Name {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Service, Self::Environment];

    /// As the field is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Environment => "environment",
        }
    }
}

impl Named {
    /// The name of this kind, as a text.
    #[must_use]
    pub fn text(&self, name: Name) -> Option<&str> {
        match name {
            Name::Service => self.service.as_ref().map(Service::as_str),
            Name::Environment => self.environment.as_ref().map(Environment::as_str),
        }
    }
}

impl Slot for BTreeSet<Name> {
    const BOUNDS: &'static str = "an array of `service` and `environment`";

    fn schema() -> Value {
        json!({"type": "array", "items": {"enum": Name::ALL}})
    }

    fn initial(_: &Essentials) -> Self {
        Self::new()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let Some((field, value)) = from.take(names) else { return Some(Self::new()) };
        let read = value.as_array().and_then(|array| array.iter().map(name).collect());
        if read.is_none() {
            from.wrong(field, "must be an array of `service` and `environment`: names that another event can correct");
        }
        read
    }
}

fn name(value: &Value) -> Option<Name> {
    Name::ALL.into_iter().find(|name| value.as_str() == Some(name.as_str()))
}
