//! Records events, and publishes what was recorded.
//!
//! Four ways in. Lambda invokes them all through one function ([`invocation`], with the feature `aws`), one
//! machine calls each:
//!
//! ```text
//! EventBridge events ───────────► queue ─┐
//! HTTP request ─────────────────► http ──┴─► read ─► judge ─► record ─► answer
//! what is new in the history ───► publish ─► metrics, notifications
//! clock ────────────────────────► tick ────► gauges, stuck deployments
//! ```

#![recursion_limit = "256"]
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod explain;
mod http;
#[cfg(feature = "aws")]
pub mod invocation;
mod problem;
pub mod publish;
pub mod queue;
pub mod settings;
mod tick;

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
use store::{InForce, StoreError, WriteItems};

pub use explain::explain;
pub use publish::News;
pub use queue::Message;
pub use tick::Ticked;

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
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Trigger(#[from] invocation::NotATrigger),
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
}
