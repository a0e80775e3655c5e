//! How large things may be: as `DynamoDB` has it, so that what fits here fits there.
//!
//! Source: "Quotas in Amazon DynamoDB" and "DynamoDB item sizes and formats" of its developer guide.

use store::tables::{PARTITION, SORT};
use store::transaction::{Transaction, Write};
use store::{Key, StoreError, size};

const PARTITION_KEY_BYTES: usize = 2048;
const SORT_KEY_BYTES: usize = 1024;
const ITEM_BYTES: usize = 400 * 1024;
/// Of a transaction, all its items together.
const TRANSACTION_BYTES: usize = 4 * 1024 * 1024;

/// Whether a transaction is one that `DynamoDB` would take.
///
/// # Errors
/// What is too large, or twice there.
pub(crate) fn check(transaction: &Transaction) -> Result<(), StoreError> {
    if transaction.len() > Transaction::MOST {
        return Err(wrong(format!("{} writes; at most {} are taken", transaction.len(), Transaction::MOST)));
    }
    let mut bytes = 0;
    let mut written = Vec::with_capacity(transaction.len());
    for write in &transaction.writes {
        let key = match write {
            Write::Put { table, item, .. } => {
                let size = size::of_item(item);
                if size > ITEM_BYTES {
                    return Err(wrong(format!("an item of {size} bytes; at most {ITEM_BYTES} are taken")));
                }
                bytes += size;
                (*table, Key::of(item).ok_or_else(|| wrong("an item without its key".to_owned()))?)
            }
            Write::Delete { table, key } => (*table, key.clone()),
        };
        check_key(&key.1)?;
        written.push(key);
    }
    if bytes > TRANSACTION_BYTES {
        return Err(wrong(format!("{bytes} bytes; at most {TRANSACTION_BYTES} are taken")));
    }
    written.sort_unstable();
    match written.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(wrong(format!("two writes to {:?}", twice[0].1))),
        None => Ok(()),
    }
}

fn check_key(key: &Key) -> Result<(), StoreError> {
    for (name, text, most) in [(PARTITION, &key.partition, PARTITION_KEY_BYTES), (SORT, &key.sort, SORT_KEY_BYTES)] {
        if text.is_empty() || text.len() > most {
            return Err(wrong(format!("{name} has {} bytes; it must have 1 to {most}", text.len())));
        }
    }
    Ok(())
}

fn wrong(what: String) -> StoreError {
    StoreError { operation: "transact", busy: false, cause: what }
}
