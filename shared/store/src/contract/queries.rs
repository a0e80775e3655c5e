//! Queries of a table: order, ranges, directions, pages.

use super::{item, pages, remove, s, sort_keys, write};
use crate::query::{Query, Select};
use crate::{Item, Key, Table, WriteItems};

const PARTITION: &str = "contract queries";
/// Sort keys in the order of their UTF-8 bytes, which is not that of UTF-16, nor of a dictionary.
const SORTED: [&str; 10] = ["#1", "%_", "A", "Z", "a", "a#1", "a#10", "a#2", "\u{ffee}", "\u{1f680}"];

/// All checks of queries.
pub async fn all<S: WriteItems>(store: &S) {
    let keys = || SORTED.iter().rev();
    write(store, Table::State, keys().map(|sort| item(&Key::new(PARTITION, *sort), &[("text", s(sort))]))).await;
    // Neighbours that no query of the partition may come upon.
    for neighbour in ["contract querie", "contract queriet", "contract queries#"] {
        write(store, Table::State, [item(&Key::new(neighbour, "a"), &[])]).await;
    }
    write(store, Table::History, [item(&Key::new(PARTITION, "of the other table"), &[])]).await;
    keys_sort_by_their_bytes(store).await;
    ranges_include_their_ends(store).await;
    pages_go_on_behind_a_key(store).await;
    counting_and_selecting(store).await;
    large_items_come_in_pages(store).await;
}

async fn keys_sort_by_their_bytes<S: WriteItems>(store: &S) {
    let all = Query::of(Table::State, PARTITION);
    assert_eq!(sort_keys(store, &all).await, SORTED);
    assert_eq!(sort_keys(store, &all.clone().consistent()).await, SORTED);
    let mut reversed = SORTED;
    reversed.reverse();
    assert_eq!(sort_keys(store, &all.descending()).await, reversed);
    assert_eq!(sort_keys(store, &Query::of(Table::State, "contract nothing")).await, [""; 0]);
}

async fn ranges_include_their_ends<S: WriteItems>(store: &S) {
    let all = || Query::of(Table::State, PARTITION);
    assert_eq!(sort_keys(store, &all().prefix("a")).await, ["a", "a#1", "a#10", "a#2"]);
    assert_eq!(sort_keys(store, &all().prefix("a#1").descending()).await, ["a#10", "a#1"]);
    assert_eq!(sort_keys(store, &all().prefix("%")).await, ["%_"], "a prefix is no pattern");
    assert_eq!(sort_keys(store, &all().prefix("\u{1f680}")).await, ["\u{1f680}"]);
    assert_eq!(sort_keys(store, &all().between("A", "a#1")).await, ["A", "Z", "a", "a#1"]);
    assert_eq!(sort_keys(store, &all().between("B", "Y")).await, [""; 0]);
    assert_eq!(sort_keys(store, &all().between("a#3", "~")).await, [""; 0]);
    assert_eq!(sort_keys(store, &all().between("a#2", "\u{fff0}").descending()).await, ["\u{ffee}", "a#2"]);
}

async fn pages_go_on_behind_a_key<S: WriteItems>(store: &S) {
    let all = || Query::of(Table::State, PARTITION);
    for limit in 1..=SORTED.len() + 1 {
        for query in [all().limit(limit), all().limit(limit).descending(), all().limit(limit).prefix("a")] {
            let unpaged = sort_keys(store, &Query { limit: None, ..query.clone() }).await;
            assert_eq!(sort_keys(store, &query).await, unpaged, "{query:?}");
            let pages = pages(store, &query).await;
            assert!(pages.iter().all(|page| page.items.len() <= limit && page.count == page.items.len()));
            assert!(pages[..pages.len() - 1].iter().all(|page| page.items.len() == limit), "{query:?}");
        }
    }
    assert_eq!(sort_keys(store, &all().after(Some("a"))).await, SORTED[5..]);
    assert_eq!(sort_keys(store, &all().after(Some("a#0"))).await, SORTED[5..], "there need not be an item");
    assert_eq!(sort_keys(store, &all().descending().after(Some("B"))).await, ["A", "%_", "#1"]);
    assert_eq!(sort_keys(store, &all().prefix("a").after(Some("a#10")).limit(5)).await, ["a#2"]);
    // What is written or removed between two pages hides nothing else and shows nothing twice.
    let first = store.query(&all().limit(3)).await.unwrap();
    assert_eq!(first.next_sort_key(), Some("A"));
    remove(store, Table::State, &Key::new(PARTITION, "A")).await;
    write(store, Table::State, [item(&Key::new(PARTITION, "$"), &[])]).await;
    let rest = Query { start: first.next, ..all() };
    assert_eq!(sort_keys(store, &rest).await, SORTED[3..]);
    remove(store, Table::State, &Key::new(PARTITION, "$")).await;
    write(store, Table::State, [item(&Key::new(PARTITION, "A"), &[("text", s("A"))])]).await;
}

async fn counting_and_selecting<S: WriteItems>(store: &S) {
    let all = Query::of(Table::State, PARTITION);
    let counted = pages(store, &all.clone().select(Select::Count)).await;
    assert!(counted.iter().all(|page| page.items.is_empty()));
    assert_eq!(counted.iter().map(|page| page.count).sum::<usize>(), SORTED.len());
    let selected = pages(store, &all.prefix("a#").select(Select::Attribute("text"))).await;
    let items: Vec<Item> = selected.into_iter().flat_map(|page| page.items).collect();
    let only = |text: &str| Item::from(std::collections::HashMap::from([("text".to_owned(), s(text))]));
    assert_eq!(items, ["a#1", "a#10", "a#2"].map(only));
}

/// However large a page may be, all of it comes, and in order.
async fn large_items_come_in_pages<S: WriteItems>(store: &S) {
    let partition = "contract large";
    let names: Vec<String> = (0..12).map(|number| format!("{number:02}")).collect();
    let large =
        names.iter().map(|name| item(&Key::new(partition, name.as_str()), &[("text", s(&"x".repeat(300_000)))]));
    write(store, Table::State, large).await;
    assert_eq!(sort_keys(store, &Query::of(Table::State, partition)).await, names);
    let counted = pages(store, &Query::of(Table::State, partition).select(Select::Count)).await;
    assert_eq!(counted.iter().map(|page| page.count).sum::<usize>(), names.len());
}
