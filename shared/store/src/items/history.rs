//! An item of the history, as it is delivered to whoever publishes it.

use domain::Record;

use super::event::EventItem;
use super::rejected::RejectedItem;
use crate::keys::{EVENT, text};
use crate::tables::SORT;
use crate::{Item, StoreError};

/// What an item of the history is.
#[derive(Debug)]
pub enum HistoryItem {
    /// A record.
    Recorded(Box<Record>),
    /// What was refused.
    Rejected(Box<RejectedItem>),
}

impl HistoryItem {
    /// Reads an item.
    ///
    /// # Errors
    /// When it is neither.
    pub fn of(item: Item) -> Result<Self, StoreError> {
        if text(&item, SORT).is_some_and(|sort| sort.starts_with(EVENT)) {
            let item: EventItem =
                serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("history event", e))?;
            Ok(Self::Recorded(Box::new(item.record()?)))
        } else {
            let item = serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("rejected event", e))?;
            Ok(Self::Rejected(Box::new(item)))
        }
    }
}
