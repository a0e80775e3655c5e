//! An entry of the log of a place.

use domain::Timestamp;
use domain::live::as_of::LogEntry;
use domain::live::log_key::LogKey;
use domain::live::{Entry, Place};
use serde::{Deserialize, Serialize};

use crate::keys::{log_partition, log_sort_key};

/// A log entry as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogItem {
    pk: String,
    sk: String,
    entry: Entry,
    known_from: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_until: Option<i64>,
}

impl LogItem {
    /// The item of an entry in the log of a place.
    #[must_use]
    pub fn new(place: &Place, key: &LogKey, stored: LogEntry) -> Self {
        Self::at(place, log_sort_key(key), stored)
    }

    /// The item under this sort key, which is that of the entry.
    #[must_use]
    pub fn at(place: &Place, sort: String, stored: LogEntry) -> Self {
        Self {
            pk: log_partition(place),
            sk: sort,
            entry: stored.entry,
            known_from: stored.known_from.millis(),
            known_until: stored.known_until.map(Timestamp::millis),
        }
    }

    /// The sort key and the entry.
    #[must_use]
    pub fn into_entry(self) -> (String, LogEntry) {
        let entry = LogEntry {
            entry: self.entry,
            known_from: Timestamp::from_millis(self.known_from),
            known_until: self.known_until.map(Timestamp::from_millis),
        };
        (self.sk, entry)
    }
}
