//! What a failed call to AWS means to its caller.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whether it can help to try again later: throttled, or contended.
    pub busy: bool,
    /// What AWS or the connection reported; for the log, never for a caller.
    pub cause: String,
}

/// How much of what AWS says is kept.
const CAUSE_CHARACTERS: usize = 400;

impl Failure {
    /// What the error of a call says.
    #[must_use]
    pub fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug + 'static,
    {
        let busy = error.code().is_some_and(is_busy);
        // The message of a refused request quotes the request, and that holds payloads: only its
        // beginning goes into a log.
        let cause = match error.code() {
            Some(code) => format!("{code}: {}", error.message().unwrap_or_default()),
            None => causes(error),
        };
        Self { busy, cause: cause.chars().take(CAUSE_CHARACTERS).collect() }
    }
}

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

/// Whether AWS means with this code that the call can be repeated later.
#[must_use]
pub fn is_busy(code: &str) -> bool {
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
