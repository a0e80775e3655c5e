//! Events that are posted: `POST /v1/events`, and the webhooks of other tools.

pub(crate) mod events;
mod receipts;
pub(crate) mod webhooks;

use api::Problem;
use api::{Request, Response};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::{Timestamp, json};
use publisher::Publisher;
use serde_json::Value;
use store::WriteItems;
use tracing::Instrument as _;

use crate::door::Door;
use crate::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Answers a request. What is logged meanwhile carries the gateway's id of it, which callers get
    /// as `instance`.
    pub(crate) async fn http(&self, event: ApiGatewayV2httpRequest, now: Timestamp) -> Result<Response, Failed> {
        let id = event.request_context.request_id.clone().unwrap_or_default();
        let span = tracing::info_span!("http", instance = id);
        self.answer(event, id, now).instrument(span).await
    }

    async fn answer(&self, event: ApiGatewayV2httpRequest, id: String, now: Timestamp) -> Result<Response, Failed> {
        let request = match lambda::gateway::decode(event) {
            Ok(request) => request,
            Err(problem) => return Ok(Response::problem(&problem, &id)),
        };
        if let Err(problem) = request.admit(&self.processing.subjects) {
            tracing::warn!(subject = request.subject, "the token's subject is not accepted");
            return Ok(Response::problem(&problem, &id));
        }
        let answer = match Door::at(&request.path) {
            Some(_) if request.method != "POST" => {
                let problem = Problem::new(405, format!("{} is not allowed here; use POST", request.method));
                return Ok(Response::problem(&problem, &id).with("allow", "POST"));
            }
            Some(Door::Events) => self.post_events(&request, now).await,
            Some(Door::Webhook(webhook)) => self.post_webhook(webhook, &request, now).await,
            Some(Door::EventBridge) | None => {
                Ok(Err(Problem::new(404, "there is no such route; see GET /openapi.json")))
            }
        }?;
        Ok(answer.unwrap_or_else(|problem| {
            tracing::info!(status = problem.status, detail = problem.detail, "refused");
            Response::problem(&problem, &id)
        }))
    }
}

fn no_parameters(request: &Request) -> Result<(), Problem> {
    request.parameters(&[]).map(|_| ()).map_err(Problem::wrong_fields)
}

/// The media type that a request says its body is of, in lower case.
fn media_type(request: &Request) -> String {
    let header = request.header("content-type").unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The body as JSON, when the request says that it is.
fn json_body(request: &Request) -> Result<Value, Problem> {
    if media_type(request) != "application/json" {
        return Err(Problem::new(415, "the body must be JSON, and Content-Type must say so: application/json"));
    }
    json_value(&request.body)
}

fn json_value(body: &[u8]) -> Result<Value, Problem> {
    json::parse(body).map_err(|error| Problem::wrong_field("", format!("not JSON: {error}")))
}
