//! What Lambda invokes the function with: each [`Trigger`] goes to one of the ways in, and what that answers
//! becomes what Lambda expects.

mod queue;
mod stream;
pub(crate) mod trigger;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::Timestamp;
use publisher::Publisher;
use serde_json::{Value, json};
use store::WriteItems;

pub use trigger::{NotATrigger, Trigger};

use crate::processor::{EventProcessor, Failed};

/// What Lambda shows of a failed invocation.
impl From<Failed> for lambda_runtime::Diagnostic {
    fn from(failed: Failed) -> Self {
        let error_type = match failed {
            Failed::Trigger(_) => "NotATrigger",
            Failed::Store(_) => "StoreError",
            Failed::Publish(_) => "PublishError",
            Failed::Secrets(_) => "SecretsError",
            Failed::Answer(_) => "AnswerError",
        };
        Self { error_type: error_type.to_owned(), error_message: failed.to_string() }
    }
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Handles one invocation: `payload` is the JSON that Lambda was invoked with.
    ///
    /// # Errors
    /// When the work could not be done; invoking again with the same payload is safe.
    pub async fn handle(&self, payload: &str, now: Timestamp) -> Result<Value, Failed> {
        match Trigger::recognise(payload)? {
            Trigger::Queue(batch) => Ok(serde_json::to_value(self.queue(batch, now).await?)?),
            Trigger::EventBridge(raw) => {
                self.event_bridge(raw, now).await?;
                Ok(Value::Null)
            }
            Trigger::Http(request) => self.gateway(*request, now).await,
            // In boxes: their futures are larger than all others.
            Trigger::Stream(batch) => Ok(serde_json::to_value(Box::pin(self.stream(batch, now)).await?)?),
            Trigger::Schedule => {
                let ticked = Box::pin(self.tick(now)).await?;
                Ok(json!({
                    "active": ticked.active, "stuck": ticked.stuck, "concluded": ticked.concluded,
                    "visited": ticked.visited, "environments": ticked.environments,
                }))
            }
        }
    }

    async fn gateway(&self, event: ApiGatewayV2httpRequest, now: Timestamp) -> Result<Value, Failed> {
        let id = event.request_context.request_id.clone().unwrap_or_default();
        let response = match lambda::gateway::decode(event) {
            Ok(request) => self.http(&request, now).await?,
            Err(problem) => api::Response::problem(&problem, &id),
        };
        Ok(serde_json::to_value(lambda::gateway::encode(response, None))?)
    }
}
