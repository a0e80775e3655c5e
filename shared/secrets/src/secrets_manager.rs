//! One secret in Secrets Manager, read when it is first needed and kept for five minutes, so that a rotation needs no
//! deployment.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use aws::failure::Failure;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use domain::Timestamp;

use crate::SecretsError;

const OPERATION: &str = "GetSecretValue";

/// A secret in Secrets Manager, with what was last read of it.
#[derive(Debug)]
pub struct SecretsManager<T> {
    /// Made when it is first needed: a start is not slower for it.
    client: LazyLock<Client, Make>,
    id: String,
    read: Read<T>,
    last: Mutex<Option<(Timestamp, Arc<T>)>>,
}

type Make = Box<dyn FnOnce() -> Client + Send>;

/// Reads what a secret holds. What is wrong with it is said without quoting it.
pub type Read<T> = fn(&str) -> Result<T, String>;

impl<T> SecretsManager<T> {
    /// How long what was read is used, in milliseconds.
    pub const KEPT_MILLIS: i64 = 5 * 60 * 1000;

    /// The secret of this name or ARN, which `read` reads.
    #[must_use]
    pub fn new(client: Client, id: String, read: Read<T>) -> Self {
        Self::made(Box::new(move || client), id, read)
    }

    /// The secret of this name or ARN, with a client made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, id: String, read: Read<T>) -> Self {
        let configuration = configuration.clone();
        Self::made(Box::new(move || Client::new(&configuration)), id, read)
    }

    fn made(make: Make, id: String, read: Read<T>) -> Self {
        Self { client: LazyLock::new(make), id, read, last: Mutex::new(None) }
    }

    /// What the secret holds `now`, or held at most [`SecretsManager::KEPT_MILLIS`] before.
    pub(crate) async fn current(&self, now: Timestamp) -> Result<Arc<T>, SecretsError> {
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
        let text = answer.secret_string().ok_or_else(|| "the secret is binary, not text".to_owned());
        let secrets = text.and_then(self.read).map_err(|wrong| SecretsError {
            operation: OPERATION,
            busy: false,
            cause: format!("unreadable: {wrong}"),
        });
        let secrets = Arc::new(secrets?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&secrets)));
        Ok(secrets)
    }
}
