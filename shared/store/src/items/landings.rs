//! When something landed in a place first.

use domain::live::{Landings, Place, ThingKey};
use serde::{Deserialize, Serialize};

use crate::keys::{landings_key, landings_partition};

/// Landings as they are stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LandingsItem {
    pk: String,
    sk: String,
    /// The landings.
    #[serde(flatten)]
    pub landings: Landings,
    /// How often they were written.
    pub revision: u64,
}

impl LandingsItem {
    /// The attribute that a write checks: it counts the writes.
    pub const GUARD: &'static str = "revision";

    /// The item of something in a place, which follows the one of revision `read`.
    #[must_use]
    pub fn next(place: &Place, key: &ThingKey, landings: Landings, read: Option<u64>) -> Self {
        Self::at(place, landings_key(place, key).sort, landings, read)
    }

    /// The item under this sort key, which is that of the thing.
    #[must_use]
    pub fn at(place: &Place, sort: String, landings: Landings, read: Option<u64>) -> Self {
        Self { pk: landings_partition(place), sk: sort, landings, revision: read.unwrap_or(0) + 1 }
    }

    /// The sort key.
    #[must_use]
    pub fn sort(&self) -> &str {
        &self.sk
    }
}
