//! The key of an event among those of its deployment.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{EventId, Principal, Source, key_part};

/// What makes an event the same event: equal for every delivery of it, different for any other
/// event of its deployment, and for what anybody else sends. 128 bits of SHA-256 as 22 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKey(String);

impl EventKey {
    /// The key of an event whose producer gave it an id: unique per (producer, source, id).
    #[must_use]
    pub fn of_id(producer: &Principal, source: &Source, id: &EventId) -> Self {
        Self::digest(&["producer-id", producer.as_str(), source.as_str(), id.as_str()])
    }

    /// The key of an event without an id: that of its producer and its content.
    #[must_use]
    pub fn of_content(producer: &Principal, payload_hash: &str) -> Self {
        Self::digest(&["producer-content", producer.as_str(), payload_hash])
    }

    /// The key that an event with an id had before keys were of producers: unique per (source, id).
    #[must_use]
    pub fn of_id_alone(source: &Source, id: &EventId) -> Self {
        Self::digest(&["id", source.as_str(), id.as_str()])
    }

    /// The key that an event without an id had before keys were of producers: that of its content.
    #[must_use]
    pub fn of_content_alone(payload_hash: &str) -> Self {
        Self::digest(&["content", payload_hash])
    }

    /// The key as it was stored, which need not be the one that the event should have.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digest(parts: &[&str]) -> Self {
        use base64::Engine as _;
        let hash = Sha256::digest(key_part::join(parts));
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash[..16]))
    }
}
