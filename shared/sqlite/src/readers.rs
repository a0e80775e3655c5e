//! What reads: connections beside the one that writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use store::StoreError;

use crate::error::failed;
use crate::file;
use crate::writer::Shared;

/// Reads on the thread that asks. A read never waits for a writer, takes microseconds where the pages are in
/// memory, and is bounded by the size of a page of an answer; to hand it to another thread and back would take
/// longer than most reads. So there are as many connections as threads that serve requests.
#[derive(Debug, Clone)]
pub(crate) enum Readers {
    /// A database in memory has one connection.
    Memory(Shared),
    /// Connections to a file.
    File(Arc<Connections>),
}

/// Connections to one file that nobody uses at the moment.
#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn of_file(path: &Path) -> Self {
        Self::File(Arc::new(Connections { path: path.to_owned(), idle: Mutex::default() }))
    }

    /// Reads with a connection, and sees all that was written before.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Memory(shared) => read(&shared.lock().unwrap_or_else(PoisonError::into_inner)),
            Self::File(connections) => {
                let connection = connections.take().map_err(|error| failed(operation, &error))?;
                let answer = read(&connection);
                connections.give_back(connection);
                answer
            }
        }
    }
}

impl Connections {
    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| file::connect_to_read(&self.path), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
