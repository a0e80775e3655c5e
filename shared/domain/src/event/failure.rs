//! What went wrong.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Limits;
use super::schema_pieces::{or_null, text};
use super::slot::Optional;
use crate::Timestamp;
use crate::fields::Fields;

/// The longest `code`, in bytes.
const CODE_BYTES: usize = 256;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// For people; at most 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// For programs; at most 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Failure {
    /// Its code and its message, as they stand in a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let parts = [self.code.as_deref(), self.message.as_deref()].into_iter().flatten();
        parts.collect::<Vec<_>>().join(": ")
    }
}

impl Optional for Failure {
    const BOUNDS: &'static str = "an object with `message` (4096 bytes) and `code` (256 bytes)";

    fn schema() -> Value {
        json!({"type": "object", "additionalProperties": false, "properties": {
            "message": or_null(text(Limits::TEXT_BYTES)),
            "code": or_null(text(CODE_BYTES)),
        }})
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (name, object) = from.object(names)?;
        let mut inner = from.nested(name, object);
        let message = inner.free_text(&["message"], Limits::TEXT_BYTES);
        let failure = Self { message, code: inner.free_text(&["code"], CODE_BYTES) };
        inner.finish("known are `message` and `code`");
        Some(failure)
    }
}
