//! Events of EventBridge, as the queue delivers them: read each, record them together, put aside what is
//! wrong, and report as failed only what must come again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use api::Problem;
use domain::{FieldError, RejectionReason, Timestamp};
use formats::{Arrival, Decision, Door, Ignored, Payload, Rejection, Settings, read};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use publisher::Publisher;
use recorder::Recorded;
use store::items::rejected::Refusal;
use store::{StoreError, WriteItems};

use crate::processor::EventProcessor;

/// An EventBridge event as it was sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// What whoever delivers it calls it.
    pub id: String,
    /// The event, as JSON.
    pub raw: String,
    /// When it was sent.
    pub sent_at: Timestamp,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Receives messages; answers which must come again, and why.
    pub async fn receive(&self, messages: Vec<Message>, now: Timestamp) -> Vec<(String, StoreError)> {
        let (settings, unreadable) = match self.settings(now).await {
            Ok(settings) => (settings, None),
            Err(error) => (Arc::default(), Some(error)),
        };
        let mut failed = Vec::new();
        let mut recording = Vec::new();
        let mut refused: Vec<(Message, Refusal)> = Vec::new();
        let (mut of_no_place, mut own) = (0_u32, 0_u32);
        for message in messages {
            // A message that makes us panic fails alone, and goes to the dead letters with time.
            match catch_unwind(AssertUnwindSafe(|| message.read(&settings, self.processing.own_alarms.as_deref(), now)))
            {
                // Without settings, only what they can't change is done.
                Ok(decision) if unreadable.is_some() && decision.depends_on_settings() => {
                    failed.extend(unreadable.clone().map(|error| (message.id, error)));
                }
                Ok(Decision::Record(received)) => recording.push((message, *received)),
                Ok(Decision::Ignore(reason)) => {
                    of_no_place += u32::from(matches!(reason, Ignored::NoPlace(_)));
                    own += u32::from(matches!(reason, Ignored::OwnSuggestion));
                    tracing::debug!(message_id = message.id, %reason, "ignored");
                }
                Ok(Decision::Reject(rejection)) => {
                    let is_forbidden = matches!(rejection, Rejection::Forbidden(_));
                    let reason = if is_forbidden { RejectionReason::Forbidden } else { RejectionReason::Invalid };
                    let refusal = message.refusal(reason, rejection.into_errors());
                    refused.push((message, refusal));
                }
                Err(_) => failed.push((message.id, StoreError::panicked("read"))),
            }
        }
        if of_no_place > 0 {
            tracing::info!(alarms = of_no_place, "ignored: no rule gives them a service and an environment");
        }
        if own > 0 {
            tracing::warn!(suggestions = own, "ignored: what this system suggested came back to it");
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
    /// What is done with it.
    fn read(&self, settings: &Settings, own_alarms: Option<&str>, now: Timestamp) -> Decision {
        formats::judge(
            read::message(&Payload::bare(self.raw.as_bytes()), now).without_alarms_of(own_alarms),
            settings,
            Arrival::signed(self.sent_at, Door::Queue.name()),
        )
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
