//! What was refused.

use super::catalog::sort_keys;
use super::{Items, Reader};
use crate::StoreError;
use crate::items::rejected::RejectedItem;
use crate::keys::{REJECTED_DAYS, rejected_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// The days (`yyyy-mm-dd`) from one to another on which something was refused, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn rejected_days(&self, from: &str, to: &str) -> Result<Vec<String>, StoreError> {
        let mut days = Vec::new();
        let mut pages = self.pages(Query::of(Table::State, REJECTED_DAYS).descending().limit(1000));
        while let Some(page) = pages.next().await? {
            days.extend(sort_keys(&page).filter(|day| (from..=to).contains(day)).map(str::to_owned));
        }
        Ok(days)
    }

    /// What was refused on a day before the sort key `before`, newest first. At most 1 MB is read.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn rejected(
        &self,
        day: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Items<RejectedItem>, StoreError> {
        self.page(&Query::of(Table::History, rejected_partition(day)).descending().after(before).limit(limit)).await
    }
}
