//! One server at a time on a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::file::whole::beside;
use crate::not_opened::NotOpened;

/// That this process serves a file, until it is dropped. The system ends it with the process, however that
/// ends.
///
/// It is a lock on a file beside it, `history.db.lock`, which says who holds it. On the file itself there
/// are those of `SQLite`, which would be lost with ours.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    /// Which process serves the file; or why there can be no lock.
    pub fn take(path: &Path) -> Result<Self, NotOpened> {
        let beside = beside(path, "lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&beside);
        let mut file = file.map_err(|error| NotOpened::io(&beside, error))?;
        match file.try_lock() {
            Ok(()) => {
                let mut lock = Self { file, path: beside };
                lock.note("")?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => {
                let mut by = String::new();
                // Whoever holds it may be writing it.
                let read = file.read_to_string(&mut by);
                let by = if read.is_ok() && !by.trim().is_empty() { by.trim() } else { "another process" };
                Err(NotOpened::Served { path: path.to_owned(), by: by.to_owned() })
            }
            Err(TryLockError::Error(error)) => Err(NotOpened::io(&beside, error)),
        }
    }

    /// Notes at which address it is served.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn serves(&mut self, address: &str) -> Result<(), NotOpened> {
        self.note(&format!(" on {address}"))
    }

    fn note(&mut self, address: &str) -> Result<(), NotOpened> {
        let written = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        let written = written.and_then(|_| write!(self.file, "process {}{address}", std::process::id()));
        written.map_err(|error| NotOpened::io(&self.path, error))
    }
}
