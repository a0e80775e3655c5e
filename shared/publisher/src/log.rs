//! A log in memory of what was published.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::suggested::Suggested;
use domain::follows::witnessed::Witnessed;

use crate::error::PublishError;
use crate::publish::Publisher;

/// Keeps what was published, the newest [`PublishedLog::MOST`] of each, for one machine and for tests.
#[derive(Debug, Default)]
pub struct PublishedLog {
    metrics: Mutex<Kept<Datum>>,
    notifications: Mutex<Kept<Sent>>,
}

/// A notification that was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// Of a deployment.
    Deployment(Box<Notification>),
    /// Of many deployments.
    Digest(Box<Digest>),
    /// Of drift.
    Drift(Box<DriftNotice>),
    /// Of what the witness saw.
    Witnessed(Box<Witnessed>),
}

/// What is kept, oldest first, and how much there was before.
#[derive(Debug)]
struct Kept<T> {
    gone: u64,
    items: VecDeque<T>,
}

/// A part of what is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPage<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The number of the last of them, to go on with what is older; none when nothing is.
    pub next: Option<u64>,
}

impl PublishedLog {
    /// How many metrics and how many notifications are kept.
    pub const MOST: usize = 1_000;

    /// Metrics that are older than the one with this number, at most so many. The first of all has the number 1.
    #[must_use]
    pub fn metrics(&self, before: u64, most: usize) -> KeptPage<Datum> {
        locked(&self.metrics).page(before, most)
    }

    /// The same of notifications.
    #[must_use]
    pub fn notifications(&self, before: u64, most: usize) -> KeptPage<Sent> {
        locked(&self.notifications).page(before, most)
    }
}

fn locked<T>(kept: &Mutex<Kept<T>>) -> MutexGuard<'_, Kept<T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { gone: 0, items: VecDeque::new() }
    }
}

impl<T: Clone> Kept<T> {
    fn keep(&mut self, new: Vec<T>) {
        self.items.extend(new);
        let excess = self.items.len().saturating_sub(PublishedLog::MOST);
        self.gone += self.items.drain(..excess).count() as u64;
    }

    fn page(&self, before: u64, most: usize) -> KeptPage<T> {
        let older = usize::try_from(before.saturating_sub(self.gone + 1)).unwrap_or(usize::MAX).min(self.items.len());
        let items: Vec<T> = self.items.range(..older).rev().take(most).cloned().collect();
        let left = older - items.len();
        KeptPage { next: (left > 0).then(|| self.gone + left as u64 + 1), items }
    }
}

impl Publisher for PublishedLog {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        locked(&self.metrics).keep(data);
        Ok(())
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        locked(&self.notifications).keep(notifications.into_iter().map(|of| Sent::Deployment(Box::new(of))).collect());
        Ok(())
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        locked(&self.notifications).keep(digests.into_iter().map(|of| Sent::Digest(Box::new(of))).collect());
        Ok(())
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        locked(&self.notifications).keep(notices.into_iter().map(|of| Sent::Drift(Box::new(of))).collect());
        Ok(())
    }

    // There is no bus: the suggestion stays recorded, and stands in the notification.
    async fn suggest(&self, _: &[Suggested]) -> Result<bool, PublishError> {
        Ok(false)
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        locked(&self.notifications).keep(notices.into_iter().map(|of| Sent::Witnessed(Box::new(of))).collect());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_come_in_pages() {
        let mut kept = Kept::default();
        let most = PublishedLog::MOST as u64;
        kept.keep((1..=most + 5).collect());
        let page = |before, items: std::ops::RangeInclusive<u64>, next| {
            let items: Vec<u64> = items.rev().collect();
            assert_eq!(kept.page(before, 10), KeptPage { items, next }, "before {before}");
        };
        page(u64::MAX, most - 4..=most + 5, Some(most - 4));
        page(most - 4, most - 14..=most - 5, Some(most - 14));
        page(10, 6..=9, None);
        assert_eq!(kept.page(6, 10), KeptPage { items: Vec::new(), next: None });
    }
}
