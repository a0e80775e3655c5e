//! Publishing: what was newly recorded becomes metrics and notifications.
//!
//! The history is its own outbox: each record comes at least once, in the order of its deployment, and says
//! itself what it meant.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use domain::Timestamp;
use domain::follows::metrics::Tally;
use domain::follows::notifications::Notification;
use publisher::{PublishError, Publisher};
use store::WriteItems;
use store::items::history::HistoryItem;

use crate::processor::EventProcessor;

/// What is new in the history.
#[derive(Debug)]
pub enum News {
    /// A new item.
    Written(HistoryItem),
    /// A change that no one may make.
    Modified,
    /// A removal by age, as it was asked for.
    Expired,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Publishes what is new, all of it at once.
    ///
    /// # Errors
    /// When something could not be sent: the same may come again.
    pub async fn publish(&self, news: Vec<News>, now: Timestamp) -> Result<(), PublishError> {
        let mut tally = Tally::default();
        let mut notifications = Vec::new();
        for new in news {
            match new {
                News::Written(HistoryItem::Recorded(record)) => {
                    tally.add_record(&record);
                    notifications.extend(Notification::of(&record, &self.processing.notify));
                }
                News::Written(HistoryItem::Rejected(item)) => {
                    tally.add_refusal(&item.reason, &item.door, Timestamp::from_millis(item.recorded_at));
                }
                News::Modified => tally.add_modification(now),
                News::Expired | News::Written(HistoryItem::Settings(_) | HistoryItem::Declared(_)) => {}
            }
        }
        // What was recorded is published whether or not settings can be read.
        let most = self.settings(now).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the settings can't be read; as many metrics are published as without any");
            Arc::default()
        });
        let most = usize::try_from(most.general.metrics_per_day).unwrap_or(usize::MAX);
        self.send(tally, notifications, most).await
    }

    /// Notifications first: if metrics fail then, the batch comes again, and subscribers recognise a
    /// repeated notification by its `dedupeId`, while nobody recognises a value that was counted twice.
    async fn send(&self, tally: Tally, notifications: Vec<Notification>, most: usize) -> Result<(), PublishError> {
        let ids: HashSet<String> = notifications.iter().map(Notification::dedupe_id).collect();
        let already_sent = self.sent_notifications.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = notifications.into_iter().filter(|notification| !already_sent.contains(&notification.dedupe_id()));
        let fresh: Vec<_> = fresh.collect();
        if !fresh.is_empty() {
            self.publisher.notify(fresh).await?;
        }
        let data = {
            let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
            budget.within(tally.data(), most)
        };
        let counted = if data.is_empty() { Ok(()) } else { self.publisher.metrics(data).await };
        let mut sent_notifications = self.sent_notifications.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_ok() {
            sent_notifications.retain(|id| !ids.contains(id));
        } else {
            sent_notifications.extend(ids);
        }
        counted
    }
}
