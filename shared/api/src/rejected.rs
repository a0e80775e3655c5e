use serde::{Deserialize, Serialize};

use domain::FieldError;

/// A rejected event from the queue, or from a webhook behind its proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// When it was sent; RFC 3339.
    pub sent_at: String,
    /// When it was rejected; RFC 3339.
    pub recorded_at: String,
    /// The way by which it came in, such as `queue`.
    pub door: String,
    /// The reason: `invalid` (it could not be read) or `conflict` (another event with its id is
    /// recorded).
    pub reason: String,
    /// The error, and what is expected.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
    /// What was sent, as text: invalid UTF-8 is replaced. At most the first 64 KB.
    pub raw: String,
    /// Its length in bytes.
    pub raw_bytes: u64,
    /// SHA-256 of the whole text.
    pub raw_hash: String,
}
