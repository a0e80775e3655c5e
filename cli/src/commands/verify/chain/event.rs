//! Checks a single event.

use api::RecordedEvent;
use domain::ledger::chain::Link;
use domain::ledger::recording::Received;
use domain::{DeploymentId, Event, EventKey, Timestamp, json};

/// Adds the problems of an event, and returns the event for the fold, if it can be parsed.
pub(super) fn problems(id: &DeploymentId, stored: &RecordedEvent, problems: &mut Vec<String>) -> Option<Received> {
    let number = stored.sequence;
    let mut wrong = |what: &str| problems.push(format!("event {number} {what}"));
    let payload = json::canonical(&stored.event).unwrap_or_default();
    if json::sha256_hex(&payload) != stored.payload_hash {
        wrong("was altered: its payload does not match its payload hash");
    }
    let link = (time(&stored.occurred_at), time(&stored.recorded_at), previous(stored));
    let (Some(occurred_at), Some(recorded_at), Ok(previous_recorded_at)) = link else {
        wrong("was altered: one of its times is not valid");
        return None;
    };
    let key = EventKey::stored(&stored.event_key);
    let link = Link {
        previous_hash: &stored.previous_hash,
        previous_recorded_at,
        payload_hash: &stored.payload_hash,
        sequence: number,
        deployment_id: id,
        event_key: &key,
        occurred_at,
        recorded_at,
        producer: &stored.producer,
    };
    if link.hash() != stored.hash {
        wrong("was altered: its content does not match its hash");
    }
    let event: Event = match serde_json::from_value(stored.event.clone()) {
        Ok(event) => event,
        Err(error) => {
            wrong(&format!("can't be parsed: {error}"));
            return None;
        }
    };
    if event.deployment_id != *id {
        wrong("belongs to another deployment");
    }
    if event.key(&stored.payload_hash) != key {
        wrong("has a key that is not its own");
    }
    if event.occurred_at.is_some_and(|reported| reported != occurred_at) {
        wrong("has another time than its payload");
    }
    let producer = stored.producer.clone();
    Some(Received { event, payload, payload_hash: stored.payload_hash.clone(), key, occurred_at, producer })
}

/// When the event before it was recorded; absent for the first event.
fn previous(stored: &RecordedEvent) -> Result<Option<Timestamp>, ()> {
    stored.previous_recorded_at.as_deref().map(|text| time(text).ok_or(())).transpose()
}

/// A time in the API's form. Another form of the same time shows that the event was altered.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok().filter(|time| time.to_string() == text)
}
