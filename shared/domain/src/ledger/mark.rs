//! What was said of a version of a service: that it is bad, or that it is no longer.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Reason, Verdict};
use crate::identifiers::{Commit, Environment, Version};
use crate::{EventKey, Moment};

/// A verdict, as it is kept with all others of its service. The earliest is the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// When it was judged.
    #[serde(flatten)]
    pub moment: Moment,
    /// The event's key.
    pub key: EventKey,
    /// What is said.
    pub outcome: Verdict,
    /// Of which version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Of which commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Where; none where it is said of everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Why.
    pub reason: Reason,
    /// Who says so: the actor whom the event names, else its sender.
    pub by: String,
}

impl Mark {
    /// The verdict that this event is, which counts from a moment on; none where it is another event.
    #[must_use]
    pub fn of(event: &Event, key: &EventKey, producer: &str, moment: Moment) -> Option<Self> {
        let actor = event.named.triggered_by.as_ref().and_then(|trigger| trigger.actor.clone());
        Some(Self {
            moment,
            key: key.clone(),
            outcome: event.verdict?,
            version: event.named.version.clone(),
            commit: event.named.commit.clone(),
            environment: event.named.environment.clone(),
            reason: event.reason.clone()?,
            by: actor.filter(|actor| !actor.trim().is_empty()).unwrap_or_else(|| producer.to_owned()),
        })
    }
}
