//! How far the history is published: what comes next, and what can't be read.

use rusqlite::Connection;
use sqlite::Sqlite;
use store::transaction::Transaction;
use store::{Item, Key, Table, WriteItems as _};

async fn write(store: &Sqlite, number: usize) {
    let mut transaction = Transaction::default();
    transaction.put_new(Table::History, Item::from(Key::new(format!("DEPLOYMENT#d-{number}"), "EVENT#1")));
    transaction.put(Table::State, Item::from(Key::new(format!("DEPLOYMENT#d-{number}"), "SUMMARY")));
    store.transact(transaction).await.unwrap();
}

fn next(store: &Sqlite, after: i64, most: usize) -> Vec<(i64, String, bool)> {
    let found = store.unpublished(after, most).unwrap();
    let shown = |key: Option<Key>| key.map_or_else(String::new, |key| key.partition);
    found.into_iter().map(|new| (new.number, shown(new.key), new.item.is_ok())).collect()
}

#[tokio::test]
async fn what_is_recorded_comes_in_order_and_where_it_ended_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.published().await.unwrap(), 0);
    for number in 1..=3 {
        write(&store, number).await;
    }
    let all = [(1, "DEPLOYMENT#d-1".to_owned(), true), (2, "DEPLOYMENT#d-2".to_owned(), true)];
    assert_eq!(next(&store, 0, 2), all, "of the history, not of the state");
    assert_eq!(next(&store, 2, 9), [(3, "DEPLOYMENT#d-3".to_owned(), true)]);
    store.note_published(2).await.unwrap();
    store.note_published(1).await.unwrap();
    drop(store);
    assert_eq!(Sqlite::open(&path).unwrap().published().await.unwrap(), 2, "it never goes back");
}

#[tokio::test]
async fn what_cannot_be_read_is_among_them_and_hides_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store = Sqlite::open(&path).unwrap();
    for number in 1..=3 {
        write(&store, number).await;
    }
    let tool = Connection::open(&path).unwrap();
    tool.execute("UPDATE history SET item = '{\"pk\"' WHERE number = 2", ()).unwrap();
    let read: Vec<bool> = next(&store, 0, 9).into_iter().map(|(_, _, readable)| readable).collect();
    assert_eq!(read, [true, false, true]);
    for mark in ["UPDATE published SET number = 99", "DELETE FROM published"] {
        tool.execute(mark, ()).unwrap();
        assert_eq!(store.published().await.unwrap(), 3, "nothing of the past is published again: {mark}");
    }
}

/// Pages that stand in each other's place, as a disk may leave them: their order is wrong, and no page is.
#[tokio::test]
async fn going_through_the_history_ends_wherever_pages_are_swapped() {
    const PAGE: usize = 4096;
    const RECORDS: usize = 150;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    {
        let store = Sqlite::open(&whole).unwrap();
        for number in 0..RECORDS {
            write(&store, number).await;
        }
        store.merge_log().await.unwrap();
    }
    let bytes = std::fs::read(&whole).unwrap();
    let pages = bytes.len() / PAGE;
    let mut ends = [0; 3];
    for (one, other) in (1..pages).flat_map(|one| (1..one).map(move |other| (one, other))) {
        let path = folder.path().join(format!("{one}-{other}.db"));
        let mut bytes = bytes.clone();
        for at in 0..PAGE {
            bytes.swap(one * PAGE + at, other * PAGE + at);
        }
        std::fs::write(&path, bytes).unwrap();
        let Ok(store) = Sqlite::open(&path) else {
            ends[0] += 1;
            continue;
        };
        let mut at = 0;
        for calls in 0.. {
            assert!(calls <= RECORDS, "{one} {other}: it does not end");
            match store.unpublished(at, 9) {
                Ok(found) if found.is_empty() => {
                    ends[1] += 1;
                    break;
                }
                Ok(found) => {
                    assert!(found.iter().map(|new| new.number).is_sorted_by(|a, b| a < b), "{one} {other}: {found:?}");
                    assert!(found[0].number > at, "{one} {other}: {found:?} behind {at}");
                    at = found.last().unwrap().number;
                }
                Err(_) => {
                    ends[2] += 1;
                    break;
                }
            }
        }
        drop(store);
        std::fs::remove_file(&path).unwrap();
    }
    assert!(ends[1] > 0 && ends[2] > 0, "{ends:?}");
}

#[tokio::test]
async fn a_record_with_a_number_that_cannot_be_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store = Sqlite::open(&path).unwrap();
    for number in 1..=3 {
        write(&store, number).await;
    }
    let tool = Connection::open(&path).unwrap();
    tool.execute("UPDATE history SET number = 9000000000000000000 WHERE number = 3", ()).unwrap();
    let error = store.published().await.unwrap_err();
    assert!(error.cause.contains("there can't be a record 9000000000000000000"), "{error}");
}
