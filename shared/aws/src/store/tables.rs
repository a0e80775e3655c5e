//! The tables: names, keys and indexes, defined once for the adapters, for creation in `local` and
//! tests, and for the comparison with the template.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
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
/// Deployments of an environment by the month of their start.
pub(super) const BY_ENVIRONMENT: Index = Index {
    name: "by-environment",
    keys: [("environmentMonth", "S"), ("startedKey", "S")],
    includes: &["ended", "version"],
};
/// Deployments of a service to an environment by the year of their start.
pub(super) const BY_SERVICE: Index =
    Index { name: "by-service", keys: [("serviceYear", "S"), ("startedKey", "S")], includes: &["ended", "version"] };
/// Deployments that have not ended.
pub(super) const ACTIVE: Index =
    Index { name: "active", keys: [("activeIn", "S"), ("startedKey", "S")], includes: &[] };

const KEYS: [KeyAttribute; 2] = [("pk", "S"), ("sk", "S")];
/// The history table.
pub(super) const HISTORY: Table = Table { keys: KEYS, indexes: &[BY_DAY], stream: true, expires: Some("expiresAt") };
/// The state table.
pub(super) const STATE: Table =
    Table { keys: KEYS, indexes: &[BY_ENVIRONMENT, BY_SERVICE, ACTIVE], stream: false, expires: None };

/// Both tables as they must be: history, then state.
#[must_use]
pub fn definitions() -> [Table; 2] {
    [HISTORY, STATE]
}

impl Tables {
    /// Creates both tables where they don't exist: for `local` and for tests. In AWS the template
    /// creates them, and no function may.
    ///
    /// # Errors
    /// When a table can't be created.
    pub async fn create(&self, client: &Client) -> Result<(), StoreError> {
        for (name, table) in [(&self.history, HISTORY), (&self.state, STATE)] {
            create(client, name, table).await?;
        }
        Ok(())
    }
}

async fn create(client: &Client, name: &str, table: Table) -> Result<(), StoreError> {
    let unreadable = |error| StoreError::unreadable("CreateTable", error);
    let mut attributes: Vec<KeyAttribute> = table.keys.to_vec();
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for index in table.indexes {
        attributes.extend(index.keys);
        let projection = match index.includes {
            [] => Projection::builder().projection_type(ProjectionType::KeysOnly),
            includes => Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(includes.iter().map(ToString::to_string).collect())),
        };
        let index = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(key_schema(index.keys)?))
            .projection(projection.build());
        request = request.global_secondary_indexes(index.build().map_err(unreadable)?);
    }
    attributes.sort_unstable();
    attributes.dedup();
    for (attribute, kind) in attributes {
        let kind = if kind == "N" { ScalarAttributeType::N } else { ScalarAttributeType::S };
        let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(kind);
        request = request.attribute_definitions(definition.build().map_err(unreadable)?);
    }
    if table.stream {
        let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
        request = request.stream_specification(stream.build().map_err(unreadable)?);
    }
    match request.set_key_schema(Some(key_schema(table.keys)?)).send().await {
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
        Err(error) => Err(StoreError::call("CreateTable", error)),
        Ok(_) => Ok(()),
    }
}

fn key_schema(keys: [KeyAttribute; 2]) -> Result<Vec<KeySchemaElement>, StoreError> {
    let kinds = [KeyType::Hash, KeyType::Range];
    keys.iter()
        .zip(kinds)
        .map(|((name, _), kind)| KeySchemaElement::builder().attribute_name(*name).key_type(kind).build())
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::unreadable("CreateTable", error))
}
