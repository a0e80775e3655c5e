//! The versions of the settings.

use domain::Timestamp;
use domain::settings::version::Version;

use super::Reader;
use super::versions::in_force_at;
use crate::StoreError;
use crate::items::version::VersionItem;
use crate::keys::{SETTINGS, settings_key};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many pages of versions are read at once, of at most 1 MB each.
const PAGES: usize = 4;

impl<S: ReadItems> Reader<S> {
    /// The newest version; none where nothing was ever applied.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn settings(&self) -> Result<Option<Version>, StoreError> {
        Ok(self.settings_before(None, 1).await?.0.pop())
    }

    /// The version with this number, if there is one.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn settings_version(&self, number: u64) -> Result<Option<Version>, StoreError> {
        let item: Option<VersionItem> = self.get(Table::History, &settings_key(number)).await?;
        Ok(item.map(Version::from))
    }

    /// The version that was in force at a time; none where there was none yet.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn settings_as_of(&self, time: Timestamp) -> Result<Option<Version>, StoreError> {
        in_force_at(self.settings().await?, time, |number| self.settings_version(number)).await
    }

    /// The newest versions before the one with this number, or the newest of all, and whether there may be
    /// more. They can be fewer than asked for: documents can be long.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn settings_before(&self, before: Option<u64>, limit: usize) -> Result<(Vec<Version>, bool), StoreError> {
        let before = before.map(|number| settings_key(number).sort);
        let query = Query::of(Table::History, SETTINGS).descending().consistent();
        let mut pages = self.pages(query.after(before.as_deref()).limit(limit));
        let mut versions = Vec::new();
        for _ in 0..PAGES {
            if versions.len() >= limit {
                break;
            }
            let Some(page) = pages.next().await? else { return Ok((versions, false)) };
            for item in page.items {
                let item: VersionItem = crate::items::from_item(item)?;
                versions.push(Version::from(item));
            }
        }
        let more = versions.last().is_some_and(|version| version.number > 1);
        Ok((versions, more))
    }
}
