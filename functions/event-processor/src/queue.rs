//! Events that come through the queue: read each, record them together, put aside what is wrong,
//! and report as failed only what must come again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use api::Problem;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{FieldError, RejectionReason, Timestamp};
use formats::{Arrival, Decision, Door, Payload, Settings, read};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use publisher::Publisher;
use recorder::Recorded;
use store::items::rejected::Refusal;
use store::{StoreError, WriteItems};

use crate::EventProcessor;

/// One event as it was sent.
struct Message {
    id: String,
    raw: String,
    sent_at: Timestamp,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Handles a batch of messages, each an EventBridge event. Those that must come again are in
    /// the answer; when that is all of them and AWS is to blame, the invocation fails.
    pub(crate) async fn queue(&self, batch: SqsEvent, now: Timestamp) -> Result<SqsBatchResponse, StoreError> {
        let messages: Vec<Message> = batch.records.into_iter().map(|message| Message::of(message, now)).collect();
        let count = messages.len();
        let failures = self.process(messages, now).await;
        let mut failed = Vec::new();
        let mut last_error = None;
        for (id, error) in failures {
            tracing::error!(message_id = id, %error, "message will be delivered again");
            let mut item = BatchItemFailure::default();
            item.item_identifier = id;
            failed.push(item);
            last_error = Some(error);
        }
        if let Some(error) = last_error.filter(|_| failed.len() == count) {
            return Err(error);
        }
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = failed;
        Ok(response)
    }

    /// Handles one EventBridge event that invoked the function itself.
    pub(crate) async fn event_bridge(&self, raw: &str, now: Timestamp) -> Result<(), StoreError> {
        let message = Message { id: "event".to_owned(), raw: raw.to_owned(), sent_at: now };
        match self.process(vec![message], now).await.pop() {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    /// Processes messages; answers which must come again, and why.
    async fn process(&self, messages: Vec<Message>, now: Timestamp) -> Vec<(String, StoreError)> {
        let (settings, unreadable) = match self.settings(now).await {
            Ok(settings) => (settings, None),
            Err(error) => (Arc::default(), Some(error)),
        };
        let mut failed = Vec::new();
        let mut recording = Vec::new();
        let mut refused: Vec<(Message, Refusal)> = Vec::new();
        for message in messages {
            // A message that makes us panic fails alone, and goes to the dead letters with time.
            match catch_unwind(AssertUnwindSafe(|| message.read(&settings, now))) {
                // Without settings, only what they can't change is done.
                Ok(decision) if unreadable.is_some() && decision.depends_on_settings() => {
                    failed.extend(unreadable.clone().map(|error| (message.id, error)));
                }
                Ok(Decision::Record(received)) => recording.push((message, *received)),
                Ok(Decision::Ignore(reason)) => tracing::debug!(message_id = message.id, %reason, "ignored"),
                Ok(Decision::Reject(rejection)) => {
                    let refusal = message.refusal(RejectionReason::Invalid, rejection.into_errors());
                    refused.push((message, refusal));
                }
                Err(_) => failed.push((message.id, StoreError::panicked("read"))),
            }
        }
        let (messages, events): (Vec<_>, Vec<_>) = recording.into_iter().unzip();
        let results = if events.is_empty() { Vec::new() } else { self.recorder.record(events, now).await };
        for (message, result) in messages.into_iter().zip(results) {
            match result {
                Ok(Recorded::New(receipt)) => {
                    tracing::info!(message_id = message.id, sequence = receipt.sequence, "recorded");
                }
                Ok(Recorded::Duplicate(receipt)) => {
                    tracing::info!(message_id = message.id, sequence = receipt.sequence, "duplicate");
                }
                Ok(Recorded::Refused(why)) => {
                    let refusal = message.refusal(why.reason(), vec![why.error()]);
                    refused.push((message, refusal));
                }
                Err(error) => failed.push((message.id, error)),
            }
        }
        let quarantining = refused.into_iter().map(async |(message, refusal)| {
            tracing::warn!(message_id = message.id, reason = %refusal.reason, detail = refusal.detail, "quarantined");
            let quarantined = AssertUnwindSafe(self.recorder.quarantine(refusal, now)).catch_unwind().await;
            quarantined.unwrap_or_else(|_| Err(StoreError::panicked("quarantine"))).map_err(|error| (message.id, error))
        });
        failed.extend(join_all(quarantining).await.into_iter().filter_map(Result::err));
        failed
    }
}

impl Message {
    fn of(message: SqsMessage, now: Timestamp) -> Self {
        let sent = message.attributes.get("SentTimestamp").and_then(|millis| millis.parse().ok());
        Self {
            id: message.message_id.unwrap_or_default(),
            raw: message.body.unwrap_or_default(),
            sent_at: sent.map_or(now, Timestamp::from_millis),
        }
    }

    /// What is done with it.
    fn read(&self, settings: &Settings, now: Timestamp) -> Decision {
        formats::judge(read::message(&Payload::bare(self.raw.as_bytes()), now), settings, Arrival::signed(self.sent_at))
            .decision
    }

    fn refusal(&self, reason: RejectionReason, errors: Vec<FieldError>) -> Refusal {
        Refusal {
            raw: self.raw.clone(),
            sent_at: self.sent_at,
            once_a_day: false,
            door: Door::Queue.name().to_owned(),
            reason,
            detail: Problem::wrong_fields(errors.clone()).detail,
            errors,
        }
    }
}
