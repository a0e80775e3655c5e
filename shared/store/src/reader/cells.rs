//! What runs now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::Environment;
use domain::live::{Cell, Place};

use super::{Items, Reader};
use crate::StoreError;
use crate::items::cell::CellItem;
use crate::items::from_item;
use crate::keys::{Key, cell_key, cells_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// The places of an environment in the order of their services, each with what runs there.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn cells(
        &self,
        environment: &Environment,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Items<(Place, Cell)>, StoreError> {
        let query = Query::of(Table::State, cells_partition(environment)).limit(limit).after(after);
        let (items, next) = self.page::<CellItem>(&query).await?;
        let cell = |item: CellItem| Ok((item.place(environment)?, item.cell));
        Ok((items.into_iter().map(cell).collect::<Result<_, StoreError>>()?, next))
    }

    /// What runs in one place.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn cell(&self, place: &Place) -> Result<Option<Cell>, StoreError> {
        Ok(self.cell_item(place).await?.map(|item| item.cell))
    }

    /// What runs in each of these places where anything ended. One round trip for all of them.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn cells_of(&self, places: &BTreeSet<Place>) -> Result<BTreeMap<Place, Cell>, StoreError> {
        Ok(self.cell_items_of(places).await?.into_iter().map(|(place, item)| (place, item.cell)).collect())
    }

    /// The same as it is stored.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn cell_items_of(&self, places: &BTreeSet<Place>) -> Result<BTreeMap<Place, CellItem>, StoreError> {
        if places.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys: HashMap<Key, &Place> = places.iter().map(|place| (cell_key(place), place)).collect();
        let mut cells = BTreeMap::new();
        for item in self.store().batch_get(Table::State, keys.keys().cloned().collect()).await? {
            if let Some(place) = Key::of(&item).and_then(|key| keys.get(&key).copied()) {
                cells.insert(place.clone(), from_item::<CellItem>(item)?);
            }
        }
        Ok(cells)
    }

    /// The cell of a place as it is stored.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn cell_item(&self, place: &Place) -> Result<Option<CellItem>, StoreError> {
        self.get(Table::State, &cell_key(place)).await
    }

    /// All cells of an environment as they are stored, each with its place.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn cell_items(&self, environment: &Environment) -> Result<Vec<(Place, CellItem)>, StoreError> {
        let mut cells = Vec::new();
        let mut pages = self.pages(Query::of(Table::State, cells_partition(environment)).limit(1000));
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let cell: CellItem = from_item(item)?;
                cells.push((cell.place(environment)?, cell));
            }
        }
        Ok(cells)
    }
}
