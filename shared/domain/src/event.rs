//! What a pipeline reports: one event, read and checked, in this project's own terms.
//!
//! Its fields are in one `list`; each field's type says how it is read and described (`slot`).

use crate::identifiers::{DeploymentId, EventKey, Principal, Source};
use crate::{FieldError, Status, json};

mod alarm;
mod commits;
mod contradictions;
mod failure;
mod kind;
mod limits;
mod links;
mod list;
mod metrics;
mod observation;
mod outcome;
mod provisional;
mod read;
mod retirement;
mod said;
mod schema;
mod schema_pieces;
mod slot;
mod trigger;
mod verdict;

pub use alarm::{Alarm, AlarmState};
pub use commits::Commits;
pub use contradictions::OWN_SOURCE;
pub use failure::Failure;
pub use kind::Kind;
pub use limits::{Limits, not_in_future};
pub use links::is_https;
pub use list::{Event, Named};
pub use metrics::Metrics;
pub use outcome::{Reason, Verdict};
pub use provisional::Name;
pub use read::read;
pub use said::{Replaces, Said};
pub use schema::{schema, table};
use slot::Essentials;
pub use slot::Field;
pub use trigger::{Trigger, TriggerKind};

impl Event {
    /// An event that says no more than this; other fields are absent.
    #[must_use]
    pub fn new(source: Source, deployment_id: DeploymentId, kind: Kind, status: Status) -> Self {
        Self::initial(&Essentials { source, deployment_id, kind, status })
    }

    /// What of it contradicts itself, whoever made it.
    #[must_use]
    pub fn contradictions(&self) -> Vec<FieldError> {
        let found = contradictions::contradictions(self);
        found.into_iter().map(|(field, detail)| FieldError::new(field, detail)).collect()
    }

    /// The canonical text (RFC 8785) of what the sender said. A time that the sender left out is
    /// not part of it, so that a blind retry has the same text.
    ///
    /// # Errors
    /// Never for an event that [`read`] made; `serde_json`'s own signature allows for one.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        json::canonical(self)
    }

    /// The event's key where this producer sent it, given the hash of its [canonical text](Self::canonical).
    #[must_use]
    pub fn key(&self, producer: &Principal, payload_hash: &str) -> EventKey {
        match &self.event_id {
            Some(id) => EventKey::of_id(producer, &self.source, id),
            None => EventKey::of_content(producer, payload_hash),
        }
    }

    /// The key that it had before keys were of producers: what was recorded then stands under it.
    #[must_use]
    pub fn former_key(&self, payload_hash: &str) -> EventKey {
        match &self.event_id {
            Some(id) => EventKey::of_id_alone(&self.source, id),
            None => EventKey::of_content_alone(payload_hash),
        }
    }
}
