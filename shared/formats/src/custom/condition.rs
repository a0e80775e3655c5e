//! What must hold of a payload that a mapping is about.

use std::collections::BTreeSet;

use serde_json::Value;

use super::path::Path;
use super::value::text;

/// A condition: one of the values at a path is one of these texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) path: Path,
    pub(super) is: BTreeSet<String>,
}

impl Condition {
    /// Whether it holds of a payload.
    pub(super) fn holds(&self, payload: &Value) -> bool {
        self.path.values(payload).filter_map(text).any(|text| self.is.contains(&text))
    }
}
