//! What Lambda invokes the function with: a request of API Gateway, or a question without one ([`direct`]).

mod direct;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::Timestamp;
use serde_json::Value;
use store::ReadItems;

use crate::{Failed, StatusQuery};

/// What Lambda shows of a failed invocation.
impl From<Failed> for lambda_runtime::Diagnostic {
    fn from(failed: Failed) -> Self {
        let error_type = match failed {
            Failed::Trigger(_) => "NotATrigger",
            Failed::Store(_) => "StoreError",
            Failed::Answer(_) => "AnswerError",
        };
        Self { error_type: error_type.to_owned(), error_message: failed.to_string() }
    }
}

impl<S: ReadItems> StatusQuery<S> {
    /// Handles one invocation: `payload` is an HTTP request as API Gateway sends it, or
    /// `{operation, deploymentId, environment, limit}`.
    ///
    /// # Errors
    /// When the question could not be answered because of the store.
    pub async fn handle(&self, payload: &str, now: Timestamp) -> Result<Value, Failed> {
        let not_ours = |error: serde_json::Error| Failed::Trigger(error.to_string());
        let value: Value = serde_json::from_str(payload).map_err(not_ours)?;
        if value.get("operation").is_some() {
            return self.direct(&value, now).await;
        }
        if value.pointer("/requestContext/http").is_none() {
            let keys = value.as_object().map(|object| object.keys().take(10).cloned().collect::<Vec<_>>().join(", "));
            return Err(Failed::Trigger(keys.unwrap_or_default()));
        }
        let event: ApiGatewayV2httpRequest = serde_json::from_value(value).map_err(not_ours)?;
        let id = event.request_context.request_id.clone().unwrap_or_default();
        let accept_encoding =
            event.headers.get("accept-encoding").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let response = match lambda::gateway::decode(event) {
            Ok(request) => self.http(&request, now).await?,
            Err(problem) => api::Response::problem(&problem, &id),
        };
        Ok(serde_json::to_value(lambda::gateway::encode(response, accept_encoding.as_deref()))?)
    }
}
