//! A question to a table, as SQL.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, Params, params_from_iter};
use store::query::{Direction, Page, Query, Range, Select};
use store::tables::KeyAttribute;
use store::{Item, Key, StoreError, Table};

use crate::error::failed;
use crate::schema::{index_name, quoted};
use crate::{item, schema};

const OPERATION: &str = "query";
/// How many bytes of items a page has before it ends: what is read in a millisecond or two.
const PAGE_BYTES: usize = 256 * 1024;

/// The item with this key.
pub(crate) fn get(connection: &Connection, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
    let sql = match table {
        Table::History => "SELECT item FROM history WHERE pk = ?1 AND sk = ?2",
        Table::State => "SELECT item FROM state WHERE pk = ?1 AND sk = ?2",
    };
    one(connection, "get", sql, (&key.partition, &key.sort))
}

/// The keys of all items of a table.
pub(crate) fn keys(connection: &Connection, table: Table) -> Result<BTreeSet<Key>, StoreError> {
    const OPERATION: &str = "keys";
    let failed = |error: &rusqlite::Error| failed(OPERATION, error);
    let sql = format!("SELECT pk, sk FROM {}", schema::name(table));
    let mut statement = connection.prepare(&sql).map_err(|error| failed(&error))?;
    let key = |row: &rusqlite::Row<'_>| Ok(Key::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let keys = statement.query_map([], key).map_err(|error| failed(&error))?;
    keys.collect::<Result<_, _>>().map_err(|error| failed(&error))
}

/// The item of the history that was written last.
pub(crate) fn newest(connection: &Connection) -> Result<Option<Item>, StoreError> {
    one(connection, "newest", "SELECT item FROM history ORDER BY number DESC LIMIT 1", ())
}

fn one(
    connection: &Connection,
    operation: &'static str,
    sql: &str,
    values: impl Params,
) -> Result<Option<Item>, StoreError> {
    let failed = |error: &rusqlite::Error| failed(operation, error);
    let mut statement = connection.prepare_cached(sql).map_err(|error| failed(&error))?;
    let mut rows = statement.query(values).map_err(|error| failed(&error))?;
    let Some(row) = rows.next().map_err(|error| failed(&error))? else { return Ok(None) };
    let json = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).map_err(|error| failed(&error))?;
    item::read(json).map(Some)
}

/// What is wrong with the file, page by page and index by index.
pub(crate) fn damaged_pages(connection: &Connection) -> Result<Vec<String>, StoreError> {
    const OPERATION: &str = "integrity_check";
    let mut statement = connection.prepare("PRAGMA integrity_check").map_err(|error| failed(OPERATION, &error))?;
    let found = statement.query_map([], |row| row.get::<_, String>(0)).map_err(|error| failed(OPERATION, &error))?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| failed(OPERATION, &error))?;
    Ok(found.into_iter().filter(|problem| problem != "ok").collect())
}

/// One page of the answer.
pub(crate) fn page(connection: &Connection, query: &Query) -> Result<Page, StoreError> {
    let (sql, values) = sql(query)?;
    let mut statement = connection.prepare_cached(&sql).map_err(|error| failed(OPERATION, &error))?;
    let mut rows = statement.query(params_from_iter(values)).map_err(|error| failed(OPERATION, &error))?;
    let keys = query.table.definition().keys;
    let (mut page, mut bytes) = (Page::default(), 0);
    while let Some(row) = rows.next().map_err(|error| failed(OPERATION, &error))? {
        let json = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).map_err(|error| failed(OPERATION, &error))?;
        page.count += 1;
        bytes += json.len();
        let last = Some(page.count) == query.limit || bytes >= PAGE_BYTES;
        if query.select == Select::Count && !last {
            continue;
        }
        let item = item::read(json)?;
        if last {
            page.next = Some(next(&item, query));
        }
        if query.select != Select::Count {
            page.items.push(item::select(item, query.index.as_ref(), keys, query.select));
        }
        if last {
            break;
        }
    }
    Ok(page)
}

/// Where to go on behind an item: its keys in the table and in the index.
fn next(item: &Item, query: &Query) -> Item {
    let of_index = query.index.into_iter().flat_map(|index| index.keys);
    let keys = query.table.definition().keys.into_iter().chain(of_index);
    let attributes = keys.filter_map(|key| Some((key.name.to_owned(), item.get(key.name)?.clone())));
    attributes.collect::<std::collections::HashMap<_, _>>().into()
}

/// The statement of a query, and its values.
fn sql(query: &Query) -> Result<(String, Vec<Value>), StoreError> {
    let [partition, sort] = query.index.map_or(query.table.definition().keys, |index| index.keys);
    let [partition_column, sort_column] = [partition, sort].map(|key| quoted(key.name));
    let (order, behind) = match query.direction {
        Direction::Ascending => ("ASC", ">"),
        Direction::Descending => ("DESC", "<"),
    };
    let mut values = vec![Value::Text(query.partition.clone())];
    let mut conditions = vec![format!("{partition_column} = ?1")];
    let mut value = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    match &query.range {
        Range::All => {}
        Range::Prefix(prefix) => {
            let from = value(Value::Text(prefix.clone()));
            conditions.push(format!("{sort_column} >= {from}"));
            if let Some(end) = after_all_with(prefix) {
                let end = value(Value::Text(end));
                conditions.push(format!("{sort_column} < {end}"));
            }
        }
        Range::Between(from, to) => {
            let [from, to] = [from, to].map(|text| value(Value::Text(text.clone())));
            conditions.push(format!("{sort_column} BETWEEN {from} AND {to}"));
        }
    }
    let table = schema::name(query.table);
    let (from, keys) = match &query.index {
        None => (table.to_owned(), vec![(sort, sort_column)]),
        Some(index) => {
            // Said once more, because only then a sparse index may be used.
            conditions.push(format!("{sort_column} IS NOT NULL"));
            let of_table = query.table.definition().keys.map(|key| (key, quoted(key.name)));
            let keys = std::iter::once((sort, sort_column)).chain(of_table).collect();
            (format!("{table} INDEXED BY {}", quoted(&index_name(query.table, index))), keys)
        }
    };
    if let Some(start) = &query.start {
        let behind_it =
            keys.iter().map(|(key, _)| Ok(value(start_value(start, *key)?))).collect::<Result<Vec<_>, _>>()?;
        let columns: Vec<&str> = keys.iter().map(|(_, column)| column.as_str()).collect();
        conditions.push(format!("({}) {behind} ({})", columns.join(", "), behind_it.join(", ")));
    }
    let order: Vec<String> = keys.iter().map(|(_, column)| format!("{column} {order}")).collect();
    let conditions = conditions.join(" AND ");
    Ok((format!("SELECT item FROM {from} WHERE {conditions} ORDER BY {}", order.join(", ")), values))
}

/// The least text that is greater than all texts with this prefix; none when there is none.
fn after_all_with(prefix: &str) -> Option<String> {
    let mut prefix = prefix.to_owned();
    while let Some(last) = prefix.pop() {
        // Characters sort as their UTF-8 does. Behind the last one before the surrogates come those after.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            prefix.push(next);
            return Some(prefix);
        }
    }
    None
}

fn start_value(start: &Item, key: KeyAttribute) -> Result<Value, StoreError> {
    match item::column(start, key)? {
        rusqlite::types::ToSqlOutput::Borrowed(value) => Ok(value.into()),
        rusqlite::types::ToSqlOutput::Owned(value) => Ok(value),
        _ => Err(StoreError::unreadable(OPERATION, format!("no {} to go on behind", key.name))),
    }
}
