//! A batch of the queue, and one event of EventBridge itself.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::Timestamp;
use publisher::Publisher;
use store::{StoreError, WriteItems};

use crate::processor::EventProcessor;
use crate::queue::Message;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Handles a batch of messages, each an EventBridge event. Those that must come again are in
    /// the answer; when that is all of them and AWS is to blame, the invocation fails.
    pub(super) async fn queue(&self, batch: SqsEvent, now: Timestamp) -> Result<SqsBatchResponse, StoreError> {
        let messages: Vec<Message> = batch.records.into_iter().map(|message| of(message, now)).collect();
        let count = messages.len();
        let failures = self.receive(messages, now).await;
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
    pub(super) async fn event_bridge(&self, raw: &str, now: Timestamp) -> Result<(), StoreError> {
        let message = Message { id: "event".to_owned(), raw: raw.to_owned(), sent_at: now };
        match self.receive(vec![message], now).await.pop() {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}

fn of(message: SqsMessage, now: Timestamp) -> Message {
    let sent = message.attributes.get("SentTimestamp").and_then(|millis| millis.parse().ok());
    Message {
        id: message.message_id.unwrap_or_default(),
        raw: message.body.unwrap_or_default(),
        sent_at: sent.map_or(now, Timestamp::from_millis),
    }
}
