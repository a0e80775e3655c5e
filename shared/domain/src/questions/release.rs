//! A release in an environment: which of its services are in place, and why the others are not.
//!
//! What is [expected](Expected) is declared, or follows from the deployments that name the release. How each service
//! stands is told by what runs [here](Here), what landed here first, and what was attempted last.

use serde::{Deserialize, Serialize};

use crate::live::Live;
use crate::live::last_attempt::LastAttempt;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::{DeploymentId, Status};

mod expected;

#[cfg(test)]
mod tests;

pub use expected::{Expected, declared, implied, landed_at};

/// How a service of a release stands in an environment; of several that fit, the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseState {
    /// It landed with the release in an environment before this one, and nothing of the release did in this one.
    Skipped,
    /// What is expected runs.
    InPlace,
    /// A deployment of what is expected is active.
    Deploying,
    /// The last attempt here was one of what is expected, and failed or was rolled back.
    Failed,
    /// What runs first landed here after what is expected did.
    Newer,
    /// The service never landed here.
    NeverDeployed,
    /// Something else runs, or nothing any more.
    Older,
}

impl ReleaseState {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "SKIPPED",
            Self::InPlace => "IN_PLACE",
            Self::Deploying => "DEPLOYING",
            Self::Failed => "FAILED",
            Self::Newer => "NEWER",
            Self::NeverDeployed => "NEVER_DEPLOYED",
            Self::Older => "OLDER",
        }
    }

    /// Whether the release needs nothing more of this service: what is expected, or what came after it, is here.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::InPlace | Self::Newer)
    }
}

/// What runs in a part of a place, and when it and what is expected landed there first.
#[derive(Debug, Clone, Default)]
pub struct InPart {
    /// What runs.
    pub live: Live,
    /// When that landed first.
    pub first: Option<LogKey>,
    /// When what is expected did; none where it never did.
    pub expected_first: Option<LogKey>,
}

/// What is known of a service in the environment.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// Each part in which anything runs: all of the place, or, where regions disagree, each of them.
    pub parts: Vec<InPart>,
    /// Whether anything of the service ever landed here.
    pub landed: bool,
    /// The deployments of the place that are active, each with what it brings.
    pub active: Vec<(DeploymentId, Thing)>,
    /// The last attempt that ended.
    pub last: Option<LastAttempt>,
}

impl Expected {
    /// How the service stands.
    #[must_use]
    pub fn state(&self, here: &Here) -> ReleaseState {
        let every = |holds: &dyn Fn(&InPart) -> bool| !here.parts.is_empty() && here.parts.iter().all(holds);
        let in_place = |part: &InPart| Thing::from(&part.live).is_same(&self.thing);
        let newer = |part: &InPart| part.expected_first.is_some() && part.first > part.expected_first;
        let of_this = |(id, thing): &(DeploymentId, Thing)| self.deployments.contains(id) || thing.is_same(&self.thing);
        if self.skipped {
            ReleaseState::Skipped
        } else if every(&in_place) {
            ReleaseState::InPlace
        } else if here.active.iter().any(of_this) {
            ReleaseState::Deploying
        } else if here.last.as_ref().is_some_and(|last| self.failed(last)) {
            ReleaseState::Failed
        } else if every(&|part| in_place(part) || newer(part)) {
            ReleaseState::Newer
        } else if !here.landed {
            ReleaseState::NeverDeployed
        } else {
            ReleaseState::Older
        }
    }

    /// Whether this attempt was one of what is expected, and came to nothing.
    fn failed(&self, last: &LastAttempt) -> bool {
        let of_this = self.deployments.contains(&last.deployment_id)
            || (last.version.is_some() && last.version == self.thing.version);
        of_this && matches!(last.status, Status::Failed | Status::RolledBack)
    }
}

/// Whether a release with services in these states is complete; not if it has none, or was not read to its end.
#[must_use]
pub fn is_complete(states: impl IntoIterator<Item = ReleaseState>, more: bool) -> bool {
    let mut states = states.into_iter().peekable();
    !more && states.peek().is_some() && states.all(ReleaseState::is_done)
}
