//! `POST /v1/webhooks/…`: what other tools send themselves, proven by their own signature or token.

use api::Problem;
use api::{Request, Response};
use aws::secrets::{Secret, Webhook};
use domain::Timestamp;
use publisher::Publisher;
use store::WriteItems;

use super::{json_body, no_parameters};
use crate::formats::{Read, argo_cd, github, gitlab};
use crate::proof;
use crate::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn post_webhook(
        &self,
        webhook: Webhook,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let secrets = match self.secrets.webhooks(now).await {
            Err(error) if error.busy => {
                tracing::warn!(%error, "busy");
                return Ok(Err(Problem::new(503, "too busy just now; send it again")));
            }
            secrets => secrets?,
        };
        let proven = match secrets.of(webhook) {
            [] if self.processing.allow_unsigned => Ok(()),
            [] => {
                Err(Problem::new(401, format!("no secret of {} is configured here, so none is taken", webhook.name())))
            }
            secrets => prove(webhook, request, secrets, now),
        };
        let read = proven.and_then(|()| no_parameters(request)).and_then(|()| read(webhook, request, now));
        match read {
            Ok(read) => {
                let producer = format!("webhook:{}", webhook.name());
                self.record_one(self.readable(read, &producer, now), now).await
            }
            Err(problem) => Ok(Err(problem)),
        }
    }
}

/// Whether one of the secrets proves the request.
fn prove(webhook: Webhook, request: &Request, secrets: &[Secret], now: Timestamp) -> Result<(), Problem> {
    let proven = match webhook {
        Webhook::GitHub => proof::github(secrets, request),
        Webhook::GitLab => proof::gitlab(secrets, request, now),
        Webhook::ArgoCd => proof::argo_cd(secrets, request),
    };
    proven.map_err(|wrong| Problem::new(401, wrong))
}

/// Reads what a webhook sent.
pub(crate) fn read(webhook: Webhook, request: &Request, now: Timestamp) -> Result<Read, Problem> {
    match webhook {
        Webhook::GitHub => {
            let event = request.header("x-github-event");
            let event = event.ok_or_else(|| Problem::new(400, "the header X-GitHub-Event is required"))?;
            Ok(github::read(event, &json_body(request)?, now))
        }
        Webhook::GitLab => Ok(gitlab::read(&json_body(request)?, now)),
        Webhook::ArgoCd => Ok(argo_cd::read(&json_body(request)?, now)),
    }
}
