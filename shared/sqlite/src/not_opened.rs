//! Why there is no store.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

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
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    /// What `SQLite` says, which need not be that it is damaged: the disk may be full, or nothing may be written.
    pub(crate) fn database(path: &Path, error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            None | Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
                Self::Damaged { path: path.to_owned(), what: error.to_string() }
            }
            Some(_) => Self::io(path, io::Error::other(error.to_string())),
        }
    }
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> Self {
        Self::Memory(error.to_string())
    }
}
