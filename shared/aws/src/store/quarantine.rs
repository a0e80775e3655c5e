//! Quarantine: what came through the queue and could not be recorded is itself recorded, so that
//! its sender can find it and the stream can raise the alarm.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::event::Limits;
use domain::{FieldError, Timestamp, json};

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::Store;
use super::items::{KeyItem, REJECTED_DAYS, RejectedItem, to_item};
use super::record::pause;
use super::transaction::{Committed, Transaction};
use crate::StoreError;

/// How often a contended refusal is tried.
const TRIES: u32 = 10;

/// What was refused, and why.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What was sent.
    pub raw: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The door that it came through.
    pub door: &'static str,
    /// `invalid` or `conflict`.
    pub reason: &'static str,
    /// What is wrong, and what would be right.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
}

impl Store {
    /// Records a refusal. A redelivery of the same message is the same item, and changes nothing.
    ///
    /// # Errors
    /// When it is not known to be recorded: the message must stay in its queue.
    pub async fn quarantine(&self, refusal: Refusal, now: Timestamp) -> Result<(), StoreError> {
        let raw_hash = json::sha256_hex(&refusal.raw);
        let kept = &refusal.raw.as_bytes()[..refusal.raw.len().min(Limits::EVENT_BYTES)];
        let day = refusal.sent_at.day();
        let item = RejectedItem {
            pk: format!("REJECTED#{day}"),
            sk: format!("{}#{raw_hash}", refusal.sent_at.sort_key()),
            sent_at: refusal.sent_at.millis(),
            recorded_at: now.millis(),
            door: refusal.door.to_owned(),
            reason: refusal.reason.to_owned(),
            detail: refusal.detail,
            errors: refusal.errors,
            raw: STANDARD.encode(kept),
            raw_bytes: refusal.raw.len() as u64,
            raw_hash,
            expires_at: self.retention.expires_at_seconds(now),
        };
        self.mark_day(day).await?;
        for tries in 0..TRIES {
            let mut transaction = Transaction::default();
            transaction.put_new(&self.tables.history, to_item(&item)?)?;
            match self.transact(transaction).await? {
                Committed::Yes | Committed::No(_) => return Ok(()),
                Committed::Contended(_) => pause(tries).await,
            }
        }
        Err(StoreError::busy("TransactWriteItems", "a refusal was contended each time"))
    }

    /// Notes that something was refused on this day, so that a list need not ask of each day. Before
    /// the refusal, and not with it: refusals come many at once, and would contend for the day.
    async fn mark_day(&self, day: String) -> Result<(), StoreError> {
        let key = (REJECTED_DAYS.to_owned(), day);
        if self.memory().catalog.contains(&key) {
            return Ok(());
        }
        let item = to_item(&KeyItem { pk: key.0.clone(), sk: key.1.clone() })?;
        let put = self.client.put_item().table_name(&self.tables.state).set_item(Some(item));
        put.return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::call("PutItem", error))?;
        self.memory().remember_catalog([key]);
        Ok(())
    }
}

impl From<RejectedItem> for api::Rejected {
    fn from(item: RejectedItem) -> Self {
        let raw = STANDARD.decode(&item.raw).unwrap_or_default();
        Self {
            sent_at: Timestamp::from_millis(item.sent_at).to_string(),
            recorded_at: Timestamp::from_millis(item.recorded_at).to_string(),
            door: item.door,
            reason: item.reason,
            detail: item.detail,
            errors: item.errors,
            raw: String::from_utf8_lossy(&raw).into_owned(),
            raw_bytes: item.raw_bytes,
            raw_hash: item.raw_hash,
        }
    }
}
