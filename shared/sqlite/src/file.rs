//! The file: made whole or not at all, ours and marked so.

mod backup;
mod connect;
mod copied;
mod earlier;
mod header;
mod lock;
mod whole;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

pub use backup::backup;
pub(crate) use connect::{connect_to_read, in_memory};
pub use lock::Lock;
pub use whole::New;

use crate::not_opened::NotOpened;
use header::Kind;

/// Whether there is a file of an earlier version, which [`convert`] makes one of this version.
///
/// # Errors
/// When the file is not ours.
pub fn is_earlier(path: &Path) -> Result<bool, NotOpened> {
    Ok(header::kind(path)? == Kind::Earlier)
}

/// Makes a file of this version from one of an earlier version, which is kept under the other name that is answered.
/// The new one has the same history, and the state of the earlier version: once that is made anew, it is to be put in
/// its place. Interrupted at any moment before, the earlier file is still there.
///
/// # Errors
/// When the old one can't be read or the new one can't be written.
pub fn convert(path: &Path) -> Result<(New, PathBuf), NotOpened> {
    earlier::convert(path)
}

/// Opens the file to write it through a log, and makes it when there is none. Whoever serves it has its lock.
pub(crate) fn open(path: &Path) -> Result<Connection, NotOpened> {
    if header::kind(path)? == Kind::Missing {
        whole::make(path, |_| Ok(()))?.put_in_place()?;
    }
    copied::set_aside_log(path)?;
    let connection = connect(path)?;
    connect::use_log(path, &connection)?;
    Ok(connection)
}

/// Opens the file to write, with a log or without: a copy that is looked at stays one.
pub(crate) fn open_as_it_is(path: &Path) -> Result<Connection, NotOpened> {
    if copied::has_log_of_another(path)? {
        // Where it is served meanwhile, that is its own log by now.
        let _lock = Lock::take(path)?;
        copied::set_aside_log(path)?;
    }
    connect(path)
}

fn connect(path: &Path) -> Result<Connection, NotOpened> {
    if header::kind(path)? == Kind::Earlier {
        let found = "it is of an earlier version; the server converts it at its next start";
        return Err(NotOpened::Foreign { path: path.to_owned(), found });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| NotOpened::database(path, &error))?;
    connect::configure(&connection).map_err(|error| NotOpened::database(path, &error))?;
    connect::check(path, &connection)?;
    Ok(connection)
}
