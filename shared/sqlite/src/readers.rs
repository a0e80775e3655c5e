//! What reads: connections beside the one that writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use store::StoreError;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::file;
use crate::writer::Shared;

/// How many read at one moment. Further readers wait for their turn, which takes less time than a
/// connection for each, and descriptors are few.
const AT_ONCE: usize = 8;

/// Reads, away from the threads that serve requests.
#[derive(Debug, Clone)]
pub(crate) enum Readers {
    /// A database in memory has one connection.
    Memory(Shared),
    /// Connections to a file.
    File(Arc<Connections>),
}

/// Connections to one file: those that nobody uses, and a seat for each that there may be.
#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    seats: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn of_file(path: &Path) -> Self {
        let connections = Connections { path: path.to_owned(), seats: Semaphore::new(AT_ONCE), idle: Mutex::default() };
        Self::File(Arc::new(connections))
    }

    /// Reads with a connection, and sees all that was written before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let panicked = |_| StoreError::panicked(operation);
        match self {
            Self::Memory(shared) => {
                let shared = Arc::clone(shared);
                let reading = spawn_blocking(move || read(&shared.lock().unwrap_or_else(PoisonError::into_inner)));
                reading.await.map_err(panicked)?
            }
            Self::File(connections) => {
                let seat = connections.seats.acquire().await;
                let _seat = seat.map_err(|error| StoreError::unreadable(operation, error))?;
                let connections = Arc::clone(connections);
                let reading = spawn_blocking(move || {
                    let connection = connections.take().map_err(|error| StoreError::unreadable(operation, error))?;
                    let answer = read(&connection);
                    connections.give_back(connection);
                    answer
                });
                reading.await.map_err(panicked)?
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
