//! What all ways in share: the store, the publisher, the secrets, the settings in force.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use crate::expectations::Expectations;
use crate::metric_sets::KnownSets;
use crate::settings::Processing;
use domain::Timestamp;
use domain::fields::Unknown;
use domain::follows::digest::Pace;
use formats::{Settings, WebhookSecrets};
use futures_util::FutureExt as _;
use login::Sessions;
use publisher::{PublishError, Publisher};
use recorder::Recorder;
use secrets::{SecretStore, SecretsError};
use store::{InForce, StoreError, WriteItems};

/// The function, with what it needs for each invocation: it records in a store `S` and publishes to `P`.
#[derive(Debug)]
pub struct EventProcessor<S, P> {
    pub(crate) recorder: Recorder<S>,
    pub(crate) publisher: P,
    pub(crate) secrets: SecretStore<WebhookSecrets>,
    pub(crate) processing: Processing,
    pub(crate) settings: InForce<Settings>,
    /// Of people who have logged in, where they do.
    pub(crate) sessions: Option<Sessions>,
    /// Notifications of a batch whose metrics failed: when it comes again they are not sent again.
    pub(crate) sent_notifications: Mutex<HashSet<String>>,
    /// How many notifications came by themselves in this minute.
    pub(crate) pace: Mutex<Pace>,
    /// The sets of dimensions that have metrics; none before they are read.
    pub(crate) metric_sets: Mutex<Option<KnownSets>>,
    /// What is expected of deployments, as it was asked for last.
    pub(crate) expectations: Mutex<Expectations>,
}

/// Why an invocation failed. Lambda and its callers see that it did, and try again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was invoked by something that it does not serve.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Trigger(#[from] crate::invocation::trigger::NotATrigger),
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
    pub fn new(
        recorder: Recorder<S>,
        publisher: P,
        secrets: SecretStore<WebhookSecrets>,
        processing: Processing,
    ) -> Self {
        Self {
            recorder,
            publisher,
            secrets,
            processing,
            settings: InForce::new(|document| {
                Settings::parse(document.as_bytes(), Unknown::Ignored).map(|(settings, _)| settings)
            })
            .remembering(Settings::replacing),
            sessions: None,
            sent_notifications: Mutex::default(),
            pace: Mutex::default(),
            metric_sets: Mutex::default(),
            expectations: Mutex::default(),
        }
    }

    /// The same, which takes forms of pages from people who have logged in, and from nobody else.
    #[must_use]
    pub fn with_sessions(self, sessions: Option<Sessions>) -> Self {
        Self { sessions, ..self }
    }

    /// The settings in force.
    ///
    /// # Errors
    /// When this process could never read them.
    pub async fn settings(&self, now: Timestamp) -> Result<Arc<Settings>, StoreError> {
        Ok(self.settings_and_version(now).await?.0)
    }

    /// The same with the number of their version.
    pub(crate) async fn settings_and_version(&self, now: Timestamp) -> Result<(Arc<Settings>, u64), StoreError> {
        let read = AssertUnwindSafe(self.settings.get(self.recorder.reader(), now)).catch_unwind().await;
        read.unwrap_or_else(|_| Err(StoreError::panicked("settings")))
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
