//! Items as the file has them.

use std::collections::BTreeMap;

use rusqlite::types::{Null, ToSqlOutput, Value};
use store::query::Select;
use store::tables::{Index, KeyAttribute, KeyKind};
use store::{AttributeValue, Item, StoreError};

/// An item as JSON, its attributes in the order of their names.
pub(crate) fn write(item: &Item) -> Result<String, StoreError> {
    let attributes: BTreeMap<_, _> = item.iter().collect();
    serde_json::to_string(&attributes).map_err(|error| StoreError::unreadable("item", error))
}

/// An item from JSON.
pub(crate) fn read(json: &str) -> Result<Item, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::unreadable("item", error))
}

/// What a query gives of an item.
pub(crate) fn select(mut item: Item, index: Option<&Index>, table: [KeyAttribute; 2], select: Select) -> Item {
    if let Some(index) = index {
        let keys = || table.into_iter().chain(index.keys).map(|key| key.name);
        item.inner_mut().retain(|name, _| keys().any(|key| key == name) || index.includes.contains(&name.as_str()));
    }
    if let Select::Attribute(selected) = select {
        item.inner_mut().retain(|name, _| name == selected);
    }
    item
}

/// The value of an attribute that is a key, as a column has it; nothing where the item lacks it.
///
/// # Errors
/// When it is not what the key is made of.
pub(crate) fn column(item: &Item, key: KeyAttribute) -> Result<ToSqlOutput<'_>, StoreError> {
    match (item.get(key.name), key.kind) {
        (None, _) => Ok(ToSqlOutput::from(Null)),
        (Some(AttributeValue::S(text)), KeyKind::Text) if !text.is_empty() => Ok(ToSqlOutput::from(text.as_str())),
        (Some(AttributeValue::N(digits)), KeyKind::Number) => number(digits),
        (Some(_), KeyKind::Text) => Err(wrong(key, "a text that is not empty")),
        (Some(_), KeyKind::Number) => Err(wrong(key, "a number")),
    }
}

fn number(digits: &str) -> Result<ToSqlOutput<'_>, StoreError> {
    let whole = digits.parse().map(Value::Integer);
    let number = whole.or_else(|_| digits.parse().map(Value::Real));
    number.map(ToSqlOutput::Owned).map_err(|_| StoreError::unreadable("item", format!("{digits} is no number")))
}

fn wrong(key: KeyAttribute, right: &str) -> StoreError {
    StoreError::unreadable("item", format!("the key {} must be {right}", key.name))
}
