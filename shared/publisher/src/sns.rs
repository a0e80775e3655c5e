//! SNS: batches of notifications, each with a body per protocol and attributes for filter policies.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::notifications::{Notification, Transition};
use domain::follows::witnessed::Witnessed;
use domain::pages_url::PagesUrl;
use serde_json::json;

use crate::error::PublishError;
use crate::messages;

/// The service's limits for one call.
const MESSAGES_PER_CALL: usize = 10;
const BYTES_PER_CALL: usize = 256 * 1024;
/// How often messages that SNS took the call for, but refused, are sent again.
const TRIES: usize = 3;
const OPERATION: &str = "PublishBatch";

/// Publishes notifications to a topic.
pub(crate) async fn publish(
    client: &Client,
    topic_arn: &str,
    notifications: &[Notification],
    pages: Option<&PagesUrl>,
) -> Result<(), PublishError> {
    publish_all(client, topic_arn, notifications.iter().map(|one| message(one, pages)).collect()).await
}

/// Publishes digests of notifications.
pub(crate) async fn publish_digests(client: &Client, topic_arn: &str, digests: &[Digest]) -> Result<(), PublishError> {
    publish_all(client, topic_arn, digests.iter().map(digest).collect()).await
}

/// Publishes what people are notified of drift.
pub(crate) async fn publish_drift(
    client: &Client,
    topic_arn: &str,
    notices: &[DriftNotice],
) -> Result<(), PublishError> {
    publish_all(client, topic_arn, notices.iter().map(drift).collect()).await
}

/// Publishes what the witness tells.
pub(crate) async fn publish_witnessed(
    client: &Client,
    topic_arn: &str,
    notices: &[Witnessed],
) -> Result<(), PublishError> {
    publish_all(client, topic_arn, notices.iter().map(witnessed).collect()).await
}

async fn publish_all(client: &Client, topic_arn: &str, messages: Vec<Message>) -> Result<(), PublishError> {
    for batch in batches(messages) {
        send(client, topic_arn, &batch).await?;
    }
    Ok(())
}

async fn send(client: &Client, topic_arn: &str, messages: &[Message]) -> Result<(), PublishError> {
    let entries: Result<Vec<_>, _> =
        messages.iter().enumerate().map(|(id, message)| message.entry(&id.to_string())).collect();
    let mut entries = entries.map_err(|error| PublishError {
        operation: OPERATION,
        busy: false,
        cause: format!("unreadable: {error}"),
    })?;
    for _ in 0..TRIES {
        let answer = client
            .publish_batch()
            .topic_arn(topic_arn)
            .set_publish_batch_request_entries(Some(entries.clone()))
            .send()
            .await
            .map_err(|error| PublishError::failed(OPERATION, &error))?;
        let failed = answer.failed();
        if failed.is_empty() {
            return Ok(());
        }
        tracing::warn!(failed = ?failed, "SNS rejected messages of a batch");
        entries.retain(|entry| failed.iter().any(|failure| failure.id() == entry.id()));
    }
    let cause = format!("{} messages were rejected each time", entries.len());
    Err(PublishError { operation: OPERATION, busy: true, cause })
}

