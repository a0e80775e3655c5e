//! How far the history is published.
//!
//! There is no copy of what is to be published: the history only grows, and its rows have numbers in the
//! order of writing. So it is enough to note the last number that was published, and that need not be on
//! disk at once: what is published a second time after a crash is recognised by its `dedupeId`.

use rusqlite::Connection;
use store::{Item, Key, StoreError};

use crate::error::failed;
use crate::item;

const OPERATION: &str = "published";

/// An item of the history that is to be published.
#[derive(Debug)]
pub struct Unpublished {
    /// Its number.
    pub number: i64,
    /// Its key; none where even that can't be read.
    pub key: Option<Key>,
    /// The item, or why it can't be read.
    pub item: Result<Item, StoreError>,
}

/// Notes how far it is published. It never goes back; a note that can't be read is replaced.
pub(crate) fn note(connection: &Connection, number: i64) -> Result<(), StoreError> {
    let failed = |error| failed(OPERATION, &error);
    match read(connection, newest(connection)?) {
        Ok(before) if before >= number => Ok(()),
        Ok(_) => connection.execute("UPDATE published SET number = ?1", [number]).map(drop).map_err(failed),
        Err(_) => {
            connection.execute("DELETE FROM published", ()).map_err(failed)?;
            connection.execute("INSERT INTO published VALUES (?1)", [number]).map(drop).map_err(failed)
        }
    }
}

/// How far it is published, by the note in the file; and whether that can be read.
pub(crate) fn noted(connection: &Connection) -> Result<(i64, bool), StoreError> {
    let newest = newest(connection)?;
    read(connection, newest).map(|number| (number, true)).or_else(|unreadable| {
        // To publish all again would ring every alarm of the past.
        tracing::error!(unreadable, newest, "how far was published can't be read: nothing older is published");
        Ok((newest, false))
    })
}

fn newest(connection: &Connection) -> Result<i64, StoreError> {
    let newest = "SELECT coalesce(max(number), 0) FROM history";
    connection.query_row(newest, [], |row| row.get(0)).map_err(|error| failed(OPERATION, &error))
}

/// The note: one number, of a record that there is.
fn read(connection: &Connection, newest: i64) -> Result<i64, String> {
    let one = "SELECT number FROM published WHERE (SELECT count(*) FROM published) = 1";
    let number = connection.query_row(one, [], |row| row.get(0)).map_err(|error| error.to_string())?;
    if (0..=newest).contains(&number) { Ok(number) } else { Err(format!("there is no record {number}")) }
}

/// The next items after a number, at most so many. One that can't be read is among them as such.
pub(crate) fn after(connection: &Connection, number: i64, most: usize) -> Result<Vec<Unpublished>, StoreError> {
    let sql = "SELECT number, pk, sk, item FROM history WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(|error| failed(OPERATION, &error))?;
    let mut rows = statement.query((number, most)).map_err(|error| failed(OPERATION, &error))?;
    let mut found = Vec::new();
    loop {
        match rows.next() {
            Ok(Some(row)) => found.push(unpublished(row).map_err(|error| failed(OPERATION, &error))?),
            Ok(None) => return Ok(found),
            // What is damaged comes alone, behind what could be read.
            Err(_) if !found.is_empty() => return Ok(found),
            Err(error) => {
                let error = failed(OPERATION, &error);
                // What can be read later is not passed over, nor what is not there yet.
                if error.busy || number >= newest(connection)? {
                    return Err(error);
                }
                return Ok(vec![Unpublished { number: number + 1, key: None, item: Err(error) }]);
            }
        }
    }
}

fn unpublished(row: &rusqlite::Row<'_>) -> rusqlite::Result<Unpublished> {
    let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
    let item = text(3).map_err(|error| failed(OPERATION, &error)).and_then(item::read);
    let key = text(1).ok().zip(text(2).ok()).map(|(partition, sort)| Key::new(partition, sort));
    Ok(Unpublished { number: row.get(0)?, key, item })
}
