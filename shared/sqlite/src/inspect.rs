//! Whether the rows of the file are what they are found as.

use std::collections::BTreeSet;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Row};
use store::{Key, Table};

use crate::item;
use crate::schema::{indexed, name, quoted};

/// What was found.
#[derive(Debug, Default)]
pub struct Inspected {
    /// The partitions of the history.
    pub partitions: BTreeSet<String>,
    /// The keys of the rows of the state with which something is wrong.
    pub of_state: Vec<Key>,
    /// What is wrong: a sentence for each row.
    pub problems: Vec<String>,
}

/// Reads every row, and goes on where one can't be read.
pub(crate) fn all(connection: &Connection) -> Inspected {
    let mut inspected = Inspected::default();
    for table in Table::ALL {
        if let Err(error) = rows(connection, table, &mut inspected) {
            inspected.problems.push(format!("the rest of the table {} can't be read: {error}", name(table)));
        }
    }
    inspected
}

fn rows(connection: &Connection, table: Table, inspected: &mut Inspected) -> rusqlite::Result<()> {
    let columns = ["number", "pk", "sk", "item"].into_iter().chain(indexed(table).map(|key| key.name));
    let columns: Vec<String> = columns.map(quoted).collect();
    let sql = format!("SELECT {} FROM {} ORDER BY number", columns.join(", "), name(table));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = text(row, 1).and_then(|partition| Ok(Key::new(partition, text(row, 2)?)));
        if let (Table::History, Ok(key)) = (table, &key) {
            inspected.partitions.insert(key.partition.clone());
        }
        if let Err(wrong) = key.as_ref().map_err(Clone::clone).and_then(|key| judge(row, table, key)) {
            inspected.of_state.extend(key.as_ref().ok().filter(|_| table == Table::State).cloned());
            let (table, number) = (name(table), row.get::<_, i64>(0)?);
            let of = key.as_ref().map(|key| format!(", {} {}", key.partition, key.sort)).unwrap_or_default();
            inspected.problems.push(format!("row {number} of {table}{of}: {wrong}"));
        }
    }
    Ok(())
}

/// An item stands under its own key, and in the indexes under its own attributes.
fn judge(row: &Row<'_>, table: Table, key: &Key) -> Result<(), String> {
    let item = item::read(text(row, 3)?).map_err(|error| error.to_string())?;
    if Key::of(&item).as_ref() != Some(key) {
        return Err("the item has another key".to_owned());
    }
    for (nth, attribute) in indexed(table).enumerate() {
        let expected = match item::column(&item, attribute).map_err(|error| error.to_string())? {
            ToSqlOutput::Owned(value) => value,
            ToSqlOutput::Borrowed(value) => value.into(),
            _ => Value::Null,
        };
        let found = row.get_ref(4 + nth).map_err(|error| error.to_string())?;
        if found != ValueRef::from(&expected) {
            return Err(format!("the item has another {}", attribute.name));
        }
    }
    Ok(())
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, String> {
    let text = row.get_ref(column).map_err(|error| error.to_string())?;
    text.as_str().map_err(|error| error.to_string())
}
