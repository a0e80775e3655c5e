//! What webhooks are proven with: one secret in Secrets Manager for all of them, read when the first
//! webhook comes and kept for five minutes, so that a rotation needs no deployment. It is in no
//! environment variable, no log and no answer.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use formats::{WebhookSecrets, WrongSecrets};

use crate::StoreError;

/// Where the secrets of webhooks are.
#[derive(Debug)]
pub enum SecretStore {
    /// Here: on one's own machine, and where there are none.
    Given(Arc<WebhookSecrets>),
    /// In Secrets Manager.
    SecretsManager(Stored),
}

/// Secrets in Secrets Manager, with what was last read of them.
#[derive(Debug)]
pub struct Stored {
    client: aws_sdk_secretsmanager::Client,
    id: String,
    last: Mutex<Option<(Timestamp, Arc<WebhookSecrets>)>>,
}

impl SecretStore {
    /// How long what was read is used, in milliseconds.
    pub const KEPT_MILLIS: i64 = 5 * 60 * 1000;

    /// These secrets.
    #[must_use]
    pub fn given(secrets: WebhookSecrets) -> Self {
        Self::Given(Arc::new(secrets))
    }

    /// The secret of this name or ARN.
    #[must_use]
    pub fn secrets_manager(client: aws_sdk_secretsmanager::Client, id: String) -> Self {
        Self::SecretsManager(Stored { client, id, last: Mutex::default() })
    }

    /// The secret of this name or ARN, with a client made from `configuration`; none without an id.
    #[must_use]
    pub fn from_configuration(configuration: &aws_config::SdkConfig, id: Option<String>) -> Self {
        match id {
            Some(id) => Self::secrets_manager(aws_sdk_secretsmanager::Client::new(configuration), id),
            None => Self::given(WebhookSecrets::default()),
        }
    }

    /// The secrets as they are `now`, or were at most [`SecretStore::KEPT_MILLIS`] before.
    ///
    /// # Errors
    /// When Secrets Manager does not answer, or the secret is not what it should be.
    pub async fn webhooks(&self, now: Timestamp) -> Result<Arc<WebhookSecrets>, StoreError> {
        match self {
            Self::Given(secrets) => Ok(Arc::clone(secrets)),
            Self::SecretsManager(stored) => stored.webhooks(now).await,
        }
    }
}

impl Stored {
    async fn webhooks(&self, now: Timestamp) -> Result<Arc<WebhookSecrets>, StoreError> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read, secrets)) = last
            && now < read.plus_millis(SecretStore::KEPT_MILLIS)
        {
            return Ok(secrets);
        }
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| StoreError::call("GetSecretValue", error))?;
        let text = answer.secret_string().ok_or_else(WrongSecrets::binary);
        let secrets = text.and_then(WebhookSecrets::parse);
        let secrets = Arc::new(secrets.map_err(|wrong| StoreError::unreadable("GetSecretValue", wrong))?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&secrets)));
        Ok(secrets)
    }
}
