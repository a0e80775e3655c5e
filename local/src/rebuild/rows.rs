//! Rows of a file that are not what they are found as: an index of the file says something else than the item.

use sqlite::{Inspected, Sqlite};
use store::transaction::Transaction;
use store::{Key, ReadItems as _, StoreError, Table, WriteItems as _};

/// Looks at all rows. On request those of the state are written anew; what can't be read goes, and the rebuild makes it
/// again. Answers what is wrong, and still is.
///
/// # Errors
/// When the file can't be read or written.
pub(super) async fn look(store: &Sqlite, write: bool) -> Result<Vec<String>, StoreError> {
    let Inspected { problems, of_state, .. } = store.inspect()?;
    if !write || of_state.is_empty() {
        return Ok(problems);
    }
    for Key { partition, sort } in of_state {
        let key = Key::new(partition, sort);
        let mut transaction = Transaction::default();
        match store.get(Table::State, &key).await {
            Ok(Some(item)) if Key::of(&item).as_ref() == Some(&key) => transaction.put(Table::State, item),
            _ => transaction.delete(Table::State, key),
        }
        store.transact(transaction).await?;
    }
    Ok(store.inspect()?.problems)
}
