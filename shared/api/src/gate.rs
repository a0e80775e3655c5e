//! What a gate answers.

use domain::Timestamp;
use domain::questions::gate::{Check, Decision, Judgement};
use serde::{Deserialize, Serialize};

/// Whether a version may go to an environment, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gate {
    /// The decision: `DENY` if any check failed.
    pub decision: Decision,
    /// All checks, always in this order: `provenIn`, `soakMinutes`, `notBad`, `nothingActive`, `freeze`,
    /// `releaseComplete`.
    pub checks: Vec<Check>,
    /// The number of the version of the settings by which it was judged; 0 where none was ever applied.
    pub settings: u64,
    /// The time for which it was judged; RFC 3339. With it as `asOf` and `knownAt`, the same is decided later.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

impl Gate {
    /// What was judged for a time, by the version of the settings with this number.
    #[must_use]
    pub fn new(Judgement { decision, checks }: Judgement, settings: u64, at: Timestamp) -> Self {
        Self { decision, checks, settings, at }
    }
}
