//! How much was recorded.

use futures_util::future::try_join_all;

use super::Reader;
use crate::StoreError;
use crate::port::ReadItems;
use crate::query::{Query, Select};
use crate::tables::{BY_DAY, Table};

impl<S: ReadItems> Reader<S> {
    /// How many events were recorded on these days (`yyyy-mm-dd`), declarations of releases included. Days are counted
    /// side by side; of each, its entries in the index are read, about five thousand a page.
    ///
    /// # Errors
    /// When they can't be counted.
    pub async fn count_recorded(&self, days: &[String]) -> Result<u64, StoreError> {
        let of_each = days.iter().map(|day| async {
            let mut pages = self.pages(Query::of_index(Table::History, BY_DAY, day.as_str()).select(Select::Count));
            let mut count = 0;
            while let Some(page) = pages.next().await? {
                count += page.count as u64;
            }
            Ok::<_, StoreError>(count)
        });
        Ok(try_join_all(of_each).await?.into_iter().sum())
    }
}
