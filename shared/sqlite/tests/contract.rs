//! What the store's port promises, in memory and in a file.

use sqlite::Sqlite;
use store::contract;
use tempfile::TempDir;

/// A store in memory, and one in a file that is gone afterwards.
fn both() -> ([Sqlite; 2], TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let in_file = Sqlite::open(&folder.path().join("history.db")).unwrap();
    ([Sqlite::in_memory().unwrap(), in_file], folder)
}

#[tokio::test]
async fn what_is_written_is_read_as_it_was() {
    let (stores, _folder) = both();
    for store in &stores {
        contract::items::all(store).await;
    }
}

#[tokio::test]
async fn a_transaction_takes_effect_whole_or_not_at_all() {
    let (stores, _folder) = both();
    for store in &stores {
        contract::transactions::all(store).await;
    }
}

#[tokio::test]
async fn a_partition_is_read_in_order_in_both_directions_and_in_pages() {
    let (stores, _folder) = both();
    for store in &stores {
        contract::queries::all(store).await;
    }
}

#[tokio::test]
async fn an_index_follows_its_table() {
    let (stores, _folder) = both();
    for store in &stores {
        contract::indexes::all(store).await;
    }
}
