//! What is live in a place.

use domain::identifiers::Identifier as _;
use domain::live::{Cell, Place};
use domain::{Environment, Service};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::keys::cell_key;

/// The cell of a place, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CellItem {
    pk: String,
    sk: String,
    /// What runs.
    #[serde(flatten)]
    pub cell: Cell,
    /// How often it was written.
    pub revision: u64,
}

impl CellItem {
    /// The attribute that a write checks: it counts the writes.
    pub const GUARD: &'static str = "revision";

    /// The item of a place, which follows the one of revision `read`.
    #[must_use]
    pub fn next(place: &Place, cell: Cell, read: Option<u64>) -> Self {
        let key = cell_key(place);
        Self { pk: key.partition, sk: key.sort, cell, revision: read.unwrap_or(0) + 1 }
    }

    /// The place, which is in this environment.
    ///
    /// # Errors
    /// When the sort key is no service.
    pub fn place(&self, environment: &Environment) -> Result<Place, StoreError> {
        let service = Service::from_key_part(&self.sk).map_err(|e| StoreError::unreadable("cell", e))?;
        Ok(Place { environment: environment.clone(), service })
    }
}
