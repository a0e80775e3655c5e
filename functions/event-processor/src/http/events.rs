//! `POST /v1/events`: one event, or an array of events with one result for each. Both also as
//! CloudEvents: enveloped, in a batch, or with the envelope in headers.

use api::{ElementReceipt, Problem};
use api::{Request, Response};
use domain::Timestamp;
use domain::event::Limits;
use publisher::Publisher;
use serde_json::Value;
use store::WriteItems;

use super::{json_body, json_value, media_type, no_parameters};
use crate::formats::{Read, cloud_event, from_post};
use crate::{EventProcessor, Failed};

/// How many events one request may hold.
const EVENTS_PER_REQUEST: usize = 100;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn post_events(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let Posted { body, read } = match no_parameters(request).and_then(|()| posted(request)) {
            Ok(posted) => posted,
            Err(problem) => return Ok(Err(problem)),
        };
        let producer = request.caller.as_str();
        match body {
            Value::Array(elements) if elements.len() > EVENTS_PER_REQUEST => {
                let detail = format!("at most {EVENTS_PER_REQUEST} events at once, these are {}", elements.len());
                Ok(Err(Problem::new(400, detail)))
            }
            Value::Array(elements) => {
                let readings = elements.into_iter().map(|element| {
                    if element.to_string().len() > Limits::EVENT_BYTES {
                        return Err(ElementReceipt::Refused(too_large()));
                    }
                    self.readable(read(element, now), producer, now)
                });
                let receipts = self.record_all(readings.collect(), now).await?;
                Ok(Ok(Response::json(200, &receipts)))
            }
            _ if request.body.len() > Limits::EVENT_BYTES => Ok(Err(too_large())),
            one => self.record_one(self.readable(read(one, now), producer, now), now).await,
        }
    }
}

/// What was posted, and how each event of it is read.
struct Posted {
    body: Value,
    read: fn(Value, Timestamp) -> Read,
}

/// The body, by its content type. A CloudEvent in binary mode has the type of its data, and headers
/// for the rest.
fn posted(request: &Request) -> Result<Posted, Problem> {
    let enveloped = |body| Posted { body, read: |value, now| cloud_event::read(&value, now) };
    let media_type = media_type(request);
    let is_json = media_type == "application/json" || media_type.ends_with("+json");
    match media_type.as_str() {
        "application/cloudevents+json" | "application/cloudevents-batch+json" => {
            let body = json_value(&request.body)?;
            if body.is_array() != media_type.contains("batch") {
                let says = "application/cloudevents+json is one event, application/cloudevents-batch+json an array";
                return Err(Problem::wrong_field("", says));
            }
            Ok(enveloped(body))
        }
        _ if is_json && request.header("ce-specversion").is_some() => {
            let body = cloud_event::from_headers(&request.headers, json_value(&request.body)?);
            body.map(enveloped).map_err(Problem::wrong_fields)
        }
        _ => json_body(request).map(|body| Posted { body, read: from_post }),
    }
}

/// Reads what was posted, event by event.
pub(crate) fn read(request: &Request, now: Timestamp) -> Result<Vec<Read>, Problem> {
    let Posted { body, read } = posted(request)?;
    let elements = if let Value::Array(elements) = body { elements } else { vec![body] };
    Ok(elements.into_iter().map(|element| read(element, now)).collect())
}

fn too_large() -> Problem {
    Problem::new(413, format!("an event must be at most {} bytes", Limits::EVENT_BYTES))
}
