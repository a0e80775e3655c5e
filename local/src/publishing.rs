//! Publishing what is recorded, in the order of recording.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use event_processor::{EventProcessor, Failed, News};
use publisher::PublishedLog;
use serde::Serialize;
use sqlite::{Sqlite, Unpublished};
use store::StoreError;
use store::items::history::HistoryItem;

/// The most records that are published at once.
const AT_ONCE: usize = 100;
/// How many findings are kept.
const MOST_UNREADABLE: usize = 1000;

/// How far the history is published.
#[derive(Debug)]
pub struct Publishing {
    /// The number of the last record that was published. Locked while somebody publishes.
    at: tokio::sync::Mutex<i64>,
    /// The same, for those who only look.
    seen: AtomicI64,
    /// What the file says of it.
    noted: AtomicI64,
    unreadable: Mutex<Vec<Unreadable>>,
}

/// A record that can't be read, and so is not published.
#[derive(Debug, Clone, Serialize)]
pub struct Unreadable {
    /// Its number in the order of recording; the last one, where several stand together.
    pub number: i64,
    /// What it is of: `DEPLOYMENT#d-1`; none where even that can't be read.
    pub of: Option<String>,
    /// What is wrong with it.
    pub cause: String,
}

/// Publishing stopped. The next call continues where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The history can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records can't be published.
    #[error(transparent)]
    Publish(#[from] Failed),
}

impl Publishing {
    /// Goes on where the file says that it ended. Nothing older is read.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn start(store: &Sqlite) -> Result<Self, StoreError> {
        let at = store.published().await?;
        Ok(Self { at: at.into(), seen: at.into(), noted: at.into(), unreadable: Mutex::default() })
    }

    /// Publishes what is new. A record that can't be read is passed over, and remembered.
    ///
    /// # Errors
    /// When the rest could not be published.
    pub async fn publish(
        &self,
        store: &Sqlite,
        processor: &EventProcessor<Sqlite, Arc<PublishedLog>>,
        now: Timestamp,
    ) -> Result<(), NotPublished> {
        let mut at = self.at.lock().await;
        loop {
            let batch = store.unpublished(*at, AT_ONCE)?;
            let Some(last) = batch.last().map(|last| last.number) else { return Ok(()) };
            let mut unreadable = Vec::new();
            let news = batch.into_iter().filter_map(|new| news(new).map_err(|wrong| unreadable.push(wrong)).ok());
            processor.publish(news.collect(), now).await?;
            self.remember(unreadable);
            *at = last;
            self.seen.store(last, Ordering::Relaxed);
        }
    }

    /// Notes in the file how far it came.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn note(&self, store: &Sqlite) -> Result<(), StoreError> {
        let seen = self.seen.load(Ordering::Relaxed);
        if self.noted.load(Ordering::Relaxed) != seen {
            store.note_published(seen).await?;
            self.noted.store(seen, Ordering::Relaxed);
        }
        Ok(())
    }

    /// What could not be read, the newest of it.
    #[must_use]
    pub fn unreadable(&self) -> Vec<Unreadable> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, new: Vec<Unreadable>) {
        let mut unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        unreadable.extend(new);
        let excess = unreadable.len().saturating_sub(MOST_UNREADABLE);
        unreadable.drain(..excess);
    }
}

fn news(Unpublished { number, key, item }: Unpublished) -> Result<News, Unreadable> {
    let read = item.and_then(|item| HistoryItem::of(item).map(News::Written));
    read.map_err(|error| {
        let of = key.map(|key| key.partition);
        tracing::error!(%error, number, of, "a record can't be read, so it is not published");
        Unreadable { number, of, cause: error.to_string() }
    })
}
