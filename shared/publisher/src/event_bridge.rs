//! `EventBridge`: what is suggested to whoever puts versions back, as events on the account's default bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::event::OWN_SOURCE;
use domain::follows::suggested::{DETAIL_TYPE, Suggested};
use serde_json::json;

use crate::error::PublishError;

/// The service's limit for one call. So many suggestions are far below its limit of bytes: the names in them are short.
const EVENTS_PER_CALL: usize = 10;
/// How often events that the service took the call for, but refused, are sent again.
const TRIES: usize = 3;
const OPERATION: &str = "PutEvents";

/// Puts suggestions on the default bus. They name the topic of the installation, so that a rule can tell apart those of
/// two installations in one account.
pub(crate) async fn put(client: &Client, topic_arn: &str, suggestions: &[Suggested]) -> Result<(), PublishError> {
    let entries: Vec<_> = suggestions.iter().map(|suggestion| entry(suggestion, topic_arn)).collect();
    for entries in entries.chunks(EVENTS_PER_CALL) {
        send(client, entries.to_vec()).await?;
    }
    Ok(())
}

async fn send(client: &Client, mut entries: Vec<PutEventsRequestEntry>) -> Result<(), PublishError> {
    for _ in 0..TRIES {
        let answer = client
            .put_events()
            .set_entries(Some(entries.clone()))
            .send()
            .await
            .map_err(|error| PublishError::failed(OPERATION, &error))?;
        // The results stand in the order of the entries; what was taken has an id.
        let taken: Vec<bool> = answer.entries().iter().map(|result| result.event_id().is_some()).collect();
        let refused = answer.entries().iter().find_map(|result| result.error_code());
        let mut taken = taken.into_iter();
        entries.retain(|_| !taken.next().unwrap_or_default());
        if entries.is_empty() {
            return Ok(());
        }
        tracing::warn!(count = entries.len(), ?refused, "EventBridge refused suggestions");
    }
    let cause = format!("{} suggestions were refused each time", entries.len());
    Err(PublishError { operation: OPERATION, busy: true, cause })
}

fn entry(suggestion: &Suggested, topic_arn: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source(OWN_SOURCE)
        .detail_type(DETAIL_TYPE)
        .detail(json!(suggestion).to_string())
        .resources(topic_arn)
        .time(DateTime::from_millis(suggestion.at.millis()))
        .build()
}
