//! What a verdict says of a version, and why.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::schema_pieces::text;
use super::slot::Optional;
use crate::Timestamp;
use crate::fields::Fields;

/// What a person says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// It is bad, until someone clears it.
    Bad,
    /// What spoke against it until then no longer does.
    Cleared,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Bad, Self::Cleared];

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "BAD",
            Self::Cleared => "CLEARED",
        }
    }
}

impl Optional for Verdict {
    const BOUNDS: &'static str = "`BAD`, `CLEARED`";

    fn schema() -> Value {
        json!({"enum": Self::ALL})
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (name, text) = from.text(names)?;
        let verdict = Self::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        if verdict.is_none() {
            from.wrong(name, "must be BAD or CLEARED");
        }
        verdict
    }
}

/// Why a verdict says what it says: never empty, and at most [1024 bytes](Reason::BYTES).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// The longest one, in bytes: the verdicts of a service stand in one item.
    pub const BYTES: usize = 1024;

    /// Reads a reason.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_one = !text.trim().is_empty() && text.len() <= Self::BYTES;
        is_one.then(|| Self(text.to_owned())).ok_or_else(|| format!("must be a text of 1 to {} bytes", Self::BYTES))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Optional for Reason {
    const BOUNDS: &'static str = "1024 bytes, not empty";

    fn schema() -> Value {
        let mut schema = text(Self::BYTES);
        schema["pattern"] = json!(r"[^\s\u0085]");
        schema
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let (name, text) = from.text(names)?;
        Self::parse(&text).map_err(|detail| from.wrong(name, detail)).ok()
    }
}
