//! When drift is looked for next.

use serde::{Deserialize, Serialize};

use crate::keys::drift_look_key;

/// When drift is looked for next, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftLookItem {
    pk: String,
    sk: String,
    /// When the next look is due, in milliseconds since 1970.
    pub due: i64,
    /// How many looks were made to their end.
    pub looks: u64,
    /// The number of this item: each change makes it one more.
    pub revision: u64,
}

impl DriftLookItem {
    /// The item that follows one, or the first.
    #[must_use]
    pub fn after(before: Option<&Self>, due: i64, looks: u64) -> Self {
        let key = drift_look_key();
        let revision = before.map_or(0, |before| before.revision) + 1;
        Self { pk: key.partition, sk: key.sort, due, looks, revision }
    }
}
