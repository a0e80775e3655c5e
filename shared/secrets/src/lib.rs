//! Where secrets come from: they are given at the start, or stand in AWS Secrets Manager.
//!
//! What they hold, those say who need them: `formats::WebhookSecrets`, `login::LoginSecret`.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod error;
#[cfg(feature = "secrets-manager")]
mod secrets_manager;
mod source;

pub use error::SecretsError;
#[cfg(feature = "secrets-manager")]
pub use secrets_manager::{Read, SecretsManager};
pub use source::SecretStore;
