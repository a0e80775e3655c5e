//! Connections, and how they are set.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::not_opened::NotOpened;
use crate::schema;

/// How long a writer waits for another process that writes the same file, such as `rebuild --write`.
const PATIENCE: Duration = Duration::from_secs(5);
/// How large the write-ahead log stays after it was merged.
const LOG_BYTES: i64 = 64 * 1024 * 1024;
/// How many pages the write-ahead log has before they are merged into the file: 16 MB. What is written again and again,
/// such as the ends of tables and indexes, is merged once then, and the disk waited for twice.
const LOG_PAGES: i64 = 4096;
/// How much of the file each connection keeps in memory, in KiB.
const CACHE_KIB: i64 = 16 * 1024;
/// How many statements a connection keeps ready.
const STATEMENTS: usize = 64;

/// A database in memory.
pub(crate) fn in_memory() -> Result<Connection, NotOpened> {
    let connection = Connection::open_in_memory().map_err(|error| NotOpened::Memory(error.to_string()))?;
    connection.execute_batch(&schema::create()).map_err(|error| NotOpened::Memory(error.to_string()))?;
    keep_statements(&connection).map_err(|error| NotOpened::Memory(error.to_string()))?;
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// What is acknowledged is on disk: with `synchronous=FULL` the log is written through at each commit, on
/// macOS with the call that reaches the disk itself.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    keep_statements(connection)
}

/// A statement stays ready, whatever its values are: else `SQLite` plans one that compares with a value anew for each
/// value.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Whether its tables and indexes are those that we made.
pub(super) fn check(path: &Path, connection: &Connection) -> Result<(), NotOpened> {
    let read = |error: rusqlite::Error| NotOpened::database(path, &error);
    let expected = in_memory()?;
    if schema_of(connection).map_err(read)? != schema_of(&expected).map_err(read)? {
        let what = "its tables are not those that this program makes".to_owned();
        return Err(NotOpened::Damaged { path: path.to_owned(), what });
    }
    Ok(())
}

/// Has it written through a log from now on.
pub(super) fn use_log(path: &Path, connection: &Connection) -> Result<(), NotOpened> {
    let read = |error: rusqlite::Error| NotOpened::database(path, &error);
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(read)?;
    if mode != "wal" {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        if mode.map_err(read)? != "wal" {
            let what = "it can't be written through a log".to_owned();
            return Err(NotOpened::Damaged { path: path.to_owned(), what });
        }
    }
    Ok(())
}

fn schema_of(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_master ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
