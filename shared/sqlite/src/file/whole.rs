//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::file::header;
use crate::not_opened::NotOpened;
use crate::schema;

/// A file that is not in its place yet: it has another name, beside the one that it is to have.
#[derive(Debug)]
pub struct New {
    written_to: PathBuf,
    place: PathBuf,
}

impl New {
    /// Its name until it is in its place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.written_to
    }

    /// Puts it in its place, when all that was written to it is on disk. What is there meanwhile is replaced.
    ///
    /// # Errors
    /// When that fails: then the place is as it was.
    pub fn put_in_place(self) -> Result<(), NotOpened> {
        let Self { written_to, place } = self;
        let written = File::open(&written_to).and_then(|file| file.sync_all());
        written.map_err(|error| NotOpened::io(&written_to, error))?;
        fs::rename(&written_to, &place).map_err(|error| NotOpened::io(&place, error))?;
        sync_folder(&place)
    }
}

/// Makes a file under another name, and fills it.
pub(super) fn make(path: &Path, fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>) -> Result<New, NotOpened> {
    let new = beside(path, "new");
    for left_over in ["", "-journal", "-wal", "-shm"].map(|end| beside(path, &format!("new{end}"))) {
        match fs::remove_file(&left_over) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(NotOpened::io(&left_over, error)),
            _ => {}
        }
    }
    // Made by us and not by SQLite, so that nobody else may read it, nor the log beside it.
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
    created.map_err(|error| NotOpened::io(&new, error))?;
    let filled = (|| {
        let mut connection = Connection::open(&new)?;
        header::mark(&connection)?;
        connection.execute_batch(&format!("BEGIN;\n{}\nCOMMIT;", schema::create()))?;
        fill(&mut connection)?;
        connection.close().map_err(|(_, error)| error)
    })();
    filled.map_err(|error| NotOpened::Io { path: new.clone(), error: io::Error::other(error) })?;
    Ok(New { written_to: new, place: path.to_owned() })
}

/// Puts on disk that a file has its name.
pub(super) fn sync_folder(path: &Path) -> Result<(), NotOpened> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| NotOpened::io(folder, error))
}

/// `history.db.new`, beside `history.db`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
