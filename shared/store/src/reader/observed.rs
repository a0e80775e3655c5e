//! What was observed, of deployments and of places.

use domain::Timestamp;
use domain::ledger::observed::{Object, Observed};

use super::Reader;
use crate::StoreError;
use crate::items::observed::ObservedItem;
use crate::keys::observed::{observed_between, observed_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// What was observed of this from one time to another, both included, the earliest first.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn observed(&self, object: &Object, from: Timestamp, to: Timestamp) -> Result<Vec<Observed>, StoreError> {
        if to < from {
            return Ok(Vec::new());
        }
        let (first, last) = observed_between(from, to);
        let query = Query::of(Table::State, observed_partition(object)).between(first, last).consistent();
        let (mut pages, mut observed) = (self.pages(query), Vec::new());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                observed.push(ObservedItem::observed(item)?);
            }
        }
        Ok(observed)
    }

    /// Whether anything was observed of this from one time to another, both included.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_observed(&self, object: &Object, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
        if to < from {
            return Ok(false);
        }
        let (first, last) = observed_between(from, to);
        let query = Query::of(Table::State, observed_partition(object)).between(first, last).consistent().limit(1);
        Ok(!self.store().query(&query).await?.items.is_empty())
    }
}
