//! The writes of a transaction.

use std::sync::LazyLock;

use rusqlite::{Connection, ToSql, params_from_iter};
use store::transaction::{Checked, Condition, Outcome, Transaction, Write};
use store::{AttributeValue, Item, Key, StoreError, Table};

use crate::error::failed;
use crate::schema::{indexed, name, quoted};
use crate::{item, limits, query};

const OPERATION: &str = "transact";

/// Carries out a transaction within one of the database: all conditions first, then all writes.
///
/// # Errors
/// What was written before the error has to be rolled back.
pub(crate) fn apply(connection: &Connection, transaction: &Transaction) -> Result<Outcome, StoreError> {
    limits::check(transaction)?;
    let checked = transaction.writes.iter().map(|write| check(connection, write));
    let checked = checked.collect::<Result<Vec<_>, _>>()?;
    if checked.iter().any(|checked| *checked != Checked::Holds) {
        return Ok(Outcome::Refused(checked));
    }
    for write in &transaction.writes {
        match write {
            Write::Put { table, item, .. } => put(connection, *table, item)?,
            Write::Delete { table, key } => delete(connection, *table, key)?,
        }
    }
    Ok(Outcome::Committed)
}

fn check(connection: &Connection, write: &Write) -> Result<Checked, StoreError> {
    let Write::Put { table, item, condition } = write else { return Ok(Checked::Holds) };
    if *condition == Condition::Anything {
        return Ok(Checked::Holds);
    }
    let there = query::get(connection, *table, &key(item)?)?;
    let holds = match condition {
        Condition::Anything => true,
        Condition::Nothing => there.is_none(),
        Condition::Number(attribute, expected) => there.as_ref().is_some_and(
            |item| matches!(item.get(*attribute), Some(AttributeValue::N(digits)) if digits.parse() == Ok(*expected)),
        ),
    };
    Ok(if holds { Checked::Holds } else { Checked::Fails(there) })
}

fn put(connection: &Connection, table: Table, item: &Item) -> Result<(), StoreError> {
    static STATEMENTS: LazyLock<[String; 2]> = LazyLock::new(|| Table::ALL.map(put_statement));
    let statement = &STATEMENTS[usize::from(table == Table::State)];
    let key = key(item)?;
    let json = item::write(item)?;
    let indexed = indexed(table).map(|key| item::column(item, key)).collect::<Result<Vec<_>, _>>()?;
    let values: [&dyn ToSql; 3] = [&key.partition, &key.sort, &json];
    let values = values.into_iter().chain(indexed.iter().map(|value| value as &dyn ToSql));
    execute(connection, statement, params_from_iter(values))
}

/// Writes a row in place of the one with its key, if there is one.
fn put_statement(table: Table) -> String {
    let columns: Vec<String> = ["item"].into_iter().chain(indexed(table).map(|key| key.name)).map(quoted).collect();
    let values: Vec<String> = (1..=columns.len() + 2).map(|number| format!("?{number}")).collect();
    let replaced: Vec<String> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    format!(
        "INSERT INTO {} (pk, sk, {}) VALUES ({}) ON CONFLICT (pk, sk) DO UPDATE SET {}",
        name(table),
        columns.join(", "),
        values.join(", "),
        replaced.join(", ")
    )
}

fn delete(connection: &Connection, table: Table, key: &Key) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {} WHERE pk = ?1 AND sk = ?2", name(table));
    execute(connection, &sql, (&key.partition, &key.sort))
}

fn execute(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| failed(OPERATION, &error))?;
    statement.execute(values).map(|_| ()).map_err(|error| failed(OPERATION, &error))
}

fn key(item: &Item) -> Result<Key, StoreError> {
    Key::of(item).ok_or_else(|| StoreError::unreadable(OPERATION, "an item without its key"))
}
