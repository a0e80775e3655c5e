//! `POST /v1/webhooks/…`: what other tools send themselves, proven by their own signature or token.

use aws::StoreError;
use aws::gateway::{Request, Response};
use aws::publisher::Publisher;
use aws::secrets::{Secret, Webhook};
use domain::Timestamp;
use domain::api::Problem;

use super::{json_body, no_parameters};
use crate::EventProcessor;
use crate::formats::{Read, argo_cd, github};
use crate::signature;

impl<P: Publisher> EventProcessor<P> {
    pub(super) async fn post_webhook(
        &self,
        webhook: Webhook,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, StoreError> {
        let secrets = self.secrets.webhooks(now).await?;
        let proven = match secrets.of(webhook) {
            [] if self.processing.allow_unsigned => Ok(()),
            [] => {
                Err(Problem::new(401, format!("no secret of {} is configured here, so none is taken", webhook.name())))
            }
            secrets => prove(webhook, request, secrets),
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
fn prove(webhook: Webhook, request: &Request, secrets: &[Secret]) -> Result<(), Problem> {
    match webhook {
        Webhook::GitHub => {
            let header = request.header("x-hub-signature-256");
            let valid = secrets.iter().any(|secret| signature::is_valid(secret, header, &request.body));
            let wrong = "X-Hub-Signature-256 is not the signature of this body";
            if valid { Ok(()) } else { Err(Problem::new(401, wrong)) }
        }
        Webhook::ArgoCd => {
            let valid = secrets.iter().any(|secret| tokens(request).any(|token| signature::is_token(secret, token)));
            let wrong = "neither Authorization: Bearer nor X-Webhook-Token brings a token that is taken here";
            if valid { Ok(()) } else { Err(Problem::new(401, wrong)) }
        }
        Webhook::GitLab => Err(Problem::new(401, "is not taken yet")),
    }
}

/// The tokens that a request brings: of a sender that can't sign, but set headers.
fn tokens(request: &Request) -> impl Iterator<Item = &str> {
    let bearer = request.header("authorization").and_then(|header| header.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    [bearer, request.header("x-webhook-token")].into_iter().flatten()
}

fn read(webhook: Webhook, request: &Request, now: Timestamp) -> Result<Read, Problem> {
    match webhook {
        Webhook::GitHub => {
            let event = request.header("x-github-event");
            let event = event.ok_or_else(|| Problem::new(400, "the header X-GitHub-Event is required"))?;
            Ok(github::read(event, &json_body(request)?, now))
        }
        Webhook::ArgoCd => Ok(argo_cd::read(&json_body(request)?, now)),
        Webhook::GitLab => Err(Problem::new(401, "is not taken yet")),
    }
}
