//! What the sender of an event called what is recorded under another name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Event, Name, Named};
use crate::identifiers::{Environment, Identifier as _, Service};
use crate::json;

/// What the sender of an event said in these fields, where rules or aliases gave them another value; null
/// where it said nothing. No sender can set it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said(BTreeMap<String, Option<String>>);

/// The names of a deployment that a name of this event stands for, and that it is recorded under instead from
/// then on: they were recorded before they were aliases. No sender can set it.
pub type Replaces = BTreeMap<Name, String>;

impl Said {
    /// Notes that the sender said this in `field`, where it is not what is recorded.
    pub fn note(&mut self, field: &str, said: Option<&str>, recorded: Option<&str>) {
        if said != recorded {
            self.0.insert(field.to_owned(), said.map(str::to_owned));
        }
    }

    /// Whether all is recorded as it was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Event {
    /// The canonical text of what the sender said, before rules and aliases: two deliveries of one event have
    /// the same one, whatever the settings were.
    ///
    /// # Errors
    /// Never for an event that was read, as with [`canonical`](Self::canonical).
    pub fn canonical_as_said(&self) -> Result<String, serde_json::Error> {
        let mut event = serde_json::to_value(self)?;
        if let Value::Object(fields) = &mut event {
            fields.remove("said");
            fields.remove("replaces");
            for (field, said) in &self.said.0 {
                match said {
                    Some(text) => fields.insert(field.clone(), text.as_str().into()),
                    None => fields.remove(field),
                };
            }
            let named = |name: &str| fields.get(name).and_then(Value::as_str);
            let named = Named {
                environment: named("environment").and_then(|name| Environment::parse(name).ok()),
                service: named("service").and_then(|name| Service::parse(name).ok()),
                ..Named::default()
            };
            if let Some(id) = self.history_of(&named) {
                fields.insert("deploymentId".to_owned(), id.as_str().into());
            }
        }
        json::canonical(&event)
    }
}
