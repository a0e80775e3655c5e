//! A note that people were told that a deployment stalled.

use domain::follows::stuck::Told;
use serde::{Deserialize, Serialize};

use crate::keys::stalled_key;

/// The note, as it is stored until the deployment goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StalledItem {
    pk: String,
    sk: String,
    /// Who was told of what.
    #[serde(flatten)]
    pub told: Told,
}

impl StalledItem {
    /// The item of a note.
    #[must_use]
    pub fn of(told: Told) -> Self {
        let key = stalled_key(&told.deployment_id);
        Self { pk: key.partition, sk: key.sort, told }
    }
}
