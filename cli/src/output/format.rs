//! The output formats.

use clap::ValueEnum;
use serde::Deserialize;

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Output {
    /// A table for people, as wide as the terminal
    Table,
    /// The API's answer as it came
    Json,
    /// One JSON value per line and item
    Jsonl,
    /// One line per item, fields separated by tabs, times in RFC 3339: for cut and awk
    Text,
}
