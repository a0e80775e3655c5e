//! Events that are posted: `POST /v1/events` and webhooks.

use aws::StoreError;
use aws::gateway::{Request, Response};
use aws::publisher::Publisher;
use aws::store::Recorded;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::api::{ElementReceipt, Outcome, Problem, Receipt};
use domain::event::Limits;
use domain::recording::Received;
use domain::{FieldError, Timestamp, json};
use serde_json::Value;

use tracing::Instrument as _;

use crate::EventProcessor;
use crate::formats::{Read, Reading, github, native};
use crate::signature;

/// How many events one request may hold.
const EVENTS_PER_REQUEST: usize = 100;

/// A readable event, or the answer that it gets without being recorded.
type Readable = Result<Received, ElementReceipt>;

impl<P: Publisher> EventProcessor<P> {
    /// Answers a request. What is logged meanwhile carries the gateway's id of it, which callers get
    /// as `instance`.
    pub(crate) async fn http(&self, event: ApiGatewayV2httpRequest, now: Timestamp) -> Result<Response, StoreError> {
        let id = event.request_context.request_id.clone().unwrap_or_default();
        let span = tracing::info_span!("http", instance = id);
        self.answer(event, id, now).instrument(span).await
    }

    async fn answer(&self, event: ApiGatewayV2httpRequest, id: String, now: Timestamp) -> Result<Response, StoreError> {
        let request = match Request::decode(event) {
            Ok(request) => request,
            Err(problem) => return Ok(Response::problem(&problem, &id)),
        };
        if let Err(problem) = request.admit(&self.processing.subjects) {
            return Ok(Response::problem(&problem, &id));
        }
        let answer = match request.path.as_str() {
            "/v1/events" | "/v1/webhooks/github" if request.method != "POST" => {
                let problem = Problem::new(405, format!("{} is not allowed here; use POST", request.method));
                return Ok(Response::problem(&problem, &id).with("allow", "POST"));
            }
            "/v1/events" => self.post_events(&request, now).await,
            "/v1/webhooks/github" => self.post_github(&request, now).await,
            _ => Ok(Err(Problem::new(404, "there is no such route; see GET /openapi.json"))),
        }?;
        Ok(answer.unwrap_or_else(|problem| {
            tracing::info!(status = problem.status, detail = problem.detail, "refused");
            Response::problem(&problem, &id)
        }))
    }

