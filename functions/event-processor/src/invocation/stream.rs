//! A batch of the history table's stream.

use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::Timestamp;
use publisher::Publisher;
use store::items::history::HistoryItem;
use store::{StoreError, WriteItems};

use crate::processor::{EventProcessor, Failed};
use crate::publish::News;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Publishes a batch of the stream. A record that can't be read ends the batch: what comes
    /// before it is published, and it is reported as the first to come again.
    pub(super) async fn stream(&self, batch: StreamEvent, now: Timestamp) -> Result<DynamoDbEventResponse, Failed> {
        let mut response = DynamoDbEventResponse::default();
        let mut readable = Vec::new();
        for change in batch.records {
            let sequence_number = change.change.sequence_number.clone();
            match news(change) {
                Ok(news) => readable.push(news),
                Err(error) => {
                    tracing::error!(%error, sequence_number, "a stream record can't be read");
                    let mut failure = DynamoDbBatchItemFailure::default();
                    failure.item_identifier = sequence_number;
                    response.batch_item_failures.push(failure);
                    break;
                }
            }
        }
        self.publish(readable, now).await?;
        Ok(response)
    }
}

fn news(change: EventRecord) -> Result<News, StoreError> {
    if change.event_name != "INSERT" {
        return Ok(News::Gone);
    }
    HistoryItem::of(change.change.new_image).map(News::Written)
}
