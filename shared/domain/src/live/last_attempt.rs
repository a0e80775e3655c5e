//! The last deployment to an environment that finished.

use serde::{Deserialize, Serialize};

use crate::identifiers::{DeploymentId, Version};
use crate::live::log::Entry;
use crate::live::log_key::LogKey;
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

/// An attempt that ended, by where it stands in the log: a later one is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Where its ending stands.
    pub ending: LogKey,
    /// Its version, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

impl Attempt {
    /// The attempt that ended so; none where an entry is no [end of one](crate::live::Effect::is_attempt), or is
    /// the end of the whole environment.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let attempt = Self { ending: LogKey::of(entry), version: entry.version.clone() };
        (entry.effect.is_attempt() && !entry.is_retirement()).then_some(attempt)
    }
}

impl From<Attempt> for LastAttempt {
    fn from(Attempt { ending, version }: Attempt) -> Self {
        Self { deployment_id: ending.deployment_id, version, status: ending.effect.status(), at: ending.moment.at }
    }
}
