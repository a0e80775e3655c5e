//! `POST /v1/webhooks/…`: what other tools send themselves, proven by their own signature or token.

use api::{Problem, Request, Response};
use domain::Timestamp;
use formats::{Arrival, Settings, Webhook, read};
use publisher::Publisher;
use store::WriteItems;

use super::{busy, no_parameters, payload};
use crate::problem::problem;
use crate::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn post_webhook(
        &self,
        webhook: Webhook,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let secrets = match self.secrets.webhooks(now).await {
            Err(error) if error.busy => return Ok(Err(busy(&error))),
            secrets => secrets?,
        };
        let payload = payload(request);
        let proven = match secrets.of(webhook) {
            [] if self.processing.allow_unsigned => Ok(()),
            [] => Err(Problem::new(
                401,
                format!("no secret for webhooks of {} is configured, so they are rejected", webhook.name()),
            )),
            secrets => webhook.prove(secrets, &payload, now).map_err(|wrong| Problem::new(401, wrong.to_string())),
        };
        if let Err(problem) = proven {
            return Ok(Err(problem));
        }
        let sent = || read::sent_by(webhook, &payload, now).map_err(problem);
        let answer = match no_parameters(request).and_then(|()| sent()) {
            Ok(element) => {
                let arrival = Arrival { at: now, producer: &request.caller };
                self.record_one(Self::readable(element, settings, arrival), now).await?
            }
            Err(problem) => Err(problem),
        };
        Ok(match answer {
            Err(problem) => Err(self.refused(webhook.name(), request, problem, now).await?),
            recorded => recorded,
        })
    }
}
