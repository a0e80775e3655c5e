//! A notification that waits for its digest.

use domain::follows::digest::Held;
use serde::{Deserialize, Serialize};

use crate::keys::held_key;

/// A notification that waits for its digest, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldItem {
    pk: String,
    sk: String,
    /// The notification.
    #[serde(flatten)]
    pub held: Held,
}

impl HeldItem {
    /// The item of a notification.
    #[must_use]
    pub fn of(held: Held) -> Self {
        let key = held_key(&held);
        Self { pk: key.partition, sk: key.sort, held }
    }
}
