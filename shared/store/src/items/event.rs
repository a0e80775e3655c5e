//! A record in the history.

use domain::event::Event;
use domain::ledger::received::Received;
use domain::ledger::recording::{Meaning, Record};
use domain::{EventKey, Retention, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::keys::{EVENT, event_key};

/// A record as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventItem {
    pk: String,
    sk: String,
    /// Its number.
    pub sequence: u64,
    recorded_day: String,
    recorded_at: i64,
    occurred_at: i64,
    producer: String,
    /// The canonical text of what was sent; the hashes below are over these bytes.
    payload: String,
    payload_hash: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    previous_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_recorded_at: Option<i64>,
    hash: String,
    meaning: Meaning,
    /// From when on the database may remove it. It is no part of the record, so it is never read.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl EventItem {
    /// Whether it stands where the index of days must have it.
    #[must_use]
    pub fn is_filed(&self) -> bool {
        self.recorded_day == Timestamp::from_millis(self.recorded_at).day()
    }

    /// The item of a record that is kept for so long.
    #[must_use]
    pub fn new(record: &Record, retention: Retention) -> Self {
        let received = &record.received;
        let key = event_key(record.deployment_id(), &received.key);
        Self {
            pk: key.partition,
            sk: key.sort,
            sequence: record.sequence,
            recorded_day: record.recorded_at.day(),
            recorded_at: record.recorded_at.millis(),
            occurred_at: received.occurred_at.millis(),
            producer: received.producer.clone(),
            payload: received.payload.clone(),
            payload_hash: received.payload_hash.clone(),
            previous_hash: record.previous_hash.clone(),
            previous_recorded_at: record.previous_recorded_at.map(Timestamp::millis),
            hash: record.hash.clone(),
            meaning: record.meaning.clone(),
            expires_at: retention.expires_at_seconds(record.recorded_at),
        }
    }

    /// The record.
    ///
    /// # Errors
    /// When its payload is not an event: someone altered it.
    pub fn record(self) -> Result<Record, StoreError> {
        let event: Event =
            serde_json::from_str(&self.payload).map_err(|e| StoreError::unreadable("history event", e))?;
        let received = Received::kept(
            event,
            (self.payload, self.payload_hash),
            EventKey::stored(self.sk.trim_start_matches(EVENT)),
            Timestamp::from_millis(self.occurred_at),
            self.producer,
        );
        Ok(Record {
            received,
            sequence: self.sequence,
            recorded_at: Timestamp::from_millis(self.recorded_at),
            previous_hash: self.previous_hash,
            previous_recorded_at: self.previous_recorded_at.map(Timestamp::from_millis),
            hash: self.hash,
            meaning: self.meaning,
        })
    }
}