    /// One event, or an array of events with one result for each.
    async fn post_events(&self, request: &Request, now: Timestamp) -> Result<Result<Response, Problem>, StoreError> {
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
                    readable(native::read(element, now), producer, now)
                });
                let receipts = self.record_all(readings.collect(), now).await?;
                Ok(Ok(Response::json(200, &receipts)))
            }
            _ if request.body.len() > Limits::EVENT_BYTES => Ok(Err(too_large())),
            one => self.record_one(readable(native::read(one, now), producer, now), now).await,
        }
    }

    /// A webhook of GitHub.
    async fn post_github(&self, request: &Request, now: Timestamp) -> Result<Result<Response, Problem>, StoreError> {
        let reading = self.authentic(request).and_then(|()| no_parameters(request)).and_then(|()| {
            let event = request.header("x-github-event");
            let event = event.ok_or_else(|| Problem::new(400, "the header X-GitHub-Event is required"))?;
            Ok(github::read(event, &json_body(request)?, now))
        });
        match reading {
            Ok(reading) => self.record_one(readable(reading, "webhook:github", now), now).await,
            Err(problem) => Ok(Err(problem)),
        }
    }

    fn authentic(&self, request: &Request) -> Result<(), Problem> {
        let Some(secret) = &self.processing.github_secret else {
            if self.processing.allow_unsigned {
                return Ok(());
            }
            return Err(Problem::new(401, "no webhook secret is configured here, so no webhook is taken"));
        };
        if signature::is_valid(secret, request.header("x-hub-signature-256"), &request.body) {
            Ok(())
        } else {
            Err(Problem::new(401, "X-Hub-Signature-256 is not the signature of this body"))
        }
    }

    async fn record_one(&self, readable: Readable, now: Timestamp) -> Result<Result<Response, Problem>, StoreError> {
        let receipt = self.record_all(vec![readable], now).await?.pop();
        Ok(match receipt {
            Some(ElementReceipt::Accepted(receipt)) => {
                let status = if receipt.outcome == Outcome::Recorded { 201 } else { 200 };
                Ok(Response::json(status, &receipt))
            }
            Some(ElementReceipt::Refused(problem)) => Err(problem),
            None => Err(Problem::new(500, "no result")),
        })
    }

    /// Records what is readable; one receipt for each, in order.
    async fn record_all(&self, readings: Vec<Readable>, now: Timestamp) -> Result<Vec<ElementReceipt>, StoreError> {
        let events: Vec<Received> = readings.iter().filter_map(|readable| readable.as_ref().ok()).cloned().collect();
        let results = if events.is_empty() { Vec::new() } else { self.store.record(events, now).await };
        let mut results = results.into_iter();
        let mut receipts = Vec::new();
        for readable in readings {
            receipts.push(match readable {
                Err(receipt) => receipt,
                Ok(received) => match results.next() {
                    Some(Err(error)) if !error.busy => return Err(error),
                    Some(Err(error)) => {
                        tracing::warn!(%error, "busy");
                        ElementReceipt::Refused(Problem::new(503, "too busy just now; send it again"))
                    }
                    Some(Ok(recorded)) => receipt(&received, &recorded),
                    None => return Err(StoreError::panicked("record")),
                },
            });
        }
        Ok(receipts)
    }
}

fn readable(read: Read, producer: &str, now: Timestamp) -> Readable {
    let refused = |errors| ElementReceipt::Refused(Problem::wrong_fields(errors));
    match read {
        Ok(Reading::Record(event)) => Received::new(&event, now, producer).map_err(refused),
        Ok(Reading::Ignore(reason)) => Err(ElementReceipt::Accepted(Receipt::ignored(&reason))),
        Err(errors) => Err(refused(errors)),
    }
}

fn receipt(received: &Received, recorded: &Recorded) -> ElementReceipt {
    let accepted = |sequence, outcome, status| {
        let event = &received.event;
        let id = event.event_id.as_ref().map_or(received.key.as_str(), |id| id.as_str());
        tracing::info!(deployment_id = event.deployment_id.as_str(), sequence, ?outcome, "accepted");
        ElementReceipt::Accepted(Receipt {
            deployment_id: Some(event.deployment_id.to_string()),
            event_id: Some(id.to_owned()),
            sequence: Some(sequence),
            outcome,
            status: Some(status),
            reason: None,
        })
    };
    match recorded {
        Recorded::New { sequence, status } => accepted(*sequence, Outcome::Recorded, *status),
        Recorded::Duplicate { sequence, status } => accepted(*sequence, Outcome::Duplicate, *status),
        Recorded::Conflict { sequence } => {
            let detail = format!("an event with this id and other content is recorded as number {sequence}");
            ElementReceipt::Refused(Problem {
                errors: vec![FieldError::new("eventId", detail.clone())],
                ..Problem::new(409, detail)
            })
        }
        Recorded::Refused(no_room) => {
            ElementReceipt::Refused(Problem::wrong_field("deploymentId", no_room.to_string()))
        }
    }
}

fn too_large() -> Problem {
    Problem::new(413, format!("an event must be at most {} bytes", Limits::EVENT_BYTES))
}

fn no_parameters(request: &Request) -> Result<(), Problem> {
    request.parameters(&[]).map(|_| ()).map_err(Problem::wrong_fields)
}

/// The body as JSON, when the request says that it is.
fn json_body(request: &Request) -> Result<Value, Problem> {
    let media_type = request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(415, "the body must be JSON, and Content-Type must say so: application/json"));
    }
    json::parse(&request.body).map_err(|error| Problem::wrong_field("", format!("not JSON: {error}")))
}
