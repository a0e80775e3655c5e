//! Items as they are stored, a file each, and how they become the domain's values again.

pub mod cell;
pub mod drift_look;
pub mod event;
pub mod held;
pub mod history;
pub mod judged;
pub mod kept;
pub mod landings;
pub mod listing;
pub mod log;
pub mod metric_sets;
pub mod observed;
pub mod rejected;
pub mod stalled;
pub mod summary;
pub mod tick;
pub mod undone;
pub mod version;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Item, StoreError};

/// The item of a value of ours.
///
/// # Errors
/// When the value can't be an item.
pub fn to_item<T: Serialize>(value: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(value).map_err(|error| StoreError::unreadable("to item", error))
}

/// The value of an item of ours.
///
/// # Errors
/// When the item is not one that we wrote.
pub fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::unreadable("from item", error))
}
