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
/// No record takes fewer bytes.
const LEAST_BYTES: i64 = 16;
/// How many records are passed over at once.
const MOST_PASSED_OVER: i64 = 1000;

/// An item of the history that is to be published.
#[derive(Debug)]
pub struct Unpublished {
    /// Its number; the last one, where several that can't be read stand together.
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

/// The number of the newest record. One that the file is too small for is damage: numbers have no gaps, and to
/// look behind each up to there would take for ever.
fn newest(connection: &Connection) -> Result<i64, StoreError> {
    let newest = "SELECT (SELECT coalesce(max(number), 0) FROM history), page_count * page_size \
                  FROM pragma_page_count, pragma_page_size";
    let newest = connection.query_row(newest, [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)));
    let (newest, bytes) = newest.map_err(|error| failed(OPERATION, &error))?;
    if newest > bytes / LEAST_BYTES {
        return Err(StoreError::unreadable(OPERATION, format!("there can't be a record {newest} in {bytes} bytes")));
    }
    Ok(newest)
}

/// The note: one number, of a record that there is.
fn read(connection: &Connection, newest: i64) -> Result<i64, String> {
    let one = "SELECT number FROM published WHERE (SELECT count(*) FROM published) = 1";
    let number = connection.query_row(one, [], |row| row.get(0)).map_err(|error| error.to_string())?;
    if (0..=newest).contains(&number) { Ok(number) } else { Err(format!("there is no record {number}")) }
}

/// The next items after a number, at most so many, in the order of their numbers. One that can't be read is among
/// them as such; where not even its number can be read, it comes alone, and with those behind it of which that is
/// true as well.
pub(crate) fn after(connection: &Connection, number: i64, most: usize) -> Result<Vec<Unpublished>, StoreError> {
    let mut found = Vec::new();
    match read_after(connection, number, most, &mut found) {
        Err(_) if !found.is_empty() => Ok(found),
        // What can be read later is not passed over.
        Err(error) if !error.busy => Ok(vec![passed_over(connection, number, error)?]),
        ended => ended.map(|()| found),
    }
}

fn read_after(
    connection: &Connection,
    number: i64,
    most: usize,
    found: &mut Vec<Unpublished>,
) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| failed(OPERATION, &error);
    let sql = "SELECT number, pk, sk, item FROM history WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query((number, most)).map_err(failed)?;
    let mut last = number;
    while let Some(row) = rows.next().map_err(failed)? {
        let new = unpublished(row).map_err(failed)?;
        // Where pages are not in order, going on behind the last one would lead back here.
        if new.number <= last {
            let cause = format!("record {} stands behind record {last}", new.number);
            return Err(StoreError::unreadable(OPERATION, cause));
        }
        last = new.number;
        found.push(new);
    }
    Ok(())
}

/// What stands behind a number and can't be read, up to where it can be again.
fn passed_over(connection: &Connection, number: i64, error: StoreError) -> Result<Unpublished, StoreError> {
    let newest = newest(connection)?;
    if number >= newest {
        return Err(error);
    }
    let end = newest.min(number.saturating_add(MOST_PASSED_OVER));
    let is_readable_behind = |number: &i64| read_after(connection, *number, 1, &mut Vec::new()).is_ok();
    let last = (number + 1..end).find(is_readable_behind).unwrap_or(end);
    let cause = format!("records {} to {last}: {}", number + 1, error.cause);
    Ok(Unpublished { number: last, key: None, item: Err(StoreError { cause, ..error }) })
}

fn unpublished(row: &rusqlite::Row<'_>) -> rusqlite::Result<Unpublished> {
    let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
    let item = text(3).map_err(|error| failed(OPERATION, &error)).and_then(item::read);
    let key = text(1).ok().zip(text(2).ok()).map(|(partition, sort)| Key::new(partition, sort));
    Ok(Unpublished { number: row.get(0)?, key, item })
}
