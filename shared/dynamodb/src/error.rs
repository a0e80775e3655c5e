//! Errors of the SDK as the store has them.

use aws::failure::Failure;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use store::StoreError;

/// A failed call, with what its error says.
#[expect(clippy::needless_pass_by_value, reason = "reads as `map_err(|error| …)` wherever the SDK is called")]
pub(crate) fn failed<E, R>(operation: &'static str, error: SdkError<E, R>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    let Failure { busy, cause } = Failure::of(&error);
    StoreError { operation, busy, cause }
}
