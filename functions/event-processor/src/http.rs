//! Events that are posted: `POST /v1/events`, and the webhooks of other tools.

mod events;
mod receipts;
mod webhooks;

use api::routes::{Function, NoRoute, Operation, find};
use api::{Problem, Request, Response};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::Timestamp;
use formats::{Payload, Webhook};
use publisher::Publisher;
use store::WriteItems;
use tracing::Instrument as _;

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
            tracing::warn!(subject = request.subject, "a token with this subject was rejected");
            return Ok(Response::problem(&problem, &id));
        }
        let no_route = || Problem::new(404, "no such route; see GET /openapi.json");
        let answer = match find(Function::EventProcessor, &request.method, &request.path) {
            Ok(found) => match (found.route.operation, Webhook::named(found.parameter)) {
                (Operation::PostEvents, _) => self.post_events(&request, now).await?,
                (Operation::PostWebhook, Some(webhook)) => self.post_webhook(webhook, &request, now).await?,
                (Operation::PostCustomWebhook, _) => self.post_custom_webhook(found.parameter, &request, now).await?,
                _ => Err(no_route()),
            },
            Err(NoRoute::Path) => Err(no_route()),
            Err(NoRoute::Method(allowed)) => {
                let allowed = allowed.join(", ");
                let problem =
                    Problem::new(405, format!("{} is not allowed for this route; use {allowed}", request.method));
                return Ok(Response::problem(&problem, &id).with("allow", allowed));
            }
        };
        Ok(answer.unwrap_or_else(|problem| {
            tracing::info!(status = problem.status, detail = problem.detail, "rejected");
            Response::problem(&problem, &id)
        }))
    }
}

/// What was sent in a request.
pub(crate) fn payload(request: &Request) -> Payload<'_> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Payload::posted(headers, &request.body)
}

fn no_parameters(request: &Request) -> Result<(), Problem> {
    request.parameters(&[]).map(|_| ()).map_err(Problem::wrong_fields)
}
