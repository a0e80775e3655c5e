//! `POST /v1/events`: one event, or an array of events with one result for each.

use aws::StoreError;
use aws::gateway::{Request, Response};
use aws::publisher::Publisher;
use domain::Timestamp;
use domain::api::{ElementReceipt, Problem};
use domain::event::Limits;
use serde_json::Value;

use super::{json_body, no_parameters};
use crate::EventProcessor;
use crate::formats::{Read, from_post};

/// How many events one request may hold.
const EVENTS_PER_REQUEST: usize = 100;

impl<P: Publisher> EventProcessor<P> {
    pub(super) async fn post_events(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, StoreError> {
        let body = match no_parameters(request).and_then(|()| json_body(request)) {
            Ok(body) => body,
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
                    self.readable(from_post(element, now), producer, now)
                });
                let receipts = self.record_all(readings.collect(), now).await?;
                Ok(Ok(Response::json(200, &receipts)))
            }
            _ if request.body.len() > Limits::EVENT_BYTES => Ok(Err(too_large())),
            one => self.record_one(self.readable(from_post(one, now), producer, now), now).await,
        }
    }
}

/// Reads what was posted, element by element.
pub(crate) fn read(request: &Request, now: Timestamp) -> Result<Vec<Read>, Problem> {
    let elements = match json_body(request)? {
        Value::Array(elements) => elements,
        one => vec![one],
    };
    Ok(elements.into_iter().map(|element| from_post(element, now)).collect())
}

fn too_large() -> Problem {
    Problem::new(413, format!("an event must be at most {} bytes", Limits::EVENT_BYTES))
}
