//! Why there are no secrets.

/// Secrets that could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct SecretsError {
    /// The call that failed, such as `GetSecretValue`.
    pub operation: &'static str,
    /// Whether it can help to try again later.
    pub busy: bool,
    /// What was reported; for the log, never for a caller, and without what the secrets hold.
    pub cause: String,
}
