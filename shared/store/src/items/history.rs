//! An item of the history, as it is delivered to whoever publishes it.

use domain::Record;
use domain::settings::version::Version;

use super::event::EventItem;
use super::rejected::RejectedItem;
use super::version::VersionItem;
use crate::keys::listings::RELEASE;
use crate::keys::{EVENT, SETTINGS, text};
use crate::tables::{PARTITION, SORT};
use crate::{Item, StoreError};

/// What an item of the history is.
#[derive(Debug)]
pub enum HistoryItem {
    /// A record.
    Recorded(Box<Record>),
    /// A version of the settings.
    Settings(Box<Version>),
    /// A version of the declaration of a release.
    Declared(Box<Version>),
    /// What was refused.
    Rejected(Box<RejectedItem>),
}

impl HistoryItem {
    /// Reads an item.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn of(item: Item) -> Result<Self, StoreError> {
        if text(&item, SORT).is_some_and(|sort| sort.starts_with(EVENT)) {
            let item: EventItem =
                serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("history event", e))?;
            Ok(Self::Recorded(Box::new(item.record()?)))
        } else if text(&item, PARTITION) == Some(SETTINGS) {
            let item: VersionItem = serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("settings", e))?;
            Ok(Self::Settings(Box::new(item.into())))
        } else if text(&item, PARTITION).is_some_and(|partition| partition.starts_with(RELEASE)) {
            let item: VersionItem =
                serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("declaration", e))?;
            Ok(Self::Declared(Box::new(item.into())))
        } else {
            let item = serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("rejected event", e))?;
            Ok(Self::Rejected(Box::new(item)))
        }
    }
}
