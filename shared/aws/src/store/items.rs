//! Items as they are stored, one struct each, and how they become the domain's values again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::catalog::CatalogEntry;
use domain::event::Event;
use domain::ledger::recording::{Meaning, Received, Record, State};
use domain::live::{Entry, Live, Place, Tail};
use domain::{Environment, EventKey, FieldError, Figures, Retention, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::incidents::{self, list_pk};
use crate::StoreError;

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// An event in the history.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventItem {
    pk: String,
    sk: String,
    pub(super) sequence: u64,
    recorded_day: String,
    recorded_at: i64,
    occurred_at: i64,
    producer: String,
    /// The canonical text of what was sent; the hashes below are over these bytes.
    payload: String,
    payload_hash: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    previous_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_recorded_at: Option<i64>,
    hash: String,
    meaning: Meaning,
    /// From when on DynamoDB may remove it. It is no part of the record, so it is never read.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// What came through the queue and could not be recorded.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectedItem {
    pub(super) pk: String,
    pub(super) sk: String,
    /// When it was sent, in milliseconds.
    pub sent_at: i64,
    /// When it was refused, in milliseconds.
    pub recorded_at: i64,
    /// The door that it came through.
    pub door: String,
    /// `invalid` or `conflict`.
    pub reason: String,
    /// What is wrong.
    pub detail: String,
    /// Each wrong field.
    pub errors: Vec<FieldError>,
    /// What was sent, base64: at most the first 64 KB.
    pub raw: String,
    /// How long it was.
    pub raw_bytes: u64,
    /// SHA-256 of all of it.
    pub raw_hash: String,
    /// As with an [`EventItem`].
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
}

/// A deployment's state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SummaryItem {
    pk: String,
    sk: String,
    summary: String,
    pub(super) sequence: u64,
    head_hash: String,
    recorded_at: i64,
    /// Its status once it has ended. What goes into the indexes changes at the start and at the end
    /// only, so the events in between cost them nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    environment_month: String,
    service_year: String,
    started_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_in: Option<String>,
    /// These three once it has ended, unless it is a removal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_month: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figures: Option<String>,
}

/// An entry of a live log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogItem {
    pub pk: String,
    pub sk: String,
    pub entry: Entry,
    pub known_from: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_until: Option<i64>,
}

/// What is live in a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CellItem {
    pub pk: String,
    pub sk: String,
    pub live: Live,
    pub tail: Tail,
    pub revision: u64,
}

/// Only the key: the catalog says that something exists.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeyItem {
    pub pk: String,
    pub sk: String,
}

/// How the sort keys of events begin.
const EVENT: &str = "EVENT#";
/// The sort key of a deployment's summary.
pub(super) const SUMMARY: &str = "SUMMARY";
/// The partition key of the catalog.
pub(super) const CATALOG: &str = "CATALOG";
/// The partition key of the days on which something was refused.
pub(super) const REJECTED_DAYS: &str = "REJECTED";

pub(super) fn deployment_pk(id: &str) -> String {
    format!("DEPLOYMENT#{id}")
}

pub(super) fn event_sk(key: &EventKey) -> String {
    format!("{EVENT}{}", key.as_str())
}

pub(super) fn log_pk(place: &Place) -> String {
    format!("LIVE#{}#{}", place.environment, place.service)
}

/// Entries that change what runs sort by time; the others stand apart, so that a long row of
/// failures does not stand between a reader and what is live.
pub(super) fn log_sk(entry: &Entry) -> String {
    let apart = if entry.effect.changes_live() { "" } else { MISS };
    format!("{apart}{}#{}#{}", entry.at.sort_key(), entry.deployment_id, entry.effect.as_str())
}

pub(super) const MISS: &str = "MISS#";

pub(super) fn cell_pk(environment: &str) -> String {
    format!("LIVE#{environment}")
}

pub(super) fn catalog_key(entry: &CatalogEntry) -> (String, String) {
    let sk = match entry {
        CatalogEntry::Environment(environment) => format!("ENVIRONMENT#{environment}"),
        CatalogEntry::Service(service, environment) => format!("SERVICE#{service}#{environment}"),
        CatalogEntry::Month(environment, month) => format!("MONTH#{environment}#{month}"),
        CatalogEntry::IncidentMonth(environment, month) => format!("{}{environment}#{month}", incidents::MONTHS),
    };
    (CATALOG.to_owned(), sk)
}

/// How deployments sort by a time of theirs: their start, or their end.
pub(super) fn timed_key(at: Timestamp, id: &str) -> String {
    format!("{}#{id}", at.sort_key())
}

