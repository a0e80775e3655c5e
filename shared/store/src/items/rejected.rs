//! What could not be recorded, and is kept so that somebody finds out: from the queue, or behind a proof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::event::Limits;
use domain::{FieldError, RejectionReason, Retention, Timestamp, json};
use serde::{Deserialize, Serialize};

use crate::keys::{rejected_key, rejected_of_day_key};

/// What was refused, and why.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What was sent.
    pub raw: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Whether the same text at the same door is one item a day, and not one for each time at which it was sent:
    /// what a tool sends again has no time of its own.
    pub once_a_day: bool,
    /// The door that it came through.
    pub door: String,
    /// Why.
    pub reason: RejectionReason,
    /// What is wrong, and what would be right.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
}

/// What was refused, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectedItem {
    pk: String,
    sk: String,
    /// When it was sent, in milliseconds.
    pub sent_at: i64,
    /// When it was refused, in milliseconds.
    pub recorded_at: i64,
    /// The door that it came through.
    pub door: String,
    /// Why.
    pub reason: RejectionReason,
    /// What is wrong.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
    /// What was sent, base64: at most the first 64 KB.
    raw: String,
    /// How long it was.
    pub raw_bytes: u64,
    /// SHA-256 of all of it.
    pub raw_hash: String,
    /// From when on the database may remove it; never read.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl RejectedItem {
    /// The item of a refusal that is kept for so long.
    #[must_use]
    pub fn new(refusal: Refusal, retention: Retention, now: Timestamp) -> Self {
        let raw_hash = json::sha256_hex(&refusal.raw);
        let kept = &refusal.raw.as_bytes()[..refusal.raw.len().min(Limits::EVENT_BYTES)];
        let key = if refusal.once_a_day {
            rejected_of_day_key(refusal.sent_at, &json::sha256_hex(&format!("{}\n{raw_hash}", refusal.door)))
        } else {
            rejected_key(refusal.sent_at, &raw_hash)
        };
        Self {
            pk: key.partition,
            sk: key.sort,
            sent_at: refusal.sent_at.millis(),
            recorded_at: now.millis(),
            door: refusal.door,
            reason: refusal.reason,
            detail: refusal.detail,
            errors: refusal.errors,
            raw: STANDARD.encode(kept),
            raw_bytes: refusal.raw.len() as u64,
            raw_hash,
            expires_at: retention.expires_at_seconds(now),
        }
    }

    /// The sort key, by which the refusals of a day are listed.
    #[must_use]
    pub fn sort_key(&self) -> &str {
        &self.sk
    }

    /// What was sent, at most the first 64 KB.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        STANDARD.decode(&self.raw).unwrap_or_default()
    }

    /// How long [`raw`](Self::raw) is in its stored form, in bytes.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.raw.len()
    }
}
