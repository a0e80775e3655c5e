//! The end of a deployment that nobody reports: it was overtaken, or never heard of again.
//!
//! What is concluded is recorded as an event of this system's own, so that it has its place in the history
//! like all else. It ranks below each ending that a tool reports, whenever that says it was.

use std::time::Duration;

use crate::event::{Event, Failure, Kind, OWN_SOURCE};
use crate::follows::stuck::silent_since;
use crate::identifiers::{EventId, Identifier as _, Source};
use crate::ledger::received::Received;
use crate::ledger::recording::State;
use crate::live::{Effect, Entry};
use crate::{DeploymentId, FieldError, Status, Timestamp};

/// How long a deployment is waited for of which nothing is reported, by the days that settings say.
#[must_use]
pub fn abandoned_after(days: u32) -> Duration {
    Duration::from_hours(24 * u64::from(days))
}

/// Why a deployment is over of which no end was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// A later deployment of its place completed meanwhile: this one.
    Superseded(DeploymentId),
    /// Nothing was reported of it for [so long](abandoned_after).
    Abandoned,
}

/// The landings of a place that can have overtaken a deployment since it fell silent, newest first.
pub fn overtaking<'a>(silent: &State, landings: &'a [Entry]) -> impl Iterator<Item = &'a DeploymentId> {
    let (id, since) = (silent.summary.deployment_id.clone(), silent.summary.updated_at);
    let later = landings.iter().filter(move |entry| entry.effect == Effect::Completed && entry.at > since);
    later.map(|entry| &entry.deployment_id).filter(move |other| **other != id)
}

/// Whether a deployment that completed after `silent` fell silent overtook it: it was created later, and went
/// to the same region, or to all of them.
#[must_use]
pub fn overtook(completed: &State, silent: &State) -> bool {
    let (completed, silent) = (&completed.summary, &silent.summary);
    let region = completed.region();
    completed.created_at() > silent.created_at() && region.is_none_or(|region| silent.region() == Some(region))
}

/// Whether nothing was reported of a deployment for so long.
#[must_use]
pub fn is_abandoned(silent: &State, after: Duration, now: Timestamp) -> bool {
    silent.summary.updated_at <= silent_since(now, after)
}

/// The event that a silent deployment is over, concluded at `now`. It is the same one for as long as the
/// silence lasts, whatever is concluded of it.
///
/// # Errors
/// Never for a deployment; [`Received::new`] allows for one.
pub fn conclusion(silent: &State, why: &Silence, now: Timestamp) -> Result<Received, Vec<FieldError>> {
    let summary = &silent.summary;
    let text = |invalid: crate::identifiers::Invalid| vec![FieldError::new("", invalid.to_string())];
    let source = Source::parse(OWN_SOURCE).map_err(text)?;
    let mut event = Event::new(source, summary.deployment_id.clone(), Kind::Deployment, Status::Cancelled);
    // Of which only stages are known, it is of the first attempt: an ending of any attempt takes precedence.
    event.attempt = summary.outcome.as_ref().map_or(1, |outcome| outcome.order.attempt());
    event.occurred_at = Some(now);
    let id = format!("silent-{}-{}", event.attempt, summary.updated_at.millis());
    event.event_id = Some(EventId::parse(&id).map_err(text)?);
    let (code, message) = match why {
        Silence::Superseded(by) => {
            ("SUPERSEDED", format!("nothing was reported since {}, and {by} completed meanwhile", summary.updated_at))
        }
        Silence::Abandoned => ("ABANDONED", format!("nothing was reported since {}", summary.updated_at)),
    };
    event.error = Some(Failure { message: Some(message), code: Some(code.to_owned()) });
    Received::new(&event, now, OWN_SOURCE)
}
