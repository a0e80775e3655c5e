//! Items come back as they were written.

use super::{item, n, remove, s, write};
use crate::{AttributeValue, Key, Table, WriteItems};

/// All checks of items.
pub async fn all<S: WriteItems>(store: &S) {
    every_value_comes_back(store).await;
    many_are_read_by_key(store).await;
    a_note_is_written_without_a_transaction(store).await;
}

/// Values of every kind, nested, and digits that no double holds.
pub async fn every_value_comes_back<S: WriteItems>(store: &S) {
    let nested = [
        ("text".to_owned(), s("a \"quoted\" \\ text,\n ελληνικά, 日本語, 🚀, \u{1}")),
        ("empty".to_owned(), s("")),
        ("whole".to_owned(), AttributeValue::N("9007199254740993".to_owned())),
        ("fraction".to_owned(), AttributeValue::N("-0.5".to_owned())),
        ("truth".to_owned(), AttributeValue::Bool(true)),
        ("nothing".to_owned(), AttributeValue::Null(true)),
        ("list".to_owned(), AttributeValue::L(vec![n(1), s("two"), AttributeValue::L(Vec::new())])),
    ];
    for (table, sort) in [(Table::History, "one"), (Table::State, "one"), (Table::State, "LONG")] {
        let sort = if sort == "LONG" { "k".repeat(1024) } else { sort.to_owned() };
        let key = Key::new("contract items", sort);
        let written =
            item(&key, &[("map", AttributeValue::M(nested.clone().into())), ("large", s(&"x".repeat(300_000)))]);
        assert_eq!(store.get(table, &key).await.unwrap(), None, "{table:?}");
        write(store, table, [written.clone()]).await;
        assert_eq!(store.get(table, &key).await.unwrap(), Some(written), "{table:?}");
        let other = item(&key, &[("other", s("attributes"))]);
        write(store, table, [other.clone()]).await;
        assert_eq!(store.get(table, &key).await.unwrap(), Some(other), "an item is replaced whole");
        remove(store, table, &key).await;
        assert_eq!(store.get(table, &key).await.unwrap(), None, "{table:?}");
    }
}

/// Any number of keys at once; those that have no item are left out.
pub async fn many_are_read_by_key<S: WriteItems>(store: &S) {
    let key = |number: u64| Key::new(format!("contract batch {}", number % 7), number.to_string());
    write(store, Table::State, (0..230).map(|number| item(&key(number), &[("number", n(number))]))).await;
    assert_eq!(store.batch_get(Table::State, Vec::new()).await.unwrap(), []);
    let mut found = store.batch_get(Table::State, (0..260).map(key).collect()).await.unwrap();
    let number = |item: &crate::Item| match &item["number"] {
        AttributeValue::N(digits) => digits.parse::<u64>().unwrap(),
        other => panic!("{other:?} is no number"),
    };
    found.sort_by_key(number);
    assert_eq!(found, (0..230).map(|number| item(&key(number), &[("number", n(number))])).collect::<Vec<_>>());
}

/// A single write, whatever stands there.
pub async fn a_note_is_written_without_a_transaction<S: WriteItems>(store: &S) {
    let key = Key::new("contract notes", "one");
    for text in ["first", "second"] {
        store.put(Table::State, item(&key, &[("text", s(text))])).await.unwrap();
        assert_eq!(store.get(Table::State, &key).await.unwrap(), Some(item(&key, &[("text", s(text))])));
    }
}