/// A message as SNS takes it.
struct Message {
    subject: String,
    body: String,
    attributes: Vec<(&'static str, String)>,
    /// Attributes of several values, any of which a filter policy can match; as JSON.
    lists: Vec<(&'static str, String)>,
}

fn message(notification: &Notification, pages: Option<&PagesUrl>) -> Message {
    let chat = messages::chat(notification, pages).to_string();
    // One body per protocol; `default` is what queues and functions get.
    let body = json!({
        "default": messages::full(notification, pages).to_string(),
        "email": notification.text(pages),
        "sms": notification.sms(),
        "https": chat,
        "http": chat,
    });
    Message {
        subject: notification.subject(),
        body: body.to_string(),
        attributes: vec![
            ("environment", notification.environment.to_string()),
            ("service", notification.service.to_string()),
            ("status", notification.status.to_string()),
            ("type", notification.transition.as_str().to_owned()),
            ("severity", notification.severity().to_owned()),
            ("dedupeId", notification.dedupe_id()),
        ],
        lists: Vec::new(),
    }
}

/// Who filters by environment, service or status gets a digest if any of it is theirs.
fn digest(digest: &Digest) -> Message {
    let chat = messages::digest_in_chat(digest).to_string();
    let body = json!({
        "default": messages::full_digest(digest).to_string(),
        "email": digest.text(),
        "sms": digest.sms(),
        "https": chat,
        "http": chat,
    });
    let environments: Vec<String> = digest.environments().keys().map(ToString::to_string).collect();
    let services: Vec<String> = digest.services().iter().map(ToString::to_string).collect();
    let statuses: Vec<String> =
        digest.statuses().iter().map(ToString::to_string).chain(["DIGEST".to_owned()]).collect();
    Message {
        subject: digest.subject(),
        body: body.to_string(),
        attributes: vec![
            ("type", digest.transition.as_str().to_owned()),
            ("severity", digest.severity().to_owned()),
            ("dedupeId", digest.dedupe_id()),
        ],
        lists: vec![
            ("environment", json!(environments).to_string()),
            ("service", json!(services).to_string()),
            ("status", json!(statuses).to_string()),
        ],
    }
}

fn drift(notice: &DriftNotice) -> Message {
    let chat = messages::drift_in_chat(notice).to_string();
    let body = json!({
        "default": messages::full_drift(notice).to_string(),
        "email": notice.text(),
        "sms": notice.sms(),
        "https": chat,
        "http": chat,
    });
    // An attribute can't be empty: of which service a notice of several findings is, none says.
    let environment = notice.environment().map(ToString::to_string);
    let service = notice.only().and_then(|id| id.service).map(|name| name.to_string());
    let about = [("environment", environment), ("service", service)];
    let mut attributes: Vec<(&'static str, String)> =
        about.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    attributes.extend([
        ("status", notice.status().to_owned()),
        ("type", Transition::Drift.as_str().to_owned()),
        ("severity", notice.severity().to_owned()),
        ("dedupeId", notice.dedupe_id()),
    ]);
    Message { subject: notice.subject(), body: body.to_string(), attributes, lists: Vec::new() }
}

fn witnessed(notice: &Witnessed) -> Message {
    let chat = messages::witnessed_in_chat(notice).to_string();
    let body = json!({
        "default": messages::full_witnessed(notice).to_string(),
        "email": notice.text(),
        "sms": notice.sms(),
        "https": chat,
        "http": chat,
    });
    let attributes = vec![
        ("type", notice.kind().to_owned()),
        ("severity", notice.severity().to_owned()),
        ("dedupeId", notice.dedupe_id()),
    ];
    Message { subject: notice.subject(), body: body.to_string(), attributes, lists: Vec::new() }
}

impl Message {
    fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().chain(&self.lists);
        let attributes: usize = attributes.map(|(name, value)| name.len() + value.len() + 12).sum();
        self.subject.len() + self.body.len() + attributes
    }

    fn entry(&self, id: &str) -> Result<PublishBatchRequestEntry, aws_sdk_sns::error::BuildError> {
        let mut entry = PublishBatchRequestEntry::builder()
            .id(id)
            .subject(&self.subject)
            .message(&self.body)
            .message_structure("json");
        for (of_type, attributes) in [("String", &self.attributes), ("String.Array", &self.lists)] {
            for (name, value) in attributes {
                let value = MessageAttributeValue::builder().data_type(of_type).string_value(value).build()?;
                entry = entry.message_attributes(*name, value);
            }
        }
        entry.build()
    }
}

/// Messages in batches within the limits of a call.
fn batches(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut batches: Vec<Vec<Message>> = Vec::new();
    let mut room = 0;
    for message in messages {
        let bytes = message.bytes();
        match batches.last_mut() {
            Some(batch) if batch.len() < MESSAGES_PER_CALL && bytes <= room => {
                room -= bytes;
                batch.push(message);
            }
            _ => {
                room = BYTES_PER_CALL.saturating_sub(bytes);
                batches.push(vec![message]);
            }
        }
    }
    batches
}
