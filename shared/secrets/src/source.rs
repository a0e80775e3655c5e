//! Where secrets come from.

use std::sync::Arc;

use domain::Timestamp;
use formats::WebhookSecrets;

use crate::SecretsError;
#[cfg(feature = "secrets-manager")]
use crate::secrets_manager::SecretsManager;

/// Where the secrets of webhooks are.
#[derive(Debug)]
pub enum SecretStore {
    /// Here: on one's own machine, and where there are none.
    Given(Arc<WebhookSecrets>),
    /// In Secrets Manager.
    #[cfg(feature = "secrets-manager")]
    SecretsManager(SecretsManager),
}

impl SecretStore {
    /// These secrets.
    #[must_use]
    pub fn given(secrets: WebhookSecrets) -> Self {
        Self::Given(Arc::new(secrets))
    }

    /// The secrets as they are `now`, or were a few minutes before.
    ///
    /// # Errors
    /// When Secrets Manager does not answer, or the secret is not what it should be.
    #[cfg_attr(not(feature = "secrets-manager"), expect(clippy::unused_async, reason = "what is given is at hand"))]
    pub async fn webhooks(&self, now: Timestamp) -> Result<Arc<WebhookSecrets>, SecretsError> {
        let _ = now;
        match self {
            Self::Given(secrets) => Ok(Arc::clone(secrets)),
            #[cfg(feature = "secrets-manager")]
            Self::SecretsManager(stored) => stored.webhooks(now).await,
        }
    }
}
