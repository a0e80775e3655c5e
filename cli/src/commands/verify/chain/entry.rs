//! A recorded event in the domain's types, so that the domain's rules can check it.

use api::RecordedEvent;
use domain::ledger::received::Received;
use domain::ledger::standing::Standing;
use domain::{Event, EventKey, Timestamp, json};

/// A recorded event, parsed.
pub(super) struct Entry {
    received: Received,
    sequence: u64,
    recorded_at: Timestamp,
    previous_hash: String,
    previous_recorded_at: Option<Timestamp>,
    hash: String,
}

impl Entry {
    /// Parses an event as the API returns it; what can't be parsed is a problem.
    pub(super) fn parse(stored: &RecordedEvent, problems: &mut Vec<String>) -> Option<Self> {
        let number = stored.sequence;
        let times = (time(&stored.occurred_at), time(&stored.recorded_at), previous(stored));
        let (Some(occurred_at), Some(recorded_at), Ok(previous_recorded_at)) = times else {
            problems.push(format!("event {number} was altered: one of its times is not valid"));
            return None;
        };
        let event: Event = match serde_json::from_value(stored.event.clone()) {
            Ok(event) => event,
            Err(error) => {
                problems.push(format!("event {number} can't be parsed: {error}"));
                return None;
            }
        };
        let received = Received::kept(
            event,
            (json::canonical(&stored.event).unwrap_or_default(), stored.payload_hash.clone()),
            EventKey::stored(&stored.event_key),
            occurred_at,
            stored.producer.clone(),
        );
        Some(Self {
            received,
            sequence: number,
            recorded_at,
            previous_hash: stored.previous_hash.clone(),
            previous_recorded_at,
            hash: stored.hash.clone(),
        })
    }

    /// What the rules check. The API does not return what an event meant.
    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            received: &self.received,
            sequence: self.sequence,
            recorded_at: self.recorded_at,
            previous_hash: &self.previous_hash,
            previous_recorded_at: self.previous_recorded_at,
            hash: &self.hash,
            meaning: None,
        }
    }
}

/// When the event before it was recorded; absent for the first event.
fn previous(stored: &RecordedEvent) -> Result<Option<Timestamp>, ()> {
    stored.previous_recorded_at.as_deref().map(|text| time(text).ok_or(())).transpose()
}

/// A time in the API's form. Another form of the same time shows that the event was altered.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok().filter(|time| time.to_string() == text)
}
