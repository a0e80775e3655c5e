//! Creating the tables as they are declared, for one machine and for tests.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodb::{Client, error::ProvideErrorMetadata as _};
use store::tables::{Definition, Index, KeyAttribute, KeyKind};
use store::{StoreError, Table, TableNames};

use crate::error::failed;

/// Creates both tables where they don't exist, and in those that do the indexes that they lack, as
/// one of an earlier version may: for `local` and for tests. In AWS the template does it, and no
/// function may.
///
/// # Errors
/// When a table can't be created, or an index.
pub async fn create(client: &Client, names: &TableNames) -> Result<(), StoreError> {
    for table in Table::ALL {
        let (name, definition) = (names.of(table), table.definition());
        if !create_table(client, name, definition).await? {
            add_indexes(client, name, definition).await?;
        }
    }
    Ok(())
}

/// Whether the table was created: false when there is one already.
async fn create_table(client: &Client, name: &str, table: Definition) -> Result<bool, StoreError> {
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
        let stream =
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
        request = request.stream_specification(stream.build().map_err(unreadable)?);
    }
    let request = request.set_attribute_definitions(Some(attributes(table)?));
    match request.set_key_schema(Some(key_schema(table.keys)?)).send().await {
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(false),
        Err(error) => Err(failed(OPERATION, error)),
        Ok(_) => Ok(true),
    }
}

/// Adds the indexes that a table lacks; one at a time, for DynamoDB takes no more.
async fn add_indexes(client: &Client, name: &str, table: Definition) -> Result<(), StoreError> {
    const OPERATION: &str = "UpdateTable";
    let unreadable = |error| StoreError::unreadable(OPERATION, error);
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|error| failed("DescribeTable", error))?;
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
        request.send().await.map_err(|error| failed(OPERATION, error))?;
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
fn attributes(table: Definition) -> Result<Vec<AttributeDefinition>, StoreError> {
    let of_indexes = table.indexes.iter().flat_map(|index| index.keys);
    let attributes: BTreeSet<KeyAttribute> = table.keys.into_iter().chain(of_indexes).collect();
    let definition = |KeyAttribute { name, kind }| {
        let kind = match kind {
            KeyKind::Text => ScalarAttributeType::S,
            KeyKind::Number => ScalarAttributeType::N,
        };
        let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
        definition.build().map_err(|error| StoreError::unreadable("CreateTable", error))
    };
    attributes.into_iter().map(definition).collect()
}

fn key_schema(keys: [KeyAttribute; 2]) -> Result<Vec<KeySchemaElement>, StoreError> {
    let kinds = [KeyType::Hash, KeyType::Range];
    keys.iter()
        .zip(kinds)
        .map(|(key, kind)| KeySchemaElement::builder().attribute_name(key.name).key_type(kind).build())
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::unreadable("CreateTable", error))
}
