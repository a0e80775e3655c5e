//! The writing half.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use store::query::{Page, Query};
use store::transaction::{Outcome, Transaction};
use store::{Item, Key, ReadItems, StoreError, Table, TableNames, WriteItems};

use crate::error::failed;
use crate::read::ReadOnly;

/// Both tables, to be read and written.
#[derive(Debug, Clone)]
pub struct ReadWrite(ReadOnly);

impl ReadWrite {
    /// The tables of these names.
    #[must_use]
    pub fn new(client: Client, names: TableNames) -> Self {
        Self(ReadOnly::new(client, names))
    }

    /// The tables of these names, with a client made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, names: TableNames) -> Self {
        Self(ReadOnly::from_configuration(configuration, names))
    }
}

impl ReadItems for ReadWrite {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        self.0.get(table, key).await
    }

    async fn batch_get(&self, table: Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        self.0.batch_get(table, keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        self.0.query(query).await
    }
}

impl WriteItems for ReadWrite {
    async fn transact(&self, transaction: Transaction) -> Result<Outcome, StoreError> {
        crate::transact::transact(&self.0.client, &self.0.names, transaction).await
    }

    async fn put(&self, table: Table, item: Item) -> Result<(), StoreError> {
        let put = self.0.client.put_item().table_name(self.0.names.of(table)).set_item(Some(item.into()));
        put.return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failed("PutItem", error))?;
        Ok(())
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
