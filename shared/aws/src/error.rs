//! What can go wrong with AWS, sorted by what a caller can do about it.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A call to AWS that did not do its work.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct StoreError {
    /// The call, such as `TransactWriteItems`.
    pub operation: &'static str,
    /// Whether trying again later can help: throttled, or contended.
    pub busy: bool,
    /// What AWS or the connection said; for the log, never for a caller.
    pub cause: String,
}

impl StoreError {
    /// A failed call, with all that its error says.
    #[expect(clippy::needless_pass_by_value, reason = "reads as `map_err(|error| …)` wherever the SDK is called")]
    pub(crate) fn call<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug + 'static,
    {
        let busy = error.code().is_some_and(is_busy);
        // The message of a refused request quotes the request, and that holds payloads: only its
        // beginning goes into a log.
        let cause = match error.code() {
            Some(code) => format!("{code}: {}", error.message().unwrap_or_default()),
            None => causes(&error),
        };
        Self { operation, busy, cause: cause.chars().take(CAUSE_CHARACTERS).collect() }
    }

    /// A call that kept failing for other writers or for throttling.
    pub(crate) fn busy(operation: &'static str, cause: impl Into<String>) -> Self {
        Self { operation, busy: true, cause: cause.into() }
    }

    /// Work that panicked. What it was doing may or may not have taken effect.
    #[must_use]
    pub fn panicked(operation: &'static str) -> Self {
        Self { operation, busy: false, cause: "panicked".to_owned() }
    }

    /// An answer that can't be written as JSON.
    #[must_use]
    pub fn unanswerable(cause: &serde_json::Error) -> Self {
        Self { operation: "answer", busy: false, cause: cause.to_string() }
    }

    /// An answer, or an item, that is not what we wrote.
    pub(crate) fn unreadable(operation: &'static str, cause: impl std::fmt::Display) -> Self {
        Self { operation, busy: false, cause: format!("unreadable: {cause}") }
    }
}

/// How much of what AWS says is kept.
const CAUSE_CHARACTERS: usize = 400;

/// An error and what caused it, down to the last.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// Codes by which AWS asks for patience.
pub(crate) fn is_busy(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException"
            | "ThrottlingError"
            | "Throttling"
            | "ThrottledException"
            | "ProvisionedThroughputExceededException"
            | "ProvisionedThroughputExceeded"
            | "RequestLimitExceeded"
            | "TransactionConflict"
            | "TransactionConflictException"
            | "TransactionInProgressException"
    )
}
