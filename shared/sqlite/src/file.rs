//! The file: made whole or not at all, ours and marked so.

mod backup;
mod earlier;
mod header;
mod lock;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use backup::backup;
pub use lock::Lock;

use crate::schema;
use header::Kind;

/// How long a writer waits for another process that writes the same file, such as `rebuild --write`.
const PATIENCE: Duration = Duration::from_secs(5);
/// How large the write-ahead log stays after it was merged.
const LOG_BYTES: i64 = 64 * 1024 * 1024;
/// How much of the file each connection keeps in memory, in KiB.
const CACHE_KIB: i64 = 16 * 1024;
/// How many statements a connection keeps ready.
const STATEMENTS: usize = 64;

/// Why a file is not served. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// It is a file of something else.
    #[error("{} is no file of this program: {found}; name another file", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        found: &'static str,
    },
    /// A newer version made it.
    #[error("{} was made by a newer version (its format is {format}, this one knows {known}): use that version", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The format's number.
        format: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// It can't be read as the database that it should be.
    #[error("{} is damaged: {what}; restore a backup of it", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What of it.
        what: String,
    },
    /// Another process serves it.
    #[error("{} is served by {by}", path.display())]
    Served {
        /// Which file.
        path: PathBuf,
        /// `process 4711 on 127.0.0.1:9000`.
        by: String,
    },
    /// The operating system does not allow it.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There is no room in memory, or no further thread.
    #[error("no database in memory: {0}")]
    Memory(String),
}

impl NotOpened {
    fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    fn database(path: &Path, error: &rusqlite::Error) -> Self {
        Self::Damaged { path: path.to_owned(), what: error.to_string() }
    }
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> Self {
        Self::Memory(error.to_string())
    }
}

/// A database in memory.
pub(crate) fn in_memory() -> Result<Connection, NotOpened> {
    let connection = Connection::open_in_memory().map_err(|error| NotOpened::Memory(error.to_string()))?;
    connection.execute_batch(&schema::create()).map_err(|error| NotOpened::Memory(error.to_string()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Whether there is a file of an earlier version, which [`convert`] makes one of this version.
///
/// # Errors
/// When the file is not ours.
pub fn is_earlier(path: &Path) -> Result<bool, NotOpened> {
    Ok(header::kind(path)? == Kind::Earlier)
}

/// Makes a file of this version from one of an earlier version, which is kept beside it under the name that
/// is answered. Interrupted at any moment, either file is there whole.
///
/// # Errors
/// When the old one can't be read or the new one can't be written.
pub fn convert(path: &Path) -> Result<PathBuf, NotOpened> {
    earlier::convert(path)
}

/// Opens the file to write, and makes it when there is none.
pub(crate) fn open(path: &Path) -> Result<Connection, NotOpened> {
    match header::kind(path)? {
        Kind::Missing => make(path, |_| Ok(()))?,
        Kind::Ours => {}
        Kind::Earlier => {
            let found = "it is of an earlier version; the server converts it at its next start";
            return Err(NotOpened::Foreign { path: path.to_owned(), found });
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| NotOpened::database(path, &error))?;
    configure(&connection).map_err(|error| NotOpened::database(path, &error))?;
    check(path, &connection)?;
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// What is acknowledged is on disk: with `synchronous=FULL` the log is written through at each commit, on
/// macOS with the call that reaches the disk itself.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Whether its tables and indexes are those that we made, and its log is in use.
fn check(path: &Path, connection: &Connection) -> Result<(), NotOpened> {
    let damaged = |what: &str| NotOpened::Damaged { path: path.to_owned(), what: what.to_owned() };
    let read = |error: rusqlite::Error| NotOpened::database(path, &error);
    let expected = in_memory()?;
    if schema_of(connection).map_err(read)? != schema_of(&expected).map_err(read)? {
        return Err(damaged("its tables are not those that this program makes"));
    }
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(read)?;
    if mode != "wal" {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        if mode.map_err(read)? != "wal" {
            return Err(damaged("it can't be written through a log"));
        }
    }
    Ok(())
}

fn schema_of(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_master ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Makes a file under another name, fills it, and gives it its name when it is whole and on disk.
fn make(path: &Path, fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>) -> Result<(), NotOpened> {
    let new = beside(path, "new");
    for left_over in ["", "-journal", "-wal", "-shm"].map(|end| beside(path, &format!("new{end}"))) {
        match fs::remove_file(&left_over) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(NotOpened::io(&left_over, error)),
            _ => {}
        }
    }
    // Made by us and not by SQLite, so that nobody else may read it, nor the log beside it.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
    let file = file.map_err(|error| NotOpened::io(&new, error))?;
    let filled = (|| {
        let mut connection = Connection::open(&new)?;
        header::mark(&connection)?;
        connection.execute_batch(&format!("BEGIN;\n{}\nCOMMIT;", schema::create()))?;
        fill(&mut connection)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)
    })();
    filled.map_err(|error| NotOpened::Io { path: new.clone(), error: io::Error::other(error) })?;
    file.sync_all().map_err(|error| NotOpened::io(&new, error))?;
    fs::rename(&new, path).map_err(|error| NotOpened::io(path, error))?;
    sync_folder(path)
}

/// Puts on disk that a file has its name.
fn sync_folder(path: &Path) -> Result<(), NotOpened> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| NotOpened::io(folder, error))
}

/// `history.db.new`, beside `history.db`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
