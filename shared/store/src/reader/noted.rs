//! What speaks against what runs, as it was noted when people were told.

use std::collections::BTreeMap;

use domain::DeploymentId;
use domain::follows::judged::Noted;
use domain::live::Place;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::judged::NotedItem;
use crate::keys::{NOTED, noted_prefix};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// What speaks against deployments, wherever they landed. One call, but for thousands of notes.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn noted_verdicts(&self) -> Result<BTreeMap<DeploymentId, Noted>, StoreError> {
        self.notes(Query::of(Table::State, NOTED)).await
    }

    /// The same of those that landed in one place.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn noted_verdicts_in(&self, place: &Place) -> Result<BTreeMap<DeploymentId, Noted>, StoreError> {
        self.notes(Query::of(Table::State, NOTED).prefix(noted_prefix(place)).consistent()).await
    }

    async fn notes(&self, query: Query) -> Result<BTreeMap<DeploymentId, Noted>, StoreError> {
        let (mut pages, mut notes) = (self.pages(query), BTreeMap::new());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let NotedItem { id, verdict, .. } = from_item(item)?;
                notes.insert(id, verdict);
            }
        }
        Ok(notes)
    }
}
