//! The versions of the settings: each is recorded, with who applied it and when, in a hash chain of its own.

use serde::Serialize;
use serde_json::Value;

use crate::{Timestamp, json};

/// One version of the settings, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// The document, as canonical text (RFC 8785).
    pub document: String,
    /// When it was recorded; never before the version before.
    pub recorded_at: Timestamp,
    /// Who applied it, as the door that it came through knows.
    pub recorded_by: String,
    /// The hash of the version before; empty for the first.
    pub previous_hash: String,
    /// This version's hash.
    pub hash: String,
}

/// What a version's hash covers: `SHA-256(RFC 8785 text of these)`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
    previous_hash: &'a str,
    document_hash: String,
    number: u64,
    recorded_at: Timestamp,
    recorded_by: &'a str,
}

/// The canonical text of a document.
#[must_use]
pub fn canonical(document: &Value) -> String {
    // A value always has a canonical text.
    json::canonical(document).unwrap_or_default()
}

impl Version {
    /// The version after `previous` with this document; none where that is the document of `previous`.
    #[must_use]
    pub fn after(previous: Option<&Self>, document: &str, by: &str, now: Timestamp) -> Option<Self> {
        if previous.is_some_and(|previous| previous.document == document) {
            return None;
        }
        let mut version = Self {
            number: previous.map_or(0, |previous| previous.number) + 1,
            document: document.to_owned(),
            recorded_at: previous.map_or(now, |previous| previous.recorded_at.max(now)),
            recorded_by: by.to_owned(),
            previous_hash: previous.map(|previous| previous.hash.clone()).unwrap_or_default(),
            hash: String::new(),
        };
        version.hash = version.computed_hash();
        Some(version)
    }

    /// The hash that it must have, from what it holds.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let link = Link {
            previous_hash: &self.previous_hash,
            document_hash: json::sha256_hex(&self.document),
            number: self.number,
            recorded_at: self.recorded_at,
            recorded_by: &self.recorded_by,
        };
        // A struct of texts and numbers always has a canonical text.
        json::sha256_hex(&json::canonical(&link).unwrap_or_default())
    }
}

/// What is wrong with the versions of a document, in the order in which they stand: each follows the one before. They
/// begin with the first one, unless only later ones are asked for.
#[must_use]
pub fn problems(versions: &[Version], from_the_first: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut before: Option<&Version> = None;
    for version in versions {
        let number = version.number;
        let expected = before.map_or(1, |before| before.number + 1);
        if before.is_none() && !from_the_first && number > 1 {
            // What it follows was recorded before.
        } else if number != expected {
            problems.push(format!("version {expected} is missing"));
        } else if version.previous_hash != before.map(|before| before.hash.as_str()).unwrap_or_default() {
            problems.push(format!("version {number} does not follow the version before it"));
        }
        if version.computed_hash() != version.hash {
            problems.push(format!("version {number} was altered: its content does not match its hash"));
        }
        if before.is_some_and(|before| before.recorded_at > version.recorded_at) {
            problems.push(format!("version {number} has an earlier time of recording than the version before it"));
        }
        before = Some(version);
    }
    problems
}
