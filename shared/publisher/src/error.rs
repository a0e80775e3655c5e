//! Why something was not published.

/// Metrics or notifications that were not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct PublishError {
    /// The call that failed, such as `PutMetricData`.
    pub operation: &'static str,
    /// Whether it can help to try again later.
    pub busy: bool,
    /// What AWS or the connection reported; for the log, never for a caller.
    pub cause: String,
}

#[cfg(feature = "aws")]
impl PublishError {
    /// A failed call to AWS, with what its error says.
    pub(crate) fn failed<E, R>(operation: &'static str, error: &aws_sdk_sns::error::SdkError<E, R>) -> Self
    where
        E: std::error::Error + aws_sdk_sns::error::ProvideErrorMetadata + 'static,
        R: std::fmt::Debug + 'static,
    {
        let aws::failure::Failure { busy, cause } = aws::failure::Failure::of(error);
        Self { operation, busy, cause }
    }
}
