//! Records events, and publishes what was recorded.
//!
//! One function with four ways in, recognised by what they are ([`Trigger`]):
//!
//! ```text
//! queue of EventBridge events ─► queue ─┐
//! one EventBridge event ───────► queue ─┼─► read ─► judge ─► record ─► answer
//! HTTP request ────────────────► http ──┘
//! stream of the history table ─► publish ─► metrics, notifications
//! schedule ────────────────────► tick ────► gauges, stuck deployments
//! ```

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod explain;
mod http;
mod problem;
mod publish;
mod queue;
pub mod settings;
mod tick;
mod trigger;

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use crate::settings::Processing;
use domain::Timestamp;
use domain::fields::Unknown;
use domain::follows::budget::Budget;
use formats::Settings;
use futures_util::FutureExt as _;
use publisher::{PublishError, Publisher};
use recorder::Recorder;
use secrets::{SecretStore, SecretsError};
use serde_json::{Value, json};
use store::{InForce, StoreError, WriteItems};

pub use explain::explain;
pub use trigger::{NotATrigger, Trigger};

/// The function, with what it needs for each invocation: it records in a store `S` and publishes to `P`.
#[derive(Debug)]
pub struct EventProcessor<S, P> {
    recorder: Recorder<S>,
    publisher: P,
    secrets: SecretStore,
    processing: Processing,
    settings: InForce<Settings>,
    /// Notifications of a batch whose metrics failed: when it comes again they are not sent again.
    sent_notifications: Mutex<HashSet<String>>,
    /// What metrics were published of today.
    budget: Mutex<Budget>,
}

/// Why an invocation failed. Lambda and its callers see that it did, and try again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was invoked by something that it does not serve.
    #[error(transparent)]
    Trigger(#[from] NotATrigger),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Metrics or notifications could not be sent.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The secrets of webhooks could not be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
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
            Failed::Publish(_) => "PublishError",
            Failed::Secrets(_) => "SecretsError",
            Failed::Answer(_) => "AnswerError",
        };
        Self { error_type: error_type.to_owned(), error_message: failed.to_string() }
    }
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// The function over this store, this publisher, and these secrets of webhooks.
    pub fn new(recorder: Recorder<S>, publisher: P, secrets: SecretStore, processing: Processing) -> Self {
        Self {
            recorder,
            publisher,
            secrets,
            processing,
            settings: InForce::new(|document| {
                Settings::parse(document.as_bytes(), Unknown::Ignored).map(|(settings, _)| settings)
            }),
            sent_notifications: Mutex::default(),
            budget: Mutex::default(),
        }
    }

    /// The settings in force.
    ///
    /// # Errors
    /// When this process could never read them.
    pub async fn settings(&self, now: Timestamp) -> Result<Arc<Settings>, StoreError> {
        let read = AssertUnwindSafe(self.settings.get(self.recorder.reader(), now)).catch_unwind().await;
        Ok(read.unwrap_or_else(|_| Err(StoreError::panicked("settings")))?.0)
    }

    /// What it works by.
    pub fn in_force(&self) -> &InForce<Settings> {
        &self.settings
    }

    /// Where it publishes.
    pub fn publisher(&self) -> &P {
        &self.publisher
    }

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
            Trigger::Http(request) => {
                Ok(serde_json::to_value(lambda::gateway::encode(self.http(*request, now).await?))?)
            }
            Trigger::Stream(batch) => Ok(serde_json::to_value(self.publish(batch, now).await?)?),
            Trigger::Schedule => {
                let ticked = self.tick(now).await?;
                Ok(json!({"active": ticked.active, "stuck": ticked.stuck, "concluded": ticked.concluded}))
            }
        }
    }
}
