//! The lines of an export.

use serde::{Deserialize, Serialize};

use crate::anchors::{CLOSED_AFTER_MILLIS, ChainEntry};
use crate::event::Event;
use crate::identifiers::{DeploymentId, Environment, EventKey};
use crate::json;
use crate::ledger::received::Received;
use crate::ledger::recording::Record;
use crate::settings::version::Version;
use crate::{Retention, Timestamp};

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// What the export is.
    Header {
        /// That.
        export: Header,
    },
    /// An event.
    Event(Box<EventLine>),
    /// A version of the settings, or of the declaration of a release.
    Version(Box<VersionLine>),
}

/// What an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Events that were recorded from this time on.
    pub since: Timestamp,
    /// Events that were recorded up to this time, that included.
    pub until: Timestamp,
    /// Until when it is sure that nothing is missing: what is recorded can take a while to be committed.
    pub complete_until: Timestamp,
    /// Of deployments to this environment only; null for everything.
    pub environment: Option<Environment>,
    /// When it was made.
    pub made_at: Timestamp,
    /// How many days history is kept; 0 for ever.
    pub retention_days: u32,
}

/// An event, with all that its hash covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventLine {
    /// What its chain is of, as anchors name it.
    pub subject: String,
    /// The deployment, or what else it is of.
    pub deployment_id: DeploymentId,
    /// Its number within its chain, from 1.
    pub sequence: u64,
    /// Its key.
    pub event_key: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who sent it.
    pub producer: String,
    /// The hash of the event before; empty for the first.
    pub previous_hash: String,
    /// When the event before was recorded; null for the first.
    pub previous_recorded_at: Option<Timestamp>,
    /// SHA-256 of the payload.
    pub payload_hash: String,
    /// Its hash.
    pub hash: String,
    /// What it says: the canonical text (RFC 8785) over which the hash is.
    pub payload: String,
}

/// A version of a document, with all that its hash covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VersionLine {
    /// What its chain is of, as anchors name it.
    pub subject: String,
    /// Its number, from 1.
    pub number: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who applied it.
    pub recorded_by: String,
    /// The hash of the version before; empty for the first.
    pub previous_hash: String,
    /// Its hash.
    pub hash: String,
    /// The document: the canonical text (RFC 8785) over which the hash is.
    pub document: String,
}

impl Header {
    /// The header of an export that is made at a time.
    #[must_use]
    pub fn new(
        (since, until): (Timestamp, Timestamp),
        environment: Option<Environment>,
        retention: Retention,
        made_at: Timestamp,
    ) -> Self {
        let complete_until = until.min(made_at.plus_millis(-CLOSED_AFTER_MILLIS));
        Self { since, until, complete_until, environment, made_at, retention_days: retention.days() }
    }

    /// Whether an event that was recorded then belongs into it.
    #[must_use]
    pub fn has(&self, recorded_at: Timestamp) -> bool {
        (self.since..=self.until).contains(&recorded_at)
    }
}

impl EventLine {
    /// The line of a record in the chain of this subject.
    #[must_use]
    pub fn new(subject: String, record: &Record) -> Self {
        let received = &record.received;
        Self {
            subject,
            deployment_id: record.deployment_id().clone(),
            sequence: record.sequence,
            event_key: received.key.as_str().to_owned(),
            occurred_at: received.occurred_at,
            recorded_at: record.recorded_at,
            producer: received.producer.clone(),
            previous_hash: record.previous_hash.clone(),
            previous_recorded_at: record.previous_recorded_at,
            payload_hash: received.payload_hash.clone(),
            hash: record.hash.clone(),
            payload: received.payload.clone(),
        }
    }

    /// What was received; none where the payload is no event.
    pub(super) fn received(&self) -> Option<Received> {
        let event: Event = serde_json::from_str(&self.payload).ok()?;
        Some(Received::kept(
            event,
            (self.payload.clone(), self.payload_hash.clone()),
            EventKey::stored(&self.event_key),
            self.occurred_at,
            self.producer.clone(),
        ))
    }

    pub(super) fn entry(&self) -> ChainEntry {
        ChainEntry { sequence: self.sequence, recorded_at: self.recorded_at, hash: self.hash.clone() }
    }
}

impl VersionLine {
    /// The line of a version in the chain of this subject.
    #[must_use]
    pub fn new(subject: String, version: &Version) -> Self {
        Self {
            subject,
            number: version.number,
            recorded_at: version.recorded_at,
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
            document: version.document.clone(),
        }
    }

    pub(super) fn version(&self) -> Version {
        Version {
            number: self.number,
            document: self.document.clone(),
            recorded_at: self.recorded_at,
            recorded_by: self.recorded_by.clone(),
            previous_hash: self.previous_hash.clone(),
            hash: self.hash.clone(),
        }
    }

    pub(super) fn entry(&self) -> ChainEntry {
        ChainEntry { sequence: self.number, recorded_at: self.recorded_at, hash: self.hash.clone() }
    }
}

impl Line {
    /// When it was recorded, and which of its chain it is: the order of the lines of an export.
    #[must_use]
    pub fn position(&self) -> (Timestamp, &str, u64) {
        match self {
            Self::Header { .. } => (Timestamp::MIN, "", 0),
            Self::Event(line) => (line.recorded_at, &line.subject, line.sequence),
            Self::Version(line) => (line.recorded_at, &line.subject, line.number),
        }
    }

    /// Its text, without an end of line.
    #[must_use]
    pub fn text(&self) -> String {
        // A line of texts, numbers and times always has a canonical text.
        json::canonical(self).unwrap_or_default()
    }
}
