//! That a deployment was rolled back, or failed after it had completed.

use domain::live::{Entry, Place};
use domain::{Environment, Service};
use serde::{Deserialize, Serialize};

use crate::keys::Key;

/// What undid a thing, as it is stored: once for each key by which it is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoneItem {
    pk: String,
    sk: String,
    service: Service,
    environment: Environment,
    /// The entry of the log that says so.
    pub entry: Entry,
}

impl UndoneItem {
    /// The item under this key, of an entry in the log of a place.
    #[must_use]
    pub fn new(place: &Place, Key { partition, sort }: Key, entry: Entry) -> Self {
        Self { pk: partition, sk: sort, service: place.service.clone(), environment: place.environment.clone(), entry }
    }

    /// The sort key.
    #[must_use]
    pub fn sort(&self) -> &str {
        &self.sk
    }

    /// Where it was undone.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { environment: self.environment.clone(), service: self.service.clone() }
    }
}
