//! The adapters to AWS, and the only crate that names its SDK.
//!
//! * [`store`]: the two DynamoDB tables: recording, reading, quarantine, rebuilding;
//! * [`publisher`]: `CloudWatch` metrics and SNS notifications, or a log of both in memory;
//! * [`gateway`]: requests and answers of API Gateway's HTTP APIs;
//! * [`subjects`]: whose tokens are taken; [`secrets`]: what webhooks are proven with;
//! * [`settings`], [`clients`], [`logs`]: what a function sets up once, before its first invocation.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod clients;
mod cloudwatch;
pub mod error;
pub mod gateway;
pub mod logs;
pub mod publisher;
pub mod secrets;
pub mod settings;
mod sns;
pub mod store;
pub mod subjects;

pub use error::StoreError;
pub use store::Store;
pub use subjects::Subjects;

/// The DynamoDB client that [`Store`] works with, for those who make one of their own.
pub use aws_sdk_dynamodb as dynamodb;

/// The current time: the only place where the functions read the clock.
#[must_use]
pub fn now() -> domain::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the edge: everything else takes time as an argument")]
    let now = chrono::Utc::now();
    now.into()
}
