//! Reading a payload: what each event in it says, by the door that it came through.

mod events;
mod queue;

use domain::Timestamp;

use crate::door::Door;
use crate::payload::Payload;
use crate::reading::Reading;
use crate::rejection::Rejection;
use crate::webhook::Webhook;

/// The events of a payload.
#[derive(Debug)]
pub enum Contents {
    /// One event by itself.
    One(Element),
    /// An array of events.
    Array(Vec<Element>),
}

/// One event of a payload, as it was read.
#[derive(Debug)]
pub struct Element {
    /// What it says.
    pub(crate) reading: Result<Reading, Rejection>,
    /// When it was sent, where its envelope says so.
    pub(crate) sent_at: Option<Timestamp>,
    /// Who sent it, where the door or the payload says so.
    pub(crate) producer: Option<String>,
}

impl Element {
    fn new(reading: Result<Reading, Rejection>) -> Self {
        Self { reading, sent_at: None, producer: None }
    }
}

impl Contents {
    /// Its events, one or many.
    #[must_use]
    pub fn into_elements(self) -> Vec<Element> {
        match self {
            Self::One(element) => vec![element],
            Self::Array(elements) => elements,
        }
    }
}

/// Reads a payload that came through a door. Whoever lets it in has seen its proof.
///
/// # Errors
/// Why nothing of it can be read. What is wrong with one event alone stands in its element.
pub fn at(door: Door, payload: &Payload<'_>, now: Timestamp) -> Result<Contents, Rejection> {
    match door {
        Door::Queue => Ok(Contents::One(message(payload, now))),
        Door::Events => posted(payload, now),
        Door::Webhook(webhook) => sent_by(webhook, payload, now).map(Contents::One),
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
    let reading = webhook.read(payload, now)?.map_err(Rejection::Fields);
    let producer = Some(format!("webhook:{}", webhook.name()));
    Ok(Element { producer, ..Element::new(reading) })
}
