use serde::{Deserialize, Serialize};

use domain::FieldError;

/// An event that came through the queue and was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// When it was sent; RFC 3339.
    pub sent_at: String,
    /// When it was refused; RFC 3339.
    pub recorded_at: String,
    /// The door that it came through, such as `queue`.
    pub door: String,
    /// Why: `invalid` (it could not be read) or `conflict` (its id was used with other content).
    pub reason: String,
    /// What is wrong, and what would be right.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
    /// What was sent, as text: invalid UTF-8 is replaced. At most the first 64 KB.
    pub raw: String,
    /// How long it was, in bytes.
    pub raw_bytes: u64,
    /// SHA-256 of all of it.
    pub raw_hash: String,
}
