//! What an installation used in a month, by its own counters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an installation used in a month. What it does not count itself, such as requests, is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The month, in UTC: `2026-03`.
    pub month: String,
    /// The last day of it that was counted: today, in this month.
    pub to: String,
    /// How many days were counted.
    pub days: u32,
    /// How many days the month has.
    pub days_of_month: u32,
    /// How many events were recorded on these days, declarations of releases included.
    pub events: u64,
    /// How many sets of dimensions have metrics of their own: with a value in the thirty days before now.
    pub metric_sets: u64,
    /// How many sets of dimensions can have metrics, by the settings.
    pub most_metric_sets: u64,
}
