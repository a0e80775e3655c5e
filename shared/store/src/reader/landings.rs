//! What landed in a place, and when it did first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::live::{Place, ThingKey};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::landings::LandingsItem;
use crate::keys::{Key, landings_key, landings_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// The landings of things in places; none where nothing is kept. One round trip for all of them.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn landings(
        &self,
        of: BTreeSet<(Place, ThingKey)>,
    ) -> Result<BTreeMap<(Place, ThingKey), Option<LandingsItem>>, StoreError> {
        if of.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys = of.iter().map(|(place, key)| landings_key(place, key)).collect();
        let items = self.store().batch_get(Table::State, keys).await?;
        let mut found: HashMap<Key, LandingsItem> = HashMap::new();
        for item in items {
            if let Some(key) = Key::of(&item) {
                found.insert(key, from_item(item)?);
            }
        }
        let found = |(place, key): &(Place, ThingKey)| found.get(&landings_key(place, key)).cloned();
        Ok(of.into_iter().map(|of| (of.clone(), found(&of))).collect())
    }

    /// All landings that are kept of a place, by sort key.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn all_landings(&self, place: &Place) -> Result<BTreeMap<String, LandingsItem>, StoreError> {
        let mut landings = BTreeMap::new();
        let mut pages = self.pages(Query::of(Table::State, landings_partition(place)).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let item: LandingsItem = from_item(item)?;
                landings.insert(item.sort().to_owned(), item);
            }
        }
        Ok(landings)
    }
}
