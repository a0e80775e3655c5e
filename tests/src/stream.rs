//! Delivers the stream of the history table of the embedded database as Lambda's event source mapping does: in order, at least once,
//! and a failed batch again before any later batch.

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};

/// The most records in a batch.
const BATCH: usize = 100;

/// Reads a table's stream from its beginning.
pub struct Stream {
    database: Database,
    arn: String,
    iterators: Vec<String>,
}

/// The stream can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the stream of {table} can't be read: {cause}")]
pub struct Unreadable {
    table: String,
    cause: String,
}

impl Stream {
    /// Starts at the oldest record, so that everything recorded is published.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn start(database: &Database, table: &str) -> Result<Self, Unreadable> {
        let unreadable = |cause: String| Unreadable { table: table.to_owned(), cause };
        let streams =
            database.list_streams(ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() });
        let streams = streams.map_err(|error| unreadable(error.to_string()))?;
        let arn = streams
            .streams
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("the table has no stream".to_owned()))?
            .stream_arn;
        let described =
            database.describe_stream(DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() });
        let mut iterators = Vec::new();
        for shard in described.map_err(|error| unreadable(error.to_string()))?.stream_description.shards {
            let request = GetShardIteratorRequest {
                stream_arn: arn.clone(),
                shard_id: shard.shard_id,
                shard_iterator_type: "TRIM_HORIZON".to_owned(),
                sequence_number: None,
            };
            let answer = database.get_shard_iterator(request).map_err(|error| unreadable(error.to_string()))?;
            iterators.extend(answer.shard_iterator);
        }
        Ok(Self { database: database.clone(), arn, iterators })
    }

    /// The next batch for the function, or none when all is read. It stays the next batch until
    /// [`pass`](Self::pass).
    ///
    /// # Errors
    /// When the stream can't be read.
    pub fn peek(&self) -> Result<Option<Batch>, Unreadable> {
        for (shard, iterator) in self.iterators.iter().enumerate() {
            let request = GetRecordsRequest { shard_iterator: iterator.clone(), limit: Some(BATCH) };
            let unreadable = |cause: String| Unreadable { table: self.arn.clone(), cause };
            let answer = self.database.get_records(request).map_err(|error| unreadable(error.to_string()))?;
            if answer.records.is_empty() {
                continue;
            }
            let mut records = serde_json::to_value(&answer.records).map_err(|error| unreadable(error.to_string()))?;
            for record in records.as_array_mut().into_iter().flatten() {
                record["eventSourceARN"] = Value::String(self.arn.clone());
            }
            let next = answer.next_shard_iterator.unwrap_or_else(|| iterator.clone());
            return Ok(Some(Batch { event: json!({"Records": records}), shard, next }));
        }
        Ok(None)
    }

    /// Moves to the records after a batch.
    pub fn pass(&mut self, batch: Batch) {
        self.iterators[batch.shard] = batch.next;
    }
}

/// A batch of stream records.
pub struct Batch {
    /// The event for the function.
    pub event: Value,
    shard: usize,
    next: String,
}