/// The partition of deployments to an environment by a month (`yyyy-mm`): of their start, or their end.
pub(super) fn month_pk(environment: &Environment, month: &str) -> String {
    format!("{environment}#{month}")
}

/// The item of a value of ours.
pub(super) fn to_item<T: Serialize>(value: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(value).map_err(|error| StoreError::unreadable("to item", error))
}

/// The value of an item of ours.
pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::unreadable("from item", error))
}

impl EventItem {
    pub(super) fn new(record: &Record, retention: Retention) -> Self {
        let received = &record.received;
        Self {
            pk: deployment_pk(record.deployment_id().as_str()),
            sk: event_sk(&received.key),
            sequence: record.sequence,
            recorded_day: record.recorded_at.day(),
            recorded_at: record.recorded_at.millis(),
            occurred_at: received.occurred_at.millis(),
            producer: received.producer.clone(),
            payload: received.payload.clone(),
            payload_hash: received.payload_hash.clone(),
            previous_hash: record.previous_hash.clone(),
            previous_recorded_at: record.previous_recorded_at.map(Timestamp::millis),
            hash: record.hash.clone(),
            meaning: record.meaning.clone(),
            expires_at: retention.expires_at_seconds(record.recorded_at),
        }
    }

    pub(super) fn record(self) -> Result<Record, StoreError> {
        let event: Event =
            serde_json::from_str(&self.payload).map_err(|e| StoreError::unreadable("history event", e))?;
        let received = Received {
            key: EventKey::stored(self.sk.trim_start_matches(EVENT)),
            event,
            payload: self.payload,
            payload_hash: self.payload_hash,
            occurred_at: Timestamp::from_millis(self.occurred_at),
            producer: self.producer,
        };
        Ok(Record {
            received,
            sequence: self.sequence,
            recorded_at: Timestamp::from_millis(self.recorded_at),
            previous_hash: self.previous_hash,
            previous_recorded_at: self.previous_recorded_at.map(Timestamp::from_millis),
            hash: self.hash,
            meaning: self.meaning,
        })
    }
}

/// The record in an item of the history table, in whatever form the item came (a stream record's
/// new image has types of its own).
///
/// # Errors
/// When the item is no history event.
pub fn record_of_item<I>(item: I) -> Result<Record, StoreError>
where
    I: Into<serde_dynamo::Item>,
{
    let item: EventItem = serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("history event", e))?;
    item.record()
}

/// The refusal in an item of the history table.
///
/// # Errors
/// When the item is no refusal.
pub fn rejected_of_item<I>(item: I) -> Result<RejectedItem, StoreError>
where
    I: Into<serde_dynamo::Item>,
{
    serde_dynamo::from_item(item).map_err(|e| StoreError::unreadable("rejected event", e))
}

impl SummaryItem {
    pub(super) fn new(state: &State) -> Result<Self, StoreError> {
        let summary = &state.summary;
        let (environment, service) = (summary.environment(), summary.service());
        let started = summary.started_at;
        let status = summary.status();
        let id = summary.deployment_id.as_str();
        let incident = summary.deployment_id.is_incident();
        let figures = Figures::of(summary);
        let finished = figures.as_ref().map(|figures| figures.finished_at);
        let figures = figures.map(|figures| serde_json::to_string(&figures)).transpose();
        Ok(Self {
            pk: deployment_pk(id),
            sk: SUMMARY.to_owned(),
            summary: serde_json::to_string(summary).map_err(|e| StoreError::unreadable("summary", e))?,
            sequence: state.sequence,
            head_hash: state.head_hash.clone(),
            recorded_at: state.recorded_at.millis(),
            ended: status.is_terminal().then(|| status.to_string()),
            version: summary.version().map(String::from),
            environment_month: list_pk(incident, month_pk(&environment, &started.month())),
            service_year: list_pk(incident, format!("{service}#{environment}#{}", started.year())),
            started_key: timed_key(started, id),
            active_in: (!status.is_terminal() && !incident).then(|| environment.to_string()),
            finished_month: finished.map(|at| month_pk(&environment, &at.month())),
            finished_key: finished.map(|at| timed_key(at, id)),
            figures: figures.map_err(|e| StoreError::unreadable("figures", e))?,
        })
    }

    pub(super) fn state(self) -> Result<State, StoreError> {
        Ok(State {
            summary: serde_json::from_str(&self.summary).map_err(|e| StoreError::unreadable("summary", e))?,
            sequence: self.sequence,
            head_hash: self.head_hash,
            recorded_at: Timestamp::from_millis(self.recorded_at),
        })
    }
}
