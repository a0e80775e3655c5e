//! One secret in Secrets Manager for all webhooks, read when the first webhook comes and kept for five
//! minutes, so that a rotation needs no deployment.

use std::sync::{Arc, Mutex, PoisonError};

use aws::failure::Failure;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use domain::Timestamp;
use formats::{WebhookSecrets, WrongSecrets};

use crate::SecretsError;

const OPERATION: &str = "GetSecretValue";

/// A secret in Secrets Manager, with what was last read of it.
#[derive(Debug)]
pub struct SecretsManager {
    client: Client,
    id: String,
    last: Mutex<Option<(Timestamp, Arc<WebhookSecrets>)>>,
}

impl SecretsManager {
    /// How long what was read is used, in milliseconds.
    pub const KEPT_MILLIS: i64 = 5 * 60 * 1000;

    /// The secret of this name or ARN.
    #[must_use]
    pub fn new(client: Client, id: String) -> Self {
        Self { client, id, last: Mutex::default() }
    }

    /// The secret of this name or ARN, with a client made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, id: String) -> Self {
        Self::new(Client::new(configuration), id)
    }

    /// The secrets as they are `now`, or were at most [`SecretsManager::KEPT_MILLIS`] before.
    pub(crate) async fn webhooks(&self, now: Timestamp) -> Result<Arc<WebhookSecrets>, SecretsError> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read, secrets)) = last
            && now < read.plus_millis(Self::KEPT_MILLIS)
        {
            return Ok(secrets);
        }
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| {
            let Failure { busy, cause } = Failure::of(&error);
            SecretsError { operation: OPERATION, busy, cause }
        })?;
        let text = answer.secret_string().ok_or_else(WrongSecrets::binary);
        let secrets = text.and_then(WebhookSecrets::parse).map_err(|wrong| SecretsError {
            operation: OPERATION,
            busy: false,
            cause: format!("unreadable: {wrong}"),
        });
        let secrets = Arc::new(secrets?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&secrets)));
        Ok(secrets)
    }
}
