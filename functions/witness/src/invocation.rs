//! What Lambda invokes the function with.

use domain::Timestamp;
use domain::anchors::{Anchor, Extent};
use publisher::Publisher;
use serde::Deserialize;
use serde_json::{Value, json};
use store::ReadItems;

use crate::watching::StreamRecord;
use crate::{Failed, Witness};

/// What invoked the function.
#[derive(Debug)]
pub enum Trigger {
    /// The clock: anchor the days that are closed.
    Schedule,
    /// A person: anchor what they ask for.
    Request(Asked),
    /// A batch of the history table's stream.
    Stream(Batch),
}

/// A batch of the stream.
#[derive(Debug)]
pub struct Batch(Vec<StreamRecord>);

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asked {
    /// Up to this moment.
    Now,
    /// The days that are closed, as the clock does.
    ClosedDays,
}

/// The function was invoked by something that it does not serve.
#[derive(Debug, thiserror::Error)]
#[error("not a trigger of this function: {0}")]
pub struct NotATrigger(String);

/// The fields that distinguish triggers.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "Records")]
    records: Option<Vec<Value>>,
    source: Option<String>,
    anchor: Option<Value>,
}

impl Trigger {
    /// Recognises the trigger of an invocation with this payload.
    ///
    /// # Errors
    /// [`NotATrigger`] says what would be one.
    pub fn recognise(payload: &str) -> Result<Self, NotATrigger> {
        let wrong = |error: serde_json::Error| NotATrigger(error.to_string());
        let shape: Shape = serde_json::from_str(payload).map_err(wrong)?;
        if let Some(records) = shape.records {
            if records.is_empty() || records.iter().any(|record| record["eventSource"] != "aws:dynamodb") {
                return Err(NotATrigger("records of something else than aws:dynamodb".to_owned()));
            }
            let records: Result<_, _> = records.into_iter().map(serde_json::from_value).collect();
            return records.map(|records| Self::Stream(Batch(records))).map_err(wrong);
        }
        if let Some(asked) = shape.anchor {
            let asked = serde_json::from_value(asked.clone())
                .map_err(|_| NotATrigger(format!("anchor must be \"now\" or \"closedDays\", and is {asked}")))?;
            return Ok(Self::Request(asked));
        }
        match shape.source.as_deref() {
            Some("aws.events") => Ok(Self::Schedule),
            _ => Err(NotATrigger(
                "neither the clock, nor a batch of the history's stream, nor {\"anchor\": \"now\"}".to_owned(),
            )),
        }
    }
}

impl<S: ReadItems, P: Publisher> Witness<S, P> {
    /// Handles one invocation: `payload` is the JSON that Lambda was invoked with.
    ///
    /// # Errors
    /// When the work could not be done; invoking again with the same payload is safe.
    pub async fn handle(&self, payload: &str, now: Timestamp) -> Result<Value, Failed> {
        let extent = match Trigger::recognise(payload)? {
            Trigger::Stream(Batch(records)) => {
                self.watch(records, now).await?;
                return Ok(json!({"batchItemFailures": []}));
            }
            Trigger::Schedule | Trigger::Request(Asked::ClosedDays) => Extent::of_closed_days(now),
            Trigger::Request(Asked::Now) => Extent::up_to(now),
        };
        let made = self.anchor(extent, now).await?;
        Ok(json!({"anchors": made.iter().map(shown).collect::<Vec<_>>()}))
    }
}

/// An anchor without its leaves, which can be more than an answer may have.
fn shown(anchor: &Anchor) -> Value {
    json!({"record": anchor.record, "hash": anchor.hash, "signature": anchor.signature})
}

/// What Lambda shows of a failed invocation.
impl From<Failed> for lambda_runtime::Diagnostic {
    fn from(failed: Failed) -> Self {
        let error_type = match failed {
            Failed::Trigger(_) => "NotATrigger",
            Failed::Store(_) => "StoreError",
            Failed::Publish(_) => "PublishError",
            Failed::Vault(_) => "VaultError",
            Failed::Anchors(_) => "AnchorsError",
        };
        Self { error_type: error_type.to_owned(), error_message: failed.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_function_serves_is_recognised() {
        let name = |payload: &str| match Trigger::recognise(payload) {
            Ok(Trigger::Schedule) => "schedule".to_owned(),
            Ok(Trigger::Request(asked)) => format!("{asked:?}"),
            Ok(Trigger::Stream(batch)) => format!("{} records", batch.0.len()),
            Err(error) => error.to_string(),
        };
        let record = r#"{"eventSource":"aws:dynamodb","eventName":"INSERT","dynamodb":{"Keys":{}}}"#;
        for (payload, says) in [
            (r#"{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}"#.to_owned(), "schedule"),
            (r#"{"anchor":"now"}"#.to_owned(), "Now"),
            (r#"{"anchor":"closedDays"}"#.to_owned(), "ClosedDays"),
            (format!(r#"{{"Records":[{record},{record}]}}"#), "2 records"),
            (r#"{"anchor":"tomorrow"}"#.to_owned(), r#"must be "now" or "closedDays", and is "tomorrow""#),
            (r#"{"Records":[{"eventSource":"aws:sqs"}]}"#.to_owned(), "something else than aws:dynamodb"),
            (r#"{"Records":[]}"#.to_owned(), "something else than aws:dynamodb"),
            ("{}".to_owned(), "neither the clock"),
            ("[]".to_owned(), "not a trigger"),
        ] {
            assert!(name(&payload).contains(says), "{payload}: {}", name(&payload));
        }
    }
}
