//! The last deployment to an environment that finished.

use serde::{Deserialize, Serialize};

use crate::identifiers::{DeploymentId, Version};
use crate::live::log::Entry;
use crate::{Status, Timestamp};

/// The last deployment to an environment that finished, with any result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastAttempt {
    /// The deployment.
    #[schemars(with = "String")]
    pub deployment_id: DeploymentId,
    /// Its version, if it is known.
    #[schemars(with = "Option<String>")]
    pub version: Option<Version>,
    /// The status in which it finished.
    pub status: Status,
    /// When it finished.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

impl LastAttempt {
    /// The last attempt, given the entries that changed what runs, newest first, and the newest that changed
    /// nothing.
    #[must_use]
    pub fn of_newest(landings: &[Entry], miss: Option<&Entry>) -> Option<Self> {
        landings.iter().find(|entry| entry.effect.is_attempt()).max(miss).map(Self::from)
    }
}

impl From<&Entry> for LastAttempt {
    fn from(entry: &Entry) -> Self {
        Self {
            deployment_id: entry.deployment_id.clone(),
            version: entry.version.clone(),
            status: entry.effect.status(),
            at: entry.at,
        }
    }
}
