//! What every adapter must do, as checks for its tests: each panics where the adapter does something
//! else. They write to partitions of their own, so they can share one store.
//!
//! ```text
//! #[tokio::test]
//! async fn it_keeps_what_the_port_promises() {
//!     let store = …;
//!     store::contract::items::all(&store).await;
//!     store::contract::transactions::all(&store).await;
//!     store::contract::queries::all(&store).await;
//!     store::contract::indexes::all(&store).await;
//! }
//! ```

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a check fails by a panic")]

pub mod indexes;
pub mod items;
pub mod queries;
pub mod transactions;

use std::collections::HashMap;

use crate::keys::text;
use crate::query::{Page, Query};
use crate::tables::SORT;
use crate::transaction::{Outcome, Transaction};
use crate::{AttributeValue, Item, Key, Table, WriteItems};

/// A text as a value.
fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A number as a value.
fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item with this key and these further attributes.
fn item(key: &Key, more: &[(&str, AttributeValue)]) -> Item {
    let mut item: HashMap<String, AttributeValue> = Item::from(key.clone()).into_inner();
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    item.into()
}

/// Writes items one by one, each in place of what has its key.
async fn write<S: WriteItems>(store: &S, table: Table, items: impl IntoIterator<Item = Item>) {
    for item in items {
        let mut transaction = Transaction::default();
        transaction.put(table, item);
        assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Committed);
    }
}

/// Removes the item with this key.
async fn remove<S: WriteItems>(store: &S, table: Table, key: &Key) {
    let mut transaction = Transaction::default();
    transaction.delete(table, key.clone());
    assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Committed);
}

/// All pages of the answer to a query. Each but the last says where to go on.
async fn pages<S: WriteItems>(store: &S, query: &Query) -> Vec<Page> {
    let mut query = query.clone();
    let mut pages = Vec::new();
    loop {
        let page = store.query(&query).await.unwrap();
        query.start.clone_from(&page.next);
        pages.push(page);
        if query.start.is_none() {
            return pages;
        }
        assert!(pages.len() < 1000, "paging ends");
    }
}

/// The sort keys, in the table, of all items of the answer to a query.
async fn sort_keys<S: WriteItems>(store: &S, query: &Query) -> Vec<String> {
    let pages = pages(store, query).await;
    let items = pages.iter().flat_map(|page| &page.items);
    items.map(|item| text(item, SORT).unwrap().to_owned()).collect()
}
