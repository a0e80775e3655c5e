//! Why the vault did not do its part.

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct VaultError {
    /// Which one.
    pub operation: &'static str,
    /// What the service or the connection reported; for the log.
    pub cause: String,
}

impl VaultError {
    pub(crate) fn new(operation: &'static str, cause: impl Into<String>) -> Self {
        Self { operation, cause: cause.into() }
    }
}
