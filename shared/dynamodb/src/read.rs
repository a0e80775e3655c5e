//! The reading half.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use store::query::{Page, Query};
use store::tables::{PARTITION, SORT};
use store::{Item, Key, ReadItems, StoreError, Table, TableNames};

use crate::error::failed;

/// Both tables, to be read only.
#[derive(Debug, Clone)]
pub struct ReadOnly {
    pub(crate) client: Client,
    pub(crate) names: TableNames,
}

impl ReadOnly {
    /// The tables of these names.
    #[must_use]
    pub fn new(client: Client, names: TableNames) -> Self {
        Self { client, names }
    }

    /// The tables of these names, with a client made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, names: TableNames) -> Self {
        Self::new(Client::new(configuration), names)
    }
}

impl ReadItems for ReadOnly {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.names.of(table))
            .set_key(Some(key_attributes(key.clone())))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failed("GetItem", error))?;
        Ok(answer.item.map(Item::from))
    }

    async fn batch_get(&self, table: Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        crate::batch::get(&self.client, self.names.of(table), keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        crate::query::page(&self.client, self.names.of(query.table), query).await
    }
}

/// A key as the SDK has it.
pub(crate) fn key_attributes(Key { partition, sort }: Key) -> HashMap<String, AttributeValue> {
    HashMap::from([(PARTITION, partition), (SORT, sort)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text))))
}
