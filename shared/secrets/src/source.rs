//! Where secrets come from.

use std::sync::Arc;

use domain::Timestamp;

use crate::SecretsError;
#[cfg(feature = "secrets-manager")]
use crate::secrets_manager::SecretsManager;

/// Where secrets are: those of webhooks, or those of people's logins.
#[derive(Debug)]
pub enum SecretStore<T> {
    /// Here: on one's own machine, and where there are none.
    Given(Arc<T>),
    /// In Secrets Manager.
    #[cfg(feature = "secrets-manager")]
    SecretsManager(SecretsManager<T>),
}

impl<T> SecretStore<T> {
    /// These secrets.
    #[must_use]
    pub fn given(secrets: T) -> Self {
        Self::Given(Arc::new(secrets))
    }

    /// The secrets as they are `now`, or were a few minutes before.
    ///
    /// # Errors
    /// When Secrets Manager does not answer, or the secret is not what it should be.
    #[cfg_attr(not(feature = "secrets-manager"), expect(clippy::unused_async, reason = "what is given is at hand"))]
    pub async fn current(&self, now: Timestamp) -> Result<Arc<T>, SecretsError> {
        let _ = now;
        match self {
            Self::Given(secrets) => Ok(Arc::clone(secrets)),
            #[cfg(feature = "secrets-manager")]
            Self::SecretsManager(stored) => stored.current(now).await,
        }
    }
}
