//! Reading many items by key: in calls of a hundred keys, many of them at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures_util::future::try_join_all;
use store::{Item, Key, StoreError, backoff};

use crate::error::failed;
use crate::read::key_attributes;

/// How many keys one `BatchGetItem` takes.
const KEYS_PER_CALL: usize = 100;
/// How many calls are under way at once.
const AT_ONCE: usize = 32;
/// How often keys that DynamoDB left unprocessed are asked for again.
const TRIES: u32 = 10;
const OPERATION: &str = "BatchGetItem";

/// The items with these keys that there are, read consistently.
pub(crate) async fn get(client: &Client, table: &str, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    for some in keys.chunks(KEYS_PER_CALL * AT_ONCE) {
        let calls = some.chunks(KEYS_PER_CALL).map(|keys| call(client, table, keys));
        found.extend(try_join_all(calls).await?.into_iter().flatten());
    }
    Ok(found)
}

/// The items with keys that one call takes; with what is left unprocessed it takes several.
async fn call(client: &Client, table: &str, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    let keys: Vec<HashMap<String, AttributeValue>> = keys.iter().cloned().map(key_attributes).collect();
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
    let wanted = wanted.map_err(|e| StoreError::unreadable(OPERATION, e))?;
    let mut wanted = Some(HashMap::from([(table.to_owned(), wanted)]));
    for tries in 0.. {
        let answer = client
            .batch_get_item()
            .set_request_items(wanted.take())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failed(OPERATION, error))?;
        found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items).map(Item::from));
        wanted = answer.unprocessed_keys.filter(|keys| !keys.is_empty());
        if wanted.is_none() {
            break;
        }
        if tries >= TRIES {
            return Err(StoreError::busy(OPERATION, "keys stay unprocessed"));
        }
        tokio::time::sleep(backoff::pause(tries)).await;
    }
    Ok(found)
}
