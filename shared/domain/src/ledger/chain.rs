//! The hash chain of a deployment's history: each record's hash covers the one before, so that a
//! record that was changed, removed or put in later shows.

use serde::Serialize;

use crate::{DeploymentId, EventKey, Timestamp, json};

/// What a record's hash covers: `SHA-256(RFC 8785 text of these)`.
///
/// The canonical text of an object, rather than the values one after the other, leaves no doubt
/// where one value ends; and it covers when the event was recorded and by whom, not only what it said.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link<'a> {
    /// The hash of the record before; empty for the first.
    pub previous_hash: &'a str,
    /// When the record before was made; absent for the first. So a record that is gone still has its
    /// age, covered by the one behind it: see [`verification`](super::verification).
    pub previous_recorded_at: Option<Timestamp>,
    /// SHA-256 of the event's canonical text.
    pub payload_hash: &'a str,
    /// The record's number, from 1.
    pub sequence: u64,
    /// The deployment.
    pub deployment_id: &'a DeploymentId,
    /// The event's key.
    pub event_key: &'a EventKey,
    /// When it happened; not part of the payload when its sender left it out.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who sent it.
    pub producer: &'a str,
}

impl Link<'_> {
    /// The record's hash, as 64 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        // A struct of texts and numbers always has a canonical text.
        json::sha256_hex(&json::canonical(self).unwrap_or_default())
    }
}
