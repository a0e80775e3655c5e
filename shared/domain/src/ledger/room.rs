//! How much one history may hold, and what is refused beyond that.

use crate::event::{Event, Kind};
use crate::ledger::recording::State;

/// How many events of progress one deployment may have. The bound lets its history be read whole, in the
/// order of its sequence, without an index that each write would pay for.
pub const EVENTS_OF_PROGRESS: u64 = 1000;

/// How many events one deployment may have: beyond those of progress, events that end it or begin a new
/// attempt. So the end of a deployment that reports much is still recorded.
pub const EVENTS_PER_DEPLOYMENT: u64 = EVENTS_OF_PROGRESS + 200;

/// An event that there is no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// The deployment has as many events as one may have.
    #[error("the deployment already has {EVENTS_PER_DEPLOYMENT} events, the maximum")]
    Events,
    /// The environment was retired as often as one may be.
    #[error("the environment was already retired {EVENTS_PER_DEPLOYMENT} times, the maximum; give it another name")]
    Retirements,
    /// As much was observed of the deployment, or of the place in this hour, as can be.
    #[error(
        "there are already {EVENTS_PER_DEPLOYMENT} observations of this deployment, or of this place in this hour, the maximum; send fewer"
    )]
    Observations,
    /// The service has as many verdicts as one may have, or no more fit into one item.
    #[error("the service already has as many verdicts as one may have")]
    Verdicts,
    /// The deployment has as many events as one may have, unless they end it or begin a new attempt.
    #[error(
        "the deployment already has {EVENTS_OF_PROGRESS} events, the maximum; only events that end it or begin a new attempt are still recorded"
    )]
    Progress,
    /// All that is known of the deployment would no longer fit into one item: it has ended very often.
    #[error("the deployment has finished too often, so there is no room for another event")]
    Size,
    /// The event corrects what is known of more endings than can be corrected at once: it names, too
    /// late, the service, environment or version of a deployment that ended very often.
    #[error("the deployment has finished too often, so its service, environment or version can't be changed any more")]
    Corrections,
    /// The event names a region, and its service has as many in its environment as one may have.
    #[error("the service already has {REGIONS_PER_PLACE} regions in this environment, the maximum")]
    Regions,
}

impl NoRoom {
    /// The field that is to blame.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Events | Self::Progress | Self::Size | Self::Corrections => "deploymentId",
            Self::Regions => "region",
            Self::Retirements => "environment",
            Self::Verdicts => "service",
            Self::Observations => "occurredAt",
        }
    }
}

/// In how many regions of an environment a service may be: a cell keeps what runs in each.
pub const REGIONS_PER_PLACE: usize = 64;

/// Whether a deployment in this state can have one more event.
///
/// # Errors
/// [`NoRoom`] when it has as many as one may have.
pub fn has_room(state: &State, event: &Event) -> Result<(), NoRoom> {
    let sequence = state.sequence + 1;
    if sequence > EVENTS_PER_DEPLOYMENT {
        return Err(match event.kind {
            Kind::Retirement => NoRoom::Retirements,
            Kind::Verdict => NoRoom::Verdicts,
            Kind::Observation => NoRoom::Observations,
            _ => NoRoom::Events,
        });
    }
    let ends = !matches!(event.kind, Kind::Stage | Kind::Note) && event.status.is_terminal();
    let begins_attempt = state.summary.attempts.keys().max().is_none_or(|latest| event.attempt > *latest);
    if sequence > EVENTS_OF_PROGRESS && !ends && !begins_attempt { Err(NoRoom::Progress) } else { Ok(()) }
}
