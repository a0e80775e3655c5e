//! The tables: names, keys and indexes, defined once for the adapters, for creation in `local` and
//! tests, and for the comparison with the template.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodb::{Client, error::ProvideErrorMetadata as _};

use crate::StoreError;

/// The names of the two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// The append-only history.
    pub history: String,
    /// The current state.
    pub state: String,
}

/// An attribute of a key, with its DynamoDB type (`S` or `N`).
pub type KeyAttribute = (&'static str, &'static str);

/// A table as it must be.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Partition key and sort key.
    pub keys: [KeyAttribute; 2],
    /// Its indexes.
    pub indexes: &'static [Index],
    /// Whether it has a stream (of new images).
    pub stream: bool,
    /// The attribute by which DynamoDB removes items whose time is over, where history is not kept for
    /// ever: a number, in seconds since 1970.
    pub expires: Option<&'static str>,
}

/// A global secondary index as it must be.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Partition key and sort key.
    pub keys: [KeyAttribute; 2],
    /// Attributes that it has besides keys.
    pub includes: &'static [&'static str],
}

/// History events by the day of their recording: export, replay, rebuilding.
pub(super) const BY_DAY: Index =
    Index { name: "by-day", keys: [("recordedDay", "S"), ("recordedAt", "N")], includes: &[] };
/// Deployments of an environment, and apart from them its incidents, by the month of their start.
pub(super) const BY_ENVIRONMENT: Index = Index {
    name: "by-environment",
    keys: [("environmentMonth", "S"), ("startedKey", "S")],
    includes: &["ended", "version"],
};
/// Deployments of a service to an environment, and apart from them its incidents there, by the year of
/// their start.
pub(super) const BY_SERVICE: Index =
    Index { name: "by-service", keys: [("serviceYear", "S"), ("startedKey", "S")], includes: &["ended", "version"] };
/// Deployments that have not ended.
pub(super) const ACTIVE: Index =
    Index { name: "active", keys: [("activeIn", "S"), ("startedKey", "S")], includes: &[] };

/// Deployments to an environment, and its incidents, that have ended, by the month of their end, with
/// what metrics need of them.
pub(super) const BY_FINISHED: Index =
    Index { name: "by-finished", keys: [("finishedMonth", "S"), ("finishedKey", "S")], includes: &["figures"] };

const KEYS: [KeyAttribute; 2] = [("pk", "S"), ("sk", "S")];
/// The history table.
pub(super) const HISTORY: Table = Table { keys: KEYS, indexes: &[BY_DAY], stream: true, expires: Some("expiresAt") };
/// The state table.
pub(super) const STATE: Table =
    Table { keys: KEYS, indexes: &[BY_ENVIRONMENT, BY_SERVICE, ACTIVE, BY_FINISHED], stream: false, expires: None };

/// Both tables as they must be: history, then state.
#[must_use]
pub fn definitions() -> [Table; 2] {
    [HISTORY, STATE]
}

impl Tables {
    /// Creates both tables where they don't exist, and in those that do the indexes that they lack, as
    /// one of an earlier version may: for `local` and for tests. In AWS the template does it, and no
    /// function may.
    ///
    /// # Errors
    /// When a table can't be created, or an index.
    pub async fn create(&self, client: &Client) -> Result<(), StoreError> {
        for (name, table) in [(&self.history, HISTORY), (&self.state, STATE)] {
            if !create(client, name, table).await? {
                add_indexes(client, name, table).await?;
            }
        }
        Ok(())
    }
}

/// Whether the table was created: false when there is one already.
async fn create(client: &Client, name: &str, table: Table) -> Result<bool, StoreError> {
    const OPERATION: &str = "CreateTable";
    let unreadable = |error| StoreError::unreadable(OPERATION, error);
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for index in table.indexes {
        let index = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(key_schema(index.keys)?))
            .projection(projection(index));
        request = request.global_secondary_indexes(index.build().map_err(unreadable)?);
    }
    if table.stream {
        let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
        request = request.stream_specification(stream.build().map_err(unreadable)?);
    }
    let request = request.set_attribute_definitions(Some(attributes(table)?));
    match request.set_key_schema(Some(key_schema(table.keys)?)).send().await {
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(false),
        Err(error) => Err(StoreError::call(OPERATION, error)),
        Ok(_) => Ok(true),
    }
}

/// Adds the indexes that a table lacks; one at a time, for DynamoDB takes no more.
async fn add_indexes(client: &Client, name: &str, table: Table) -> Result<(), StoreError> {
    const OPERATION: &str = "UpdateTable";
    let unreadable = |error| StoreError::unreadable(OPERATION, error);
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|error| StoreError::call("DescribeTable", error))?;
    let there = described.table.and_then(|table| table.global_secondary_indexes).unwrap_or_default();
    let lacks = |index: &&Index| !there.iter().any(|there| there.index_name.as_deref() == Some(index.name));
    for index in table.indexes.iter().filter(lacks) {
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(index.name)
            .set_key_schema(Some(key_schema(index.keys)?))
            .projection(projection(index));
        let create = create.build().map_err(unreadable)?;
        let request = client
            .update_table()
            .table_name(name)
            .set_attribute_definitions(Some(attributes(table)?))
            .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build());
        request.send().await.map_err(|error| StoreError::call(OPERATION, error))?;
    }
    Ok(())
}

fn projection(index: &Index) -> Projection {
    let projection = match index.includes {
        [] => Projection::builder().projection_type(ProjectionType::KeysOnly),
        includes => Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(includes.iter().map(ToString::to_string).collect())),
    };
    projection.build()
}

/// The attributes of all keys of a table, its indexes' included.
fn attributes(table: Table) -> Result<Vec<AttributeDefinition>, StoreError> {
    let of_indexes = table.indexes.iter().flat_map(|index| index.keys);
    let attributes: BTreeSet<KeyAttribute> = table.keys.into_iter().chain(of_indexes).collect();
    let definition = |(attribute, kind): KeyAttribute| {
        let kind = if kind == "N" { ScalarAttributeType::N } else { ScalarAttributeType::S };
        let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(kind);
        definition.build().map_err(|error| StoreError::unreadable("CreateTable", error))
    };
    attributes.into_iter().map(definition).collect()
}

fn key_schema(keys: [KeyAttribute; 2]) -> Result<Vec<KeySchemaElement>, StoreError> {
    let kinds = [KeyType::Hash, KeyType::Range];
    keys.iter()
        .zip(kinds)
        .map(|((name, _), kind)| KeySchemaElement::builder().attribute_name(*name).key_type(kind).build())
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::unreadable("CreateTable", error))
}
