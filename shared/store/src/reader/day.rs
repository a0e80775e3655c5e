//! What was recorded on a day, in the order of recording, in pages.

use std::collections::HashMap;

use domain::Timestamp;

use super::Reader;
use crate::keys::text;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::{BY_DAY, PARTITION, SORT, Table};
use crate::{AttributeValue, Item, Key, StoreError};

/// Where a page of a day goes on: behind the entry that was recorded then, under this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPosition {
    recorded_at: i64,
    key: Key,
}

impl DayPosition {
    /// Reads [`text`](Self::text).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (recorded_at, partition, sort) = serde_json::from_str::<(i64, String, String)>(text).ok()?;
        Some(Self { recorded_at, key: Key::new(partition, sort) })
    }

    /// As a text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::json!([self.recorded_at, self.key.partition, self.key.sort]).to_string()
    }

    fn of(item: &Item) -> Option<Self> {
        let AttributeValue::N(recorded_at) = item.get("recordedAt")? else { return None };
        let key = Key::new(text(item, PARTITION)?, text(item, SORT)?);
        Some(Self { recorded_at: recorded_at.parse().ok()?, key })
    }

    fn start(&self, day: &str) -> Item {
        let texts = [("recordedDay", day), (PARTITION, &self.key.partition), (SORT, &self.key.sort)];
        let mut start: HashMap<String, AttributeValue> =
            texts.into_iter().map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))).collect();
        start.insert("recordedAt".to_owned(), AttributeValue::N(self.recorded_at.to_string()));
        Item::from(start)
    }
}

impl<S: ReadItems> Reader<S> {
    /// The keys of what was recorded on a day, in the order of recording, at most so many behind a position; and the
    /// position of the next page, if there may be one. The index of days lags behind for a moment.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn recorded_of_day(
        &self,
        day: &str,
        after: Option<&DayPosition>,
        limit: usize,
    ) -> Result<(Vec<Key>, Option<DayPosition>), StoreError> {
        let mut query = Query::of_index(Table::History, BY_DAY, day).limit(limit);
        query.start = after.map(|position| position.start(day));
        let page = self.store().query(&query).await?;
        let keys = page.items.iter().filter_map(Key::of).collect();
        Ok((keys, page.next.as_ref().and_then(DayPosition::of)))
    }

    /// The items of the history with these keys, in the order of the keys.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn history_items(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let items = self.store().batch_get(Table::History, keys.clone()).await?;
        let mut by_key: HashMap<Key, Item> =
            items.into_iter().filter_map(|item| Some((Key::of(&item)?, item))).collect();
        Ok(keys.iter().filter_map(|key| by_key.remove(key)).collect())
    }
}

/// Whether a day is one: `yyyy-mm-dd`.
#[must_use]
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_ok_and(|day| day.day() == text)
}
