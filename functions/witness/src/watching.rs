//! Watching the history: what its stream tells that nobody may do.

use domain::follows::metrics::Tally;
use domain::follows::witnessed::{How, Modification, Witnessed, forged};
use domain::{Retention, Timestamp, json};
use publisher::Publisher;
use serde::Deserialize;
use serde_json::Value;
use store::items::history::HistoryItem;
use store::{Item, ReadItems};

use crate::{Failed, Witness};

/// A record of the stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamRecord {
    event_name: String,
    #[serde(default)]
    user_identity: Option<UserIdentity>,
    dynamodb: Change,
}

/// Who did it, where it was a service of AWS.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    principal_id: Option<String>,
}

/// What was done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    /// In seconds since 1970.
    #[serde(default)]
    approximate_creation_date_time: Option<f64>,
    keys: Value,
    #[serde(default)]
    new_image: Option<Value>,
    #[serde(default)]
    old_image: Option<Value>,
}

impl<S: ReadItems, P: Publisher> Witness<S, P> {
    /// Keeps what was there before each modification, tells of them, and counts them.
    ///
    /// # Errors
    /// When something can't be kept or sent: the batch comes again.
    pub(crate) async fn watch(&self, records: Vec<StreamRecord>, now: Timestamp) -> Result<usize, Failed> {
        let mut found = Vec::new();
        for record in records {
            let Some(modification) = modification(&record, self.retention, now) else { continue };
            tracing::error!(what = modification.line(), "the history was modified");
            if let (Some(name), Some(before)) = (&modification.kept_as, &record.dynamodb.old_image) {
                self.bucket.put(name, &before.to_string()).await?;
            }
            found.push(modification);
        }
        let count = found.len();
        if count > 0 {
            self.publisher.notify_witnessed(vec![Witnessed::Modified(found)]).await?;
            let mut tally = Tally::default();
            for _ in 0..count {
                tally.add_modification(now);
            }
            self.publisher.metrics(tally.data()).await?;
        }
        Ok(count)
    }
}

/// What of a record nobody may do; none where it is as it must be.
fn modification(record: &StreamRecord, retention: Retention, now: Timestamp) -> Option<Modification> {
    let change = &record.dynamodb;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a time")]
    let at =
        change.approximate_creation_date_time.map_or(now, |seconds| Timestamp::from_millis((seconds * 1000.0) as i64));
    let how = match record.event_name.as_str() {
        "INSERT" => inserted(change.new_image.as_ref(), at)?,
        "REMOVE" if retention.ends() && record.is_by_age() => return None,
        "REMOVE" => How::Removed,
        _ => How::Rewritten,
    };
    let key = |name: &str| change.keys[name]["S"].as_str().unwrap_or_default().to_owned();
    let text = |image: &Value| json::canonical(image).unwrap_or_default();
    Some(Modification {
        subject: key("pk"),
        item: key("sk"),
        how,
        hash_before: change.old_image.as_ref().and_then(hash),
        hash_after: change.new_image.as_ref().and_then(hash),
        kept_as: change.old_image.as_ref().map(|image| format!("modified/{}.json", json::sha256_hex(&text(image)))),
        at,
    })
}

/// The hash that an item states.
fn hash(image: &Value) -> Option<String> {
    image["hash"]["S"].as_str().map(str::to_owned)
}

/// What is wrong with a new item; none where nothing is.
fn inserted(image: Option<&Value>, at: Timestamp) -> Option<How> {
    let item = image.and_then(|image| serde_json::from_value::<Item>(image.clone()).ok());
    let Some(Ok(item)) = item.map(HistoryItem::of) else { return Some(How::Unreadable) };
    let (recorded_at, previous) = match &item {
        HistoryItem::Recorded(record) => (record.recorded_at, record.previous_recorded_at),
        HistoryItem::Settings(version) | HistoryItem::Declared(version) => (version.recorded_at, None),
        // What was refused has the time at which it was sent, and is in no chain.
        HistoryItem::Rejected(_) => return None,
    };
    forged(recorded_at, previous, at).map(How::Forged)
}

impl StreamRecord {
    /// Whether DynamoDB itself removed an item whose time was over.
    fn is_by_age(&self) -> bool {
        self.user_identity.as_ref().is_some_and(|identity| {
            identity.kind.as_deref() == Some("Service")
                && identity.principal_id.as_deref() == Some("dynamodb.amazonaws.com")
        })
    }
}
