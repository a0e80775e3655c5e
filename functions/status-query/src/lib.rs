//! Answers questions. It reads both tables and writes none.
//!
//! `router → handlers → answer`: the [`router`] lists every route, each handler is one question, and
//! what a handler could not answer becomes problem details in one place.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod answer;
mod direct;
mod handlers;
mod parameters;
pub mod router;
pub mod settings;

use api::Response;
use api::TokenSubjects;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::fields::Unknown;
use domain::settings::Names;
use domain::{FieldError, Retention, Settings, Timestamp};
use serde_json::Value;
use store::{InForce, ReadItems, Reader, StoreError};
use tracing::Instrument as _;

/// The function, with what it needs for each invocation: it reads from a store `S`.
#[derive(Debug)]
pub struct StatusQuery<S> {
    reader: Reader<S>,
    retention: Retention,
    subjects: TokenSubjects,
    names: InForce<Names>,
}

/// Why an invocation failed. Lambda and its callers see that it did, and try again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was invoked by something that it does not serve.
    #[error("neither an HTTP request nor a known operation: {0}")]
    Trigger(String),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An answer could not be written as JSON.
    #[error("answer: {0}")]
    Answer(#[from] serde_json::Error),
}

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
    /// The function over this store, which keeps history for so long. It answers whom the gateway lets through, and whose token is of
    /// one of these subjects if they came with one.
    #[must_use]
    pub fn new(store: S, retention: Retention, subjects: TokenSubjects) -> Self {
        Self { reader: Reader::new(store), retention, subjects, names: InForce::new(names) }
    }

    /// What names mean, by the settings in force.
    #[must_use]
    pub fn names(&self) -> &InForce<Names> {
        &self.names
    }

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
        let response = match lambda::gateway::decode(event) {
            Ok(request) => {
                if let Err(problem) = request.admit(&self.subjects) {
                    tracing::warn!(subject = request.subject, "a token with this subject was rejected");
                    return Ok(serde_json::to_value(lambda::gateway::encode(Response::problem(&problem, &id)))?);
                }
                let span = tracing::info_span!("http", instance = id);
                self.respond(&request, now).instrument(span).await?
            }
            Err(problem) => Response::problem(&problem, &id),
        };
        Ok(serde_json::to_value(lambda::gateway::encode(response))?)
    }
}

/// What names mean, by the text of a document.
fn names(document: &str) -> Result<Names, Vec<FieldError>> {
    let document = domain::json::parse(document.as_bytes());
    let document = document.map_err(|error| vec![FieldError::new("", error.to_string())])?;
    Ok(Settings::read(document, Unknown::Ignored)?.names())
}
