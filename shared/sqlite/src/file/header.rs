//! What a file is, by its first bytes.
//!
//! Source: "Database File Format" of `SQLite`, "The Database Header".

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::not_opened::NotOpened;

/// How a file of `SQLite` begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Our mark, the letters `DSTA`.
const APPLICATION: u32 = 0x4453_5441;
/// The format of the tables.
const FORMAT: u32 = 1;

/// What there is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or an empty file.
    Missing,
    /// A file of this version.
    Ours,
    /// A file of the embedded database of versions before the first release.
    Earlier,
}

/// What the file is. Nothing is written.
pub(super) fn kind(path: &Path) -> Result<Kind, NotOpened> {
    let mut header = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kind::Missing),
        Err(error) => return Err(NotOpened::io(path, error)),
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(|error| NotOpened::io(path, error))?,
    };
    let foreign = |found| NotOpened::Foreign { path: path.to_owned(), found };
    if header.is_empty() {
        return Ok(Kind::Missing);
    }
    if header.len() < 100 || !header.starts_with(MAGIC) {
        return Err(foreign("it is no SQLite database, or its first bytes are damaged"));
    }
    let number = |at: usize| header[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    match (number(68), number(60)) {
        (APPLICATION, FORMAT) => Ok(Kind::Ours),
        (APPLICATION, format) if format > FORMAT => {
            Err(NotOpened::Newer { path: path.to_owned(), format, known: FORMAT })
        }
        (APPLICATION, format) => {
            Err(NotOpened::Damaged { path: path.to_owned(), what: format!("there is no format {format}") })
        }
        (0, 0) if is_earlier(path).map_err(|error| NotOpened::database(path, &error))? => Ok(Kind::Earlier),
        _ => Err(foreign("it is the SQLite database of another program, or its first bytes are damaged")),
    }
}

/// Whether it is whole without a log: what was copied is, and what was opened since never.
pub(super) fn is_whole(path: &Path) -> Result<bool, NotOpened> {
    let mut header = [0; 20];
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).map_err(|error| NotOpened::io(path, error))?;
    // By which versions of the format it is written and read: 2 with a log.
    Ok(header[18..] == [1, 1])
}

/// Marks a database as ours.
pub(super) fn mark(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Whether it has the tables of the embedded database. Its log may still have all of them, so what has no
/// table at all is looked at with its log.
fn is_earlier(path: &Path) -> rusqlite::Result<bool> {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let location = format!("file:{}?immutable=1", escaped(path));
    let alone = Connection::open_with_flags(location, read_only | OpenFlags::SQLITE_OPEN_URI)?;
    match tables(&alone)? {
        (_, true) => Ok(true),
        (0, _) => Ok(tables(&Connection::open_with_flags(path, read_only)?)?.1),
        _ => Ok(false),
    }
}

/// How many tables it has, and whether those of the embedded database are among them.
fn tables(connection: &Connection) -> rusqlite::Result<(u32, bool)> {
    let sql = "SELECT count(*), coalesce(sum(name IN ('_stream_records', 'deployment-history')), 0) FROM sqlite_master \
               WHERE type = 'table'";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? > 0)))
}

/// A path in a URI.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}
