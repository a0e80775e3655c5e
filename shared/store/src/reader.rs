//! What is read of the tables, over the reading half of the port: a file for each kind of question.

pub mod active;
mod as_of;
pub mod both_sides;
mod catalog;
mod cells;
pub mod chains;
mod changes;
mod created;
pub mod day;
pub mod declarations;
mod drift;
pub mod expected;
pub mod failures;
mod figures;
pub mod gate;
pub mod gauges;
pub mod health;
mod incidents;
pub mod kept;
pub mod landed;
mod landings;
pub mod lists;
pub mod log;
mod merge;
mod metric_sets;
mod names;
mod noted;
mod observed;
pub mod of_day;
mod rejected;
pub mod release;
pub mod releases;
pub mod retirements;
mod settings;
mod states;
pub mod suspects;
pub mod timeline;
pub mod trail;
mod undone;
pub mod unlisted;
mod usage;
pub mod verdicts;
mod versions;
pub mod when;

use domain::{DeploymentId, State};
use serde::de::DeserializeOwned;

use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::{Key, summary_key};
use crate::pages::Pages;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;
use crate::{StoreError, items};

/// Answers questions from a store that it can only read.
#[derive(Debug, Clone)]
pub struct Reader<S> {
    store: S,
}

/// What one page of a partition holds, and the sort key to go on behind.
pub type Items<T> = (Vec<T>, Option<String>);

impl<S> Reader<S> {
    /// Reads from this store.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }
}

impl<S: ReadItems> Reader<S> {
    /// The state of a deployment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn state(&self, id: &DeploymentId) -> Result<Option<State>, StoreError> {
        let item: Option<SummaryItem> = self.get(Table::State, &summary_key(id)).await?;
        item.map(SummaryItem::state).transpose()
    }

    /// The item with this key, as a value of ours.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn get<T: DeserializeOwned>(&self, table: Table, key: &Key) -> Result<Option<T>, StoreError> {
        self.store.get(table, key).await?.map(from_item).transpose()
    }

    /// The pages of the answer to a query.
    pub fn pages(&self, query: Query) -> Pages<'_, S> {
        Pages::new(&self.store, query)
    }

    /// One page of the answer to a query of a table, as values of ours.
    async fn page<T: DeserializeOwned>(&self, query: &Query) -> Result<Items<T>, StoreError> {
        let page = self.store.query(query).await?;
        let next = page.next_sort_key().map(str::to_owned);
        let items = page.items.into_iter().map(items::from_item).collect::<Result<_, _>>()?;
        Ok((items, next))
    }
}
