//! What drift answers.

use domain::Timestamp;
use domain::questions::drift::Finding;
use serde::{Deserialize, Serialize};

/// Where what runs is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// The time that it is found for; RFC 3339; null for now.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Timestamp>,
    /// The number of the version of the settings that it is found by; 0 where none was ever applied.
    pub settings: u64,
    /// What was found, the worst first.
    pub items: Vec<Finding>,
    /// The `cursor` of the next page; absent on the last page only.
    pub next_cursor: Option<String>,
}
