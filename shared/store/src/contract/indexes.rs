//! Indexes: who stands in them, in which order, with which attributes.

use std::collections::BTreeSet;

use super::{item, n, pages, remove, s, sort_keys, write};
use crate::query::Query;
use crate::tables::{ACTIVE, BY_DAY, BY_FINISHED, PARTITION, SORT};
use crate::{Item, Key, Table, WriteItems};

/// All checks of indexes.
pub async fn all<S: WriteItems>(store: &S) {
    an_item_stands_in_it_while_it_has_the_key(store).await;
    it_has_its_attributes_and_no_others(store).await;
    many_items_can_have_one_key(store).await;
    numbers_sort_by_their_value(store).await;
}

/// Enters, moves and leaves with the attributes of the index's key.
pub async fn an_item_stands_in_it_while_it_has_the_key<S: WriteItems>(store: &S) {
    let key = Key::new("contract sparse", "one");
    let among = |partition: &str| Query::of_index(Table::State, ACTIVE, partition);
    let active = |partition: &str, started: &str| item(&key, &[("activeIn", s(partition)), ("startedKey", s(started))]);
    for half in [item(&key, &[("activeIn", s("contract a"))]), item(&key, &[("startedKey", s("1"))])] {
        write(store, Table::State, [half]).await;
        assert_eq!(sort_keys(store, &among("contract a")).await, [""; 0], "it lacks half of the key");
    }
    write(store, Table::State, [active("contract a", "1")]).await;
    assert_eq!(sort_keys(store, &among("contract a")).await, ["one"]);
    write(store, Table::State, [active("contract b", "1")]).await;
    assert_eq!(sort_keys(store, &among("contract a")).await, [""; 0]);
    assert_eq!(sort_keys(store, &among("contract b")).await, ["one"]);
    write(store, Table::State, [active("contract b", "3")]).await;
    assert_eq!(sort_keys(store, &among("contract b").between("2", "4")).await, ["one"]);
    assert_eq!(sort_keys(store, &among("contract b").between("0", "2")).await, [""; 0]);
    store.put(Table::State, item(&key, &[("startedKey", s("3"))])).await.unwrap();
    assert_eq!(sort_keys(store, &among("contract b")).await, [""; 0], "it has left");
    write(store, Table::State, [active("contract b", "3")]).await;
    remove(store, Table::State, &key).await;
    assert_eq!(sort_keys(store, &among("contract b")).await, [""; 0], "it is gone");
}

/// The keys of both, and what the index includes.
pub async fn it_has_its_attributes_and_no_others<S: WriteItems>(store: &S) {
    let key = Key::new("contract attributes", "one");
    let indexed = [("finishedMonth", s("contract month")), ("finishedKey", s("1")), ("figures", s("{}"))];
    let more = [indexed.as_slice(), &[("summary", s("large")), ("sequence", n(1))]].concat();
    write(store, Table::State, [item(&key, &more)]).await;
    let pages = pages(store, &Query::of_index(Table::State, BY_FINISHED, "contract month")).await;
    let found: Vec<Item> = pages.into_iter().flat_map(|page| page.items).collect();
    assert_eq!(found, [item(&key, &indexed)]);
}

/// Each of them comes once, whatever the size of a page and the direction.
pub async fn many_items_can_have_one_key<S: WriteItems>(store: &S) {
    let keys: Vec<Key> =
        (0..9).map(|number| Key::new(format!("contract equal {}", number % 3), number.to_string())).collect();
    for key in &keys {
        write(store, Table::State, [item(key, &[("activeIn", s("contract equal")), ("startedKey", s("same"))])]).await;
    }
    let expected: BTreeSet<Key> = keys.into_iter().collect();
    for limit in 1..=10 {
        let query = Query::of_index(Table::State, ACTIVE, "contract equal").between("0", "~").limit(limit);
        for query in [query.clone(), query.descending()] {
            let pages = pages(store, &query).await;
            let names = [PARTITION, SORT, "activeIn", "startedKey"].map(str::to_owned).into();
            for next in pages.iter().filter_map(|page| page.next.as_ref()) {
                assert_eq!(next.keys().cloned().collect::<BTreeSet<_>>(), names, "where to go on, by both keys");
            }
            let found: Vec<Key> = pages.iter().flat_map(|page| &page.items).filter_map(Key::of).collect();
            assert_eq!((found.len(), found.into_iter().collect()), (expected.len(), expected.clone()), "{query:?}");
        }
    }
}

/// Not by their digits.
pub async fn numbers_sort_by_their_value<S: WriteItems>(store: &S) {
    for number in [10, 9, 100, 0, 1_000_000_000_000] {
        let attributes = [("recordedDay", s("contract day")), ("recordedAt", n(number))];
        write(store, Table::History, [item(&Key::new("contract numbers", number.to_string()), &attributes)]).await;
    }
    let query = Query::of_index(Table::History, BY_DAY, "contract day");
    let sorted = ["0", "9", "10", "100", "1000000000000"];
    assert_eq!(sort_keys(store, &query).await, sorted);
    assert_eq!(sort_keys(store, &query.limit(2)).await, sorted);
}
