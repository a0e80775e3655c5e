//! Publishing: what was newly recorded becomes metrics and notifications.
//!
//! The stream of the history table is the outbox. It delivers each record at least once, in the
//! order of its deployment; the record itself says what it meant.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord, UserIdentity};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::follows::metrics::Tally;
use domain::follows::notifications::Notification;
use domain::{Retention, Timestamp};
use publisher::{PublishError, Publisher};
use store::items::history::HistoryItem;
use store::{StoreError, WriteItems};

use crate::EventProcessor;

/// What one stream record is.
enum News {
    /// A new item.
    Written(HistoryItem),
    /// A change that no one may make.
    Modified,
    /// A removal by age, as it was asked for.
    Expired,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Publishes a batch of the stream. A record that can't be read ends the batch: what comes
    /// before it is published, and it is reported as the first to come again.
    pub(crate) async fn publish(
        &self,
        batch: StreamEvent,
        now: Timestamp,
    ) -> Result<DynamoDbEventResponse, PublishError> {
        let mut tally = Tally::default();
        let mut notifications = Vec::new();
        let mut response = DynamoDbEventResponse::default();
        for change in batch.records {
            let sequence_number = change.change.sequence_number.clone();
            match news(change, self.recorder.retention()) {
                Ok(News::Written(HistoryItem::Recorded(record))) => {
                    tally.add_record(&record);
                    notifications.extend(Notification::of(&record, &self.processing.notify));
                }
                Ok(News::Written(HistoryItem::Rejected(item))) => {
                    tally.add_refusal(&item.reason, &item.door, Timestamp::from_millis(item.recorded_at));
                }
                Ok(News::Modified) => tally.add_modification(now),
                Ok(News::Expired | News::Written(HistoryItem::Settings(_))) => {}
                Err(error) => {
                    tracing::error!(%error, sequence_number, "a stream record can't be read");
                    let mut failure = DynamoDbBatchItemFailure::default();
                    failure.item_identifier = sequence_number;
                    response.batch_item_failures.push(failure);
                    break;
                }
            }
        }
        // What was recorded is published whether or not settings can be read.
        let most = self.settings(now).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the settings can't be read; as many metrics are published as without any");
            Arc::default()
        });
        let most = usize::try_from(most.general.metrics_per_day).unwrap_or(usize::MAX);
        self.send(tally, notifications, most).await?;
        Ok(response)
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

fn news(change: EventRecord, retention: Retention) -> Result<News, StoreError> {
    if change.event_name != "INSERT" {
        // Retention removes by age where a user asked for it; nothing else may change history.
        if retention.ends() && is_by_age(&change) {
            return Ok(News::Expired);
        }
        tracing::error!(event_name = change.event_name, keys = ?change.change.keys, "history was changed or removed");
        return Ok(News::Modified);
    }
    HistoryItem::of(change.change.new_image).map(News::Written)
}

/// Whether DynamoDB itself removed an item whose time was over.
fn is_by_age(change: &EventRecord) -> bool {
    let by_service =
        |identity: &UserIdentity| identity.type_ == "Service" && identity.principal_id == "dynamodb.amazonaws.com";
    change.event_name == "REMOVE" && change.user_identity.as_ref().is_some_and(by_service)
}
