//! What is posted: `POST /v1/events`, the webhooks of other tools, and forms.

mod events;
mod forbidden;
mod known_bad;
mod receipts;
mod refused;
mod releases;
mod settings;
mod signed_in;
mod webhooks;

use std::sync::Arc;

use api::routes::{Function, NoRoute, Operation, find};
use api::{Problem, Request, Response};
use domain::Timestamp;
use formats::{Payload, Settings, Webhook};
use pages::forms::Form;
use publisher::Publisher;
use store::WriteItems;
use tracing::Instrument as _;

use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Answers a request. What is logged meanwhile carries its id, which callers get as `instance`.
    ///
    /// # Errors
    /// When it could not be carried out; sending it again is safe.
    pub async fn http(&self, request: &Request, now: Timestamp) -> Result<Response, Failed> {
        // At every level: the cause of a 503 is found by it.
        let span = tracing::error_span!("http", instance = request.id);
        self.answer(request, now).instrument(span).await
    }

    async fn answer(&self, request: &Request, now: Timestamp) -> Result<Response, Failed> {
        let id = &request.id;
        if let Err(problem) = request.admit(&self.processing.subjects) {
            tracing::warn!(subject = request.subject, "a token with this subject was rejected");
            return Ok(Response::problem(&problem, id));
        }
        if let Some(form) = Form::sent(&request.method, &request.path) {
            return match self.sender_of(request, now).await {
                Ok(None) => Box::pin(self.form(form, request, None, now)).await,
                Ok(Some((request, who))) => Box::pin(self.form(form, &request, Some(who), now)).await,
                Err(refused) => Ok(refused),
            };
        }
        let no_route = || Problem::new(404, "no such route; see GET /openapi.json");
        let answer = match find(Function::EventProcessor, &request.method, &request.path) {
            Ok(found) => match (found.route.operation, Webhook::named(found.parameter)) {
                (Operation::PostEvents, _) => match self.settings_in_force(now).await {
                    Ok(settings) => self.post_events(request, &settings, now).await?,
                    Err(unreadable) => Err(unreadable),
                },
                (Operation::PutSettings, _) => Box::pin(self.put_settings(request, now)).await?,
                (Operation::PutRelease, _) => match self.settings_in_force(now).await {
                    Ok(settings) => self.put_release(found.parameter, request, &settings, now).await?,
                    Err(unreadable) => Err(unreadable),
                },
                (Operation::PostWebhook, Some(webhook)) => match self.settings_in_force(now).await {
                    Ok(settings) => self.post_webhook(webhook, request, &settings, now).await?,
                    Err(unreadable) => Err(unreadable),
                },
                (Operation::PostCustomWebhook, _) => match self.settings_in_force(now).await {
                    Ok(settings) => self.post_custom_webhook(found.parameter, request, &settings, now).await?,
                    Err(unreadable) => Err(unreadable),
                },
                _ => Err(no_route()),
            },
            Err(NoRoute::Path) => Err(no_route()),
            Err(NoRoute::Method(allowed)) => {
                let allowed = allowed.join(", ");
                let problem =
                    Problem::new(405, format!("{} is not allowed for this route; use {allowed}", request.method));
                return Ok(Response::problem(&problem, id).with("allow", allowed));
            }
        };
        Ok(answer.unwrap_or_else(|problem| {
            tracing::info!(status = problem.status, detail = problem.detail, "rejected");
            Response::problem(&problem, id)
        }))
    }

    /// The settings in force, or the answer of a process that could never read them: what it would record without
    /// them may be wrong.
    pub(crate) async fn settings_in_force(&self, now: Timestamp) -> Result<Arc<Settings>, Problem> {
        self.settings(now).await.map_err(|error| {
            tracing::error!(%error, "the settings can't be read");
            Problem::new(503, "the settings can't be read at the moment, so nothing was recorded; send the event again")
        })
    }
}

/// What was sent in a request.
pub(crate) fn payload(request: &Request) -> Payload<'_> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Payload::posted(headers, &request.body)
}

/// The answer where others were faster each time.
fn busy(error: &dyn std::error::Error) -> Problem {
    tracing::warn!(%error, "busy");
    Problem::new(503, "the server is too busy at the moment; send the event again")
}

fn no_parameters(request: &Request) -> Result<(), Problem> {
    request.parameters(&[]).map(|_| ()).map_err(Problem::wrong_fields)
}
