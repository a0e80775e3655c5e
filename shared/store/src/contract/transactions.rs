//! Transactions: conditions, and what stands there when they don't hold.

use super::{item, n, s, write};
use crate::transaction::{Checked, Outcome, Transaction};
use crate::{Key, Table, WriteItems};

/// All checks of transactions.
pub async fn all<S: WriteItems>(store: &S) {
    nothing_is_written_where_something_stands(store).await;
    a_number_that_is_counted_guards_an_item(store).await;
    one_condition_that_fails_keeps_all_writes_from_taking_effect(store).await;
    a_hundred_writes_to_both_tables_are_one(store).await;
}

/// `put_new` takes effect once, and hands back what stands there.
pub async fn nothing_is_written_where_something_stands<S: WriteItems>(store: &S) {
    let key = Key::new("contract new", "one");
    let put = |text: &str| {
        let mut transaction = Transaction::default();
        transaction.put_new(Table::History, item(&key, &[("text", s(text))]));
        transaction
    };
    assert_eq!(store.transact(put("first")).await.unwrap(), Outcome::Committed);
    let first = item(&key, &[("text", s("first"))]);
    let refused = Outcome::Refused(vec![Checked::Fails(Some(first.clone()))]);
    assert_eq!(store.transact(put("second")).await.unwrap(), refused);
    assert_eq!(store.get(Table::History, &key).await.unwrap(), Some(first));
}

/// `put_next` takes effect while the number is the one that was read.
pub async fn a_number_that_is_counted_guards_an_item<S: WriteItems>(store: &S) {
    let key = Key::new("contract next", "one");
    let put = |revision: u64, read: Option<u64>| {
        let mut transaction = Transaction::default();
        transaction.put_next(Table::State, item(&key, &[("revision", n(revision))]), "revision", read);
        transaction
    };
    let missing = Outcome::Refused(vec![Checked::Fails(None)]);
    assert_eq!(store.transact(put(8, Some(7))).await.unwrap(), missing, "there is nothing yet");
    assert_eq!(store.transact(put(9, None)).await.unwrap(), Outcome::Committed);
    let stands = Outcome::Refused(vec![Checked::Fails(Some(item(&key, &[("revision", n(9))])))]);
    assert_eq!(store.transact(put(1, None)).await.unwrap(), stands);
    assert_eq!(store.transact(put(9, Some(8))).await.unwrap(), stands);
    assert_eq!(store.transact(put(10, Some(9))).await.unwrap(), Outcome::Committed);
    assert_eq!(store.get(Table::State, &key).await.unwrap(), Some(item(&key, &[("revision", n(10))])));
    let without = item(&key, &[("text", s("no revision"))]);
    write(store, Table::State, [without.clone()]).await;
    let refused = Outcome::Refused(vec![Checked::Fails(Some(without))]);
    assert_eq!(store.transact(put(11, Some(10))).await.unwrap(), refused, "it lacks the number");
}

/// Each write is judged by itself, in order, and nothing of the transaction takes effect.
pub async fn one_condition_that_fails_keeps_all_writes_from_taking_effect<S: WriteItems>(store: &S) {
    let key = |name: &str| Key::new("contract whole", name);
    let there = [item(&key("removed"), &[]), item(&key("taken"), &[("text", s("there"))]), item(&key("replaced"), &[])];
    write(store, Table::State, there.clone()).await;
    let mut transaction = Transaction::default();
    transaction.put_new(Table::State, item(&key("new"), &[]));
    transaction.delete(Table::State, key("removed"));
    transaction.put_new(Table::State, item(&key("taken"), &[]));
    transaction.put(Table::State, item(&key("replaced"), &[("text", s("other"))]));
    transaction.put_next(Table::State, item(&key("missing"), &[]), "revision", Some(1));
    transaction.delete(Table::State, key("never there"));
    let [_, taken, _] = there.clone();
    let expected = vec![
        Checked::Holds,
        Checked::Holds,
        Checked::Fails(Some(taken)),
        Checked::Holds,
        Checked::Fails(None),
        Checked::Holds,
    ];
    assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Refused(expected));
    for name in ["new", "missing", "never there"] {
        assert_eq!(store.get(Table::State, &key(name)).await.unwrap(), None, "{name}");
    }
    for (name, item) in ["removed", "taken", "replaced"].into_iter().zip(there) {
        assert_eq!(store.get(Table::State, &key(name)).await.unwrap(), Some(item), "{name}");
    }
    let mut transaction = Transaction::default();
    transaction.delete(Table::State, key("removed"));
    transaction.delete(Table::State, key("never there"));
    transaction.put(Table::State, item(&key("replaced"), &[("text", s("other"))]));
    assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Committed);
    assert_eq!(store.get(Table::State, &key("removed")).await.unwrap(), None);
}

/// As many writes as a transaction has room for.
pub async fn a_hundred_writes_to_both_tables_are_one<S: WriteItems>(store: &S) {
    let key = |number: usize| Key::new("contract many", format!("{number:03}"));
    let table = |number: usize| if number.is_multiple_of(2) { Table::History } else { Table::State };
    let mut transaction = Transaction::default();
    for number in 0..Transaction::MOST {
        transaction.put_new(table(number), item(&key(number), &[]));
    }
    assert_eq!(store.transact(transaction.clone()).await.unwrap(), Outcome::Committed);
    let again = (0..Transaction::MOST).map(|number| Checked::Fails(Some(item(&key(number), &[]))));
    assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Refused(again.collect()));
}
