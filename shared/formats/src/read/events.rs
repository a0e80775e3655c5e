//! What is posted to `/v1/events`: one event, or an array of them. Both also as CloudEvents:
//! enveloped, in a batch, or with the envelope in headers.

use domain::Timestamp;
use domain::event::Limits;
use serde_json::Value;

use crate::contents::{Contents, Element};
use crate::door::Door;
use crate::payload::Payload;
use crate::reading::{Read, Reading};
use crate::rejection::Rejection;
use crate::{cloud_event, known_tools};

/// Reads what was posted.
pub(super) fn read(payload: &Payload<'_>, now: Timestamp) -> Result<Contents, Rejection> {
    let (body, read) = body(payload)?;
    match body {
        Value::Array(elements) if elements.len() > Limits::PER_REQUEST => {
            Err(Rejection::TooMany { most: Limits::PER_REQUEST, count: elements.len() })
        }
        Value::Array(elements) => {
            let elements = elements.into_iter().map(|element| {
                let is_too_large = element.to_string().len() > Limits::EVENT_BYTES;
                let read = || helpfully(read, element, payload, now);
                Element::new(if is_too_large { Err(Rejection::TooLarge) } else { read() })
            });
            Ok(Contents::Array(elements.collect()))
        }
        _ if payload.body().len() > Limits::EVENT_BYTES => Err(Rejection::TooLarge),
        one => Ok(Contents::One(Element::new(helpfully(read, one, payload, now)))),
    }
}

/// Reads an event; what can't be read, and looks like something else, is answered with what that is.
fn helpfully(read: Reader, event: Value, payload: &Payload<'_>, now: Timestamp) -> Result<Reading, Rejection> {
    let named = known_tools::named(&Door::Events, payload, &event);
    read(event, now).map_err(|errors| named.unwrap_or(Rejection::Fields(errors)))
}

/// What reads one event.
type Reader = fn(Value, Timestamp) -> Read;

/// The body, and what reads each event of it: by its content type. A CloudEvent in binary mode has the
/// type of its data, and headers for the rest.
fn body(payload: &Payload<'_>) -> Result<(Value, Reader), Rejection> {
    let enveloped: Reader = |value, now| cloud_event::read(&value, now);
    let media_type = payload.media_type();
    let is_json = media_type == "application/json" || media_type.ends_with("+json");
    match media_type.as_str() {
        "application/cloudevents+json" | "application/cloudevents-batch+json" => {
            let body = payload.value()?;
            if body.is_array() == media_type.contains("batch") {
                Ok((body, enveloped))
            } else {
                Err(Rejection::CloudEventsMode)
            }
        }
        _ if is_json && payload.header("ce-specversion").is_some() => {
            let body = cloud_event::from_headers(payload, payload.value()?)?;
            Ok((body, enveloped))
        }
        _ => Ok((payload.json()?, posted)),
    }
}

/// Reads an event that was posted.
fn posted(value: Value, now: Timestamp) -> Read {
    if cloud_event::is_cloud_event(&value) {
        cloud_event::read(&value, now)
    } else {
        cloud_event::read_data(value, None, now)
    }
}
