//! The chains of the history, as much of them as anchors are about.

use std::collections::BTreeSet;

use domain::Timestamp;
use domain::anchors::{ChainEntry, Chains};
use serde::Deserialize;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::keys::{SETTINGS, text};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::{BY_DAY, PARTITION, Table};

/// What events and versions of documents have in common.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChainItem {
    #[serde(alias = "number")]
    sequence: u64,
    recorded_at: i64,
    hash: String,
}

/// Whether a partition of the history is a chain: what was refused is none.
#[must_use]
pub fn is_chain(partition: &str) -> bool {
    !partition.starts_with("REJECTED#")
}

impl<S: ReadItems> Reader<S> {
    /// The chains of these subjects; of those without entries nothing.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn chains(&self, subjects: impl IntoIterator<Item = String>) -> Result<Chains, StoreError> {
        let mut chains = Chains::new();
        for subject in subjects {
            let mut entries = Vec::new();
            let mut pages = self.pages(Query::of(Table::History, subject.as_str()).consistent());
            while let Some(page) = pages.next().await? {
                for item in page.items {
                    let ChainItem { sequence, recorded_at, hash } = from_item(item)?;
                    entries.push(ChainEntry { sequence, recorded_at: Timestamp::from_millis(recorded_at), hash });
                }
            }
            entries.sort_by_key(|entry| entry.sequence);
            if !entries.is_empty() {
                chains.insert(subject, entries);
            }
        }
        Ok(chains)
    }

    /// The subjects of which anything was recorded on these days, and the settings, which no index has.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn recorded_on(&self, days: impl IntoIterator<Item = String>) -> Result<BTreeSet<String>, StoreError> {
        let mut subjects = BTreeSet::from([SETTINGS.to_owned()]);
        for day in days {
            let mut pages = self.pages(Query::of_index(Table::History, BY_DAY, day));
            while let Some(page) = pages.next().await? {
                subjects.extend(page.items.iter().filter_map(|item| text(item, PARTITION)).map(str::to_owned));
            }
        }
        Ok(subjects)
    }
}
