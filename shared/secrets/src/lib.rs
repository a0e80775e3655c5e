//! Where the secrets of webhooks come from: they are given at the start, or stand in AWS Secrets Manager.
//!
//! What they are is [`formats::WebhookSecrets`].

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod error;
#[cfg(feature = "secrets-manager")]
mod secrets_manager;
mod source;

pub use error::SecretsError;
#[cfg(feature = "secrets-manager")]
pub use secrets_manager::SecretsManager;
pub use source::SecretStore;
