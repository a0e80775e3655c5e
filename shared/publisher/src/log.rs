//! A log in memory of what was published.

use std::sync::{Mutex, PoisonError};

use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;

use crate::error::PublishError;
use crate::publish::Publisher;

/// Keeps what was published, the newest [`PublishedLog::MOST`] of each, for one machine and for tests.
#[derive(Debug, Default)]
pub struct PublishedLog(Mutex<Published>);

/// What was published, oldest first.
#[derive(Debug, Default, Clone)]
pub struct Published {
    /// Metrics.
    pub metrics: Vec<Datum>,
    /// Notifications.
    pub notifications: Vec<Notification>,
}

impl PublishedLog {
    /// How many metrics and how many notifications are kept.
    pub const MOST: usize = 10_000;

    /// What was published so far.
    #[must_use]
    pub fn published(&self) -> Published {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn keep<T>(kept: &mut Vec<T>, new: Vec<T>) {
    kept.extend(new);
    let excess = kept.len().saturating_sub(PublishedLog::MOST);
    kept.drain(..excess);
}

impl Publisher for PublishedLog {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        keep(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).metrics, data);
        Ok(())
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        keep(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).notifications, notifications);
        Ok(())
    }
}
