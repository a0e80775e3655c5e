//! Where an entry stands in a log.

use serde::{Deserialize, Serialize};

use crate::Moment;
use crate::identifiers::DeploymentId;
use crate::live::log::{Effect, Entry};

/// Where an entry stands in a log. A deployment has one entry for each time and effect; those that were
/// corrected stay beside it, each with the number of the record that corrected it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogKey {
    /// When the ending happened.
    #[serde(flatten)]
    pub moment: Moment,
    /// The deployment that ended.
    pub deployment_id: DeploymentId,
    /// What the ending did.
    pub effect: Effect,
    /// The number of the record that corrected it; none while it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<u64>,
}

impl LogKey {
    /// The key of an entry that holds.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let Entry { deployment_id, effect, .. } = entry;
        Self { moment: entry.moment(), deployment_id: deployment_id.clone(), effect: *effect, corrected_by: None }
    }

    /// The key of the same entry once the record of this number has corrected it.
    #[must_use]
    pub fn corrected(self, by_sequence: u64) -> Self {
        Self { corrected_by: Some(by_sequence), ..self }
    }
}
