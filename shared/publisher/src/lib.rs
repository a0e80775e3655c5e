//! Where metrics, notifications and suggestions go.
//!
//! [`Publisher`] has two implementations: [`AwsPublisher`] sends to `CloudWatch`, SNS and
//! `EventBridge`, [`PublishedLog`] keeps what was published in memory, for one machine and for tests. [`messages`] says
//! what a notification looks like to programs and in chats; its plain texts are the domain's.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[cfg(feature = "aws")]
mod aws_publisher;
#[cfg(feature = "aws")]
mod cloudwatch;
mod error;
#[cfg(feature = "aws")]
mod event_bridge;
mod log;
pub mod messages;
mod publish;
#[cfg(feature = "aws")]
mod sns;

#[cfg(feature = "aws")]
pub use aws_publisher::AwsPublisher;
pub use error::PublishError;
pub use log::{KeptPage, PublishedLog, Sent};
pub use publish::Publisher;
