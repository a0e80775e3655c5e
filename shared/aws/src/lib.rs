//! The adapters to AWS, and the only crate that names its SDK.
//!
//! * [`store`]: the two DynamoDB tables: recording, reading, quarantine, rebuilding;
//! * [`publisher`]: `CloudWatch` metrics and SNS notifications, or a log of both in memory;
//! * [`secrets`]: what webhooks are proven with;
//! * [`clients`]: the SDK's clients, made once, before the first invocation.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod clients;
mod cloudwatch;
pub mod error;
pub mod messages;
pub mod publisher;
pub mod secrets;
mod sns;
pub mod store;

pub use error::StoreError;
pub use store::Store;

/// The DynamoDB client that [`Store`] works with, for those who make one of their own.
pub use aws_sdk_dynamodb as dynamodb;
