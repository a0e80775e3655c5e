//! `POST /v1/webhooks/…`: what other tools send themselves, proven by their own signature or token.

use std::sync::Arc;

use api::{Problem, Request, Response};
use domain::Timestamp;
use formats::{Arrival, Element, Rejection, Secret, Settings, Unproven, Webhook, WebhookSecrets, read};
use publisher::Publisher;
use store::WriteItems;

use super::receipts::answer;
use super::{busy, no_parameters, payload};
use crate::problem::problem;
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn post_webhook(
        &self,
        webhook: Webhook,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let secrets = match self.webhook_secrets(now).await? {
            Ok(secrets) => secrets,
            Err(problem) => return Ok(Err(problem)),
        };
        let payload = payload(request);
        let proven = match secrets.of(webhook) {
            [] => self.unsigned(|| {
                format!("no secret for webhooks of {} is configured, so they are rejected", webhook.name())
            }),
            secrets => proven(secrets, |secrets| webhook.prove(secrets, &payload, now)),
        };
        if let Err(problem) = proven {
            return Ok(Err(problem));
        }
        let read = || read::sent_by(webhook, &payload, now);
        self.post_proven(webhook.name(), request, settings, now, read).await
    }

    /// The same of a custom source. One answer for a name that has no mapping and for one that has no secret:
    /// nobody else need know which there are.
    pub(super) async fn post_custom_webhook(
        &self,
        name: &str,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let unknown = || "no custom source with this name and a secret of its own is configured".to_owned();
        let Some(source) = settings.sources.named(name) else { return Ok(Err(Problem::new(401, unknown()))) };
        let secrets = match self.webhook_secrets(now).await? {
            Ok(secrets) => secrets,
            Err(problem) => return Ok(Err(problem)),
        };
        let payload = payload(request);
        let proven = match secrets.of_custom(source) {
            [] => self.unsigned(unknown),
            secrets => proven(secrets, |secrets| source.prove(secrets, &payload)),
        };
        if let Err(problem) = proven {
            return Ok(Err(problem));
        }
        let read = || read::sent_by_custom(source, &payload, now);
        let answer = self.post_proven(source.door(), request, settings, now, read).await?;
        Ok(answer.map(|response| Response { status: source.answer().unwrap_or(response.status), ..response }))
    }

    /// The secrets of webhooks, or the problem that they can't be had just now.
    async fn webhook_secrets(&self, now: Timestamp) -> Result<Result<Arc<WebhookSecrets>, Problem>, Failed> {
        match self.secrets.current(now).await {
            Err(error) if error.busy => Ok(Err(busy(&error))),
            secrets => Ok(Ok(secrets?)),
        }
    }

    /// Whether a webhook is taken that there is no secret for.
    fn unsigned(&self, wrong: impl FnOnce() -> String) -> Result<(), Problem> {
        if self.processing.allow_unsigned { Ok(()) } else { Err(Problem::new(401, wrong())) }
    }

    /// Records what `read` reads of a request that is proven; what is refused of it is kept, under its door.
    async fn post_proven(
        &self,
        door: &str,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
        read: impl FnOnce() -> Result<Element, Rejection>,
    ) -> Result<Result<Response, Problem>, Failed> {
        let answer = match no_parameters(request).and_then(|()| read().map_err(problem)) {
            Ok(element) => {
                let arrival = Arrival { producer: &request.caller, ..Arrival::signed(now, door) };
                self.record_one(Self::readable(element, settings, arrival), now).await?.map(|receipt| answer(&receipt))
            }
            Err(problem) => Err(problem),
        };
        Ok(match answer {
            Err(problem) => Err(self.refused(door, request, problem, now).await?),
            recorded => recorded,
        })
    }
}

fn proven(secrets: &[Secret], prove: impl FnOnce(&[Secret]) -> Result<(), Unproven>) -> Result<(), Problem> {
    prove(secrets).map_err(|wrong| Problem::new(401, wrong.to_string()))
}
