//! What is kept of deployments that were rolled back, or failed after they had completed. What it costs to read
//! does not depend on the logs.

use std::collections::BTreeMap;

use domain::Service;
use domain::live::thing::Thing;
use domain::live::undone::{UndoneKey, brought};
use domain::live::{Entry, Place};
use futures_util::future::try_join_all;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::undone::UndoneItem;
use crate::keys::{undone_partition, undone_prefix};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// What undid deployments of a thing, in each place where any of them was undone, of services with these names.
    /// One round trip, of at most two queries for each name.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn undone(
        &self,
        services: impl IntoIterator<Item = &Service>,
        thing: &Thing,
    ) -> Result<BTreeMap<Place, Vec<Entry>>, StoreError> {
        let keys = UndoneKey::same_as(thing);
        let queries = services
            .into_iter()
            .flat_map(|service| keys.iter().map(|key| self.undone_items(service, undone_prefix(key))));
        let mut found: BTreeMap<Place, Vec<Entry>> = BTreeMap::new();
        for item in try_join_all(queries).await?.into_iter().flatten() {
            // Under the key of a long text stands its hash.
            if brought(&item.entry).is_same(thing) {
                found.entry(item.place()).or_default().push(item.entry);
            }
        }
        Ok(found)
    }

    /// All that is kept of what was undone in a place, by sort key.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn all_undone(&self, place: &Place) -> Result<BTreeMap<String, UndoneItem>, StoreError> {
        let items = self.undone_items(&place.service, String::new()).await?;
        let of_place = items.into_iter().filter(|item| item.place() == *place);
        Ok(of_place.map(|item| (item.sort().to_owned(), item)).collect())
    }

    /// All that is kept of what was undone of a service, wherever that was.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn undone_of(&self, service: &Service) -> Result<Vec<UndoneItem>, StoreError> {
        self.undone_items(service, String::new()).await
    }

    /// What is kept of a service under sort keys that begin so.
    pub(super) async fn undone_items(&self, service: &Service, prefix: String) -> Result<Vec<UndoneItem>, StoreError> {
        let query = Query::of(Table::State, undone_partition(service)).prefix(prefix).consistent();
        let (mut pages, mut items) = (self.pages(query), Vec::new());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                items.push(from_item(item)?);
            }
        }
        Ok(items)
    }
}
