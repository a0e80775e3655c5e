use serde::{Deserialize, Serialize};
use serde_json::Value;

use domain::ledger::recording::Record;

/// The vocabulary of an audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailFormat {
    /// As [`RecordedEvent`]s.
    Native,
    /// As [`CdEvent`](crate::cdevents::CdEvent)s.
    CdEvents,
}

impl TrailFormat {
    /// Both of them; the first is the default.
    pub const ALL: [Self; 2] = [Self::Native, Self::CdEvents];

    /// As it stands in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::CdEvents => "cdevents",
        }
    }

    /// Reads the exact name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }
}

/// One entry of a deployment's audit trail.
///
/// `payloadHash` is SHA-256 of the RFC 8785 text of `event`; `hash` is SHA-256 of the RFC 8785 text
/// of `{previousHash, previousRecordedAt, payloadHash, sequence, deploymentId, eventKey, occurredAt,
/// recordedAt, producer}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEvent {
    /// Its sequence number in the deployment's history, from 1.
    pub sequence: u64,
    /// The key of the event, from its idempotency key.
    pub event_key: String,
    /// When it happened; RFC 3339.
    pub occurred_at: String,
    /// When it was recorded; RFC 3339.
    pub recorded_at: String,
    /// The producer.
    pub producer: String,
    /// The event.
    pub event: Value,
    /// SHA-256 of the event.
    pub payload_hash: String,
    /// When the entry before was recorded; RFC 3339; null for the first.
    pub previous_recorded_at: Option<String>,
    /// The hash of the entry before; empty for the first.
    pub previous_hash: String,
    /// The entry's hash.
    pub hash: String,
}

impl From<&Record> for RecordedEvent {
    fn from(record: &Record) -> Self {
        Self {
            sequence: record.sequence,
            event_key: record.received.key.as_str().to_owned(),
            occurred_at: record.received.occurred_at.to_string(),
            recorded_at: record.recorded_at.to_string(),
            producer: record.received.producer.clone(),
            event: serde_json::from_str(&record.received.payload).unwrap_or(Value::Null),
            payload_hash: record.received.payload_hash.clone(),
            previous_recorded_at: record.previous_recorded_at.map(String::from),
            previous_hash: record.previous_hash.clone(),
            hash: record.hash.clone(),
        }
    }
}

/// The result of a verification of what was recorded on a day: a chain that got an entry on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedChain {
    /// What the chain is of, as anchors name it: `DEPLOYMENT#cart-7`, `RELEASE#2026-11`, `SETTINGS`.
    pub subject: String,
    /// Whether it is intact: the chain, the summary, and what must stand in the state by its entries.
    pub intact: bool,
    /// The number of entries that were read.
    pub entries: u64,
    /// The number of expired entries.
    pub expired: u64,
    /// The hash of the last entry, as the summary has it; empty where there is no summary.
    pub head_hash: String,
    /// The problems.
    pub problems: Vec<String>,
}

/// A line of an export, with all that its hash covers: an event, or a version of the settings or of a declaration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct ExportLine(pub Value);

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The deployment.
    pub deployment_id: String,
    /// Whether the history is intact: each entry is there or has expired, is unchanged and in
    /// order, and the summary matches the entries, if it could be compared.
    pub intact: bool,
    /// The number of entries that were read.
    pub events: u64,
    /// The number of expired entries: they are provably older than the retention. 0 without
    /// retention.
    pub expired: u64,
    /// Whether the summary was compared with the entries. This is not possible when entries have
    /// expired; then the stored meaning of later entries is not compared either.
    pub summary_compared: bool,
    /// The hash of the last entry, as the summary has it.
    pub head_hash: String,
    /// The problems, in order of sequence.
    pub problems: Vec<String>,
}
