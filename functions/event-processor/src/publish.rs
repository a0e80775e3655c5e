//! Publishing: what was newly recorded becomes metrics and notifications.
//!
//! The stream of the history table is the outbox. It delivers each record at least once, in the
//! order of its deployment; the record itself says what it meant.

use std::collections::HashSet;
use std::sync::PoisonError;

use aws::StoreError;
use aws::publisher::Publisher;
use aws::store::{RejectedItem, record_of_item};
use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord, UserIdentity};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::follows::metrics::{Dimensions, Metric, Tally};
use domain::follows::notifications::Notification;
use domain::{Environment, Record, Retention, Timestamp};

use crate::EventProcessor;

/// What one stream record is.
enum News {
    Recorded(Box<Record>),
    Rejected(Box<RejectedItem>),
    /// A change that no one may make.
    Modified,
    /// A removal by age, as it was asked for.
    Expired,
}

impl<P: Publisher> EventProcessor<P> {
    /// Publishes a batch of the stream. A record that can't be read ends the batch: what comes
    /// before it is published, and it is reported as the first to come again.
    pub(crate) async fn publish(
        &self,
        batch: StreamEvent,
        now: Timestamp,
    ) -> Result<DynamoDbEventResponse, StoreError> {
        let mut tally = Tally::default();
        let mut notifications = Vec::new();
        let mut response = DynamoDbEventResponse::default();
        for change in batch.records {
            let sequence_number = change.change.sequence_number.clone();
            match news(change, self.store.retention()) {
                Ok(News::Recorded(record)) => {
                    tally.add_record(&record);
                    notifications.extend(Notification::of(&record, &self.processing.notify));
                }
                Ok(News::Rejected(item)) => {
                    let metric =
                        if item.reason == "conflict" { Metric::EventsConflicting } else { Metric::EventsRejected };
                    tally.add(metric, nowhere(), Timestamp::from_millis(item.recorded_at), 1.0);
                }
                // When it was found out is what counts: an alarm looks at the present.
                Ok(News::Modified) => tally.add(Metric::HistoryModified, nowhere(), now, 1.0),
                Ok(News::Expired) => {}
                Err(error) => {
                    tracing::error!(%error, sequence_number, "a stream record can't be read");
                    let mut failure = DynamoDbBatchItemFailure::default();
                    failure.item_identifier = sequence_number;
                    response.batch_item_failures.push(failure);
                    break;
                }
            }
        }
        self.send(tally, notifications).await?;
        Ok(response)
    }

    /// Notifications first: if metrics fail then, the batch comes again, and subscribers can tell a
    /// repeated notification by its `dedupeId`, while nobody can tell a value that was counted twice.
    async fn send(&self, tally: Tally, notifications: Vec<Notification>) -> Result<(), StoreError> {
        let ids: HashSet<String> = notifications.iter().map(Notification::dedupe_id).collect();
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = notifications.into_iter().filter(|notification| !told.contains(&notification.dedupe_id()));
        let fresh: Vec<_> = fresh.collect();
        if !fresh.is_empty() {
            self.publisher.notify(fresh).await?;
        }
        let data = tally.data();
        let sent = if data.is_empty() { Ok(()) } else { self.publisher.metrics(data).await };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.is_ok() {
            told.retain(|id| !ids.contains(id));
        } else {
            told.extend(ids);
        }
        sent
    }
}

fn news(change: EventRecord, retention: Retention) -> Result<News, StoreError> {
    if change.event_name != "INSERT" {
        // Retention removes by age where a user asked for it; nothing else may change history.
        if retention.ends() && is_by_age(&change) {
            return Ok(News::Expired);
        }
        tracing::error!(event_name = change.event_name, keys = ?change.change.keys, "history was modified or removed");
        return Ok(News::Modified);
    }
    let image = change.change.new_image;
    let is_event = matches!(image.get("sk"), Some(serde_dynamo::AttributeValue::S(sk)) if sk.starts_with("EVENT#"));
    if is_event {
        Ok(News::Recorded(Box::new(record_of_item(image)?)))
    } else {
        Ok(News::Rejected(Box::new(aws::store::rejected_of_item(image)?)))
    }
}

/// Whether DynamoDB itself removed an item whose time was over.
fn is_by_age(change: &EventRecord) -> bool {
    let by_service =
        |identity: &UserIdentity| identity.type_ == "Service" && identity.principal_id == "dynamodb.amazonaws.com";
    change.event_name == "REMOVE" && change.user_identity.as_ref().is_some_and(by_service)
}

/// One fixed dimension, so that an alarm can watch it: what could not be read, or is no longer there,
/// has no environment.
fn nowhere() -> Dimensions {
    Dimensions::Environment(Environment::unknown())
}
