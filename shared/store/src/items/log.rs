//! An entry of the log of a place.

use domain::Timestamp;
use domain::live::as_of::LogEntry;
use domain::live::log_key::LogKey;
use domain::live::{Entry, Place, Timing};
use serde::{Deserialize, Serialize};

use crate::Item;
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
    /// How long it took, as JSON: a text is read in a fraction of the time that as many attributes take. Entries of
    /// earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timing: Option<String>,
}

impl LogItem {
    /// The attribute that says how long it took.
    const TIMING: &'static str = "timing";

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
            timing: stored.timing.as_ref().and_then(as_text),
        }
    }

    /// The same item, of which it is known better how long it took.
    #[must_use]
    pub fn timed(self, timing: Option<&Timing>) -> Self {
        Self { timing: timing.and_then(as_text), ..self }
    }

    /// An item as earlier versions wrote it, which did not say how long a landing took.
    #[must_use]
    pub fn without_timing(item: &Item) -> Item {
        let mut item = item.clone();
        item.remove(Self::TIMING);
        item
    }

    /// The sort key and the entry.
    #[must_use]
    pub fn into_entry(self) -> (String, LogEntry) {
        let entry = LogEntry {
            entry: self.entry,
            known_from: Timestamp::from_millis(self.known_from),
            known_until: self.known_until.map(Timestamp::from_millis),
            // What a later version says here, and this one can't read, is not known.
            timing: self.timing.and_then(|timing| serde_json::from_str(&timing).ok()),
        };
        (self.sk, entry)
    }
}

fn as_text(timing: &Timing) -> Option<String> {
    // Texts and numbers always have a JSON.
    serde_json::to_string(timing).ok()
}
