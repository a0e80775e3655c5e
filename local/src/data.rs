//! The data: a file or memory.

use std::path::{Path, PathBuf};

use domain::{Retention, Timestamp};
use recorder::Rebuilder;
use sqlite::file::{self, Lock};
use sqlite::{NotOpened, Sqlite};
use store::StoreError;
use tokio::sync::Mutex;

pub use domain::anchors::FIRST_DAY;

/// The store, and that this process serves it.
pub struct Data {
    /// The store.
    pub store: Sqlite,
    /// Held as long as it is served; none in memory.
    lock: Option<Mutex<Lock>>,
    /// Where the file of an earlier version is kept, when it was converted at this start.
    pub converted: Option<PathBuf>,
}

/// Why there is no data to serve.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The file can't be opened.
    #[error(transparent)]
    File(#[from] NotOpened),
    /// What is in it can't be read.
    #[error("{file} can't be read, so it may be damaged: {error}; verify it, or restore a backup of it")]
    Store {
        /// Which file.
        file: String,
        /// What can't be read.
        error: StoreError,
    },
}

impl NotStarted {
    /// That what is in this file, or in memory, can't be read.
    pub(crate) fn unreadable(file: Option<&Path>, error: StoreError) -> Self {
        Self::Store { file: file.map_or_else(|| "memory".to_owned(), |file| file.display().to_string()), error }
    }
}

impl Data {
    /// Opens the data in a file, or in memory. A missing file is made, one of an earlier version converted.
    ///
    /// # Errors
    /// When the file is served by another process, is none of ours, or can't be read.
    pub async fn open(file: Option<&Path>) -> Result<Self, NotStarted> {
        let Some(path) = file else {
            return Ok(Self { store: Sqlite::in_memory()?, lock: None, converted: None });
        };
        let lock = Lock::take(path)?;
        let mut converted = None;
        if file::is_earlier(path)? {
            let (new, kept) = file::convert(path)?;
            let store = Sqlite::open_as_it_is(new.path())?;
            bring_up_to_date(&store).await.map_err(|error| NotStarted::unreadable(file, error))?;
            drop(store);
            new.put_in_place()?;
            converted = Some(kept);
        }
        Ok(Self { store: Sqlite::open(path)?, lock: Some(Mutex::new(lock)), converted })
    }

    /// Notes beside the file at which address it is served, for those who try to serve it too.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn served_on(&self, address: &str) -> Result<(), NotOpened> {
        match &self.lock {
            Some(lock) => lock.lock().await.serves(address),
            None => Ok(()),
        }
    }
}

/// Makes the state what this version makes of the history.
async fn bring_up_to_date(store: &Sqlite) -> Result<(), StoreError> {
    let first = Timestamp::parse(FIRST_DAY).map_err(|error| StoreError::unreadable("rebuild", error))?;
    let rebuilder = Rebuilder::new(store.clone(), Retention::FOREVER);
    let found = rebuilder.rebuild(first, lambda::now()).await?;
    tracing::info!(events = found.events, differences = found.differences.len(), "converted an earlier version's file");
    rebuilder.repair(found).await.map(drop)
}
