//! Reading a payload: what each event in it says, by the door that it came through.

mod events;
mod queue;

use domain::Timestamp;

use crate::contents::{Contents, Element};
use crate::custom::CustomSource;
use crate::door::Door;
use crate::known_tools;
use crate::payload::Payload;
use crate::rejection::Rejection;
use crate::webhook::Webhook;

/// Reads a payload that came through a door. Whoever lets it in has seen its proof.
///
/// # Errors
/// Why nothing of it can be read. What is wrong with one event alone stands in its element.
pub fn at(door: Door, payload: &Payload<'_>, now: Timestamp) -> Result<Contents, Rejection> {
    match door {
        Door::Queue => Ok(Contents::One(message(payload, now))),
        Door::Events => posted(payload, now),
        Door::Webhook(webhook) => sent_by(webhook, payload, now).map(Contents::One),
        Door::Custom(source) => sent_by_custom(&source, payload, now).map(Contents::One),
    }
}

/// Reads a message of the queue: an event of an EventBridge bus.
#[must_use]
pub fn message(payload: &Payload<'_>, now: Timestamp) -> Element {
    queue::read(payload, now)
}

/// Reads what was posted to `/v1/events`.
///
/// # Errors
/// Why nothing of it can be read.
pub fn posted(payload: &Payload<'_>, now: Timestamp) -> Result<Contents, Rejection> {
    events::read(payload, now)
}

/// Reads what the tool of a webhook sent.
///
/// # Errors
/// Why nothing of it can be read.
pub fn sent_by(webhook: Webhook, payload: &Payload<'_>, now: Timestamp) -> Result<Element, Rejection> {
    let helpful = |rejection| {
        let body = payload.value().unwrap_or_default();
        known_tools::named(&Door::Webhook(webhook), payload, &body).unwrap_or(rejection)
    };
    let read = webhook.read(payload, now).map_err(helpful)?;
    let reading = read.map_err(|errors| helpful(Rejection::Fields(errors)));
    let producer = Some(webhook.producer(reading.as_ref().ok()));
    Ok(Element { producer, ..Element::new(reading) })
}

/// Reads what the tool of a custom source sent.
///
/// # Errors
/// Why nothing of it can be read.
pub fn sent_by_custom(source: &CustomSource, payload: &Payload<'_>, now: Timestamp) -> Result<Element, Rejection> {
    let reading = source.read(payload, now)?.map_err(Rejection::Fields);
    let producer = Some(format!("webhook:{}", source.key()));
    Ok(Element { producer, ..Element::new(reading) })
}
