//! A line of the log of what was observed.

use domain::ledger::observed::Observed;
use serde::{Deserialize, Serialize};

use crate::keys::Key;
use crate::keys::observed::observed_key;
use crate::{Item, StoreError};

/// A line as it is stored: a text, like a cell, since nothing is looked for in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedItem {
    #[serde(flatten)]
    key: Key,
    observed: String,
}

impl ObservedItem {
    /// The item of an observation.
    ///
    /// # Errors
    /// When it has no JSON.
    pub fn new(observed: &Observed) -> Result<Self, StoreError> {
        let text = serde_json::to_string(observed).map_err(|error| StoreError::unreadable("observed", error))?;
        Ok(Self { key: observed_key(observed), observed: text })
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The observation of an item.
    ///
    /// # Errors
    /// When it is not one that we wrote.
    pub fn observed(item: Item) -> Result<Observed, StoreError> {
        let item: Self = super::from_item(item)?;
        serde_json::from_str(&item.observed).map_err(|error| StoreError::unreadable("observed", error))
    }
}
