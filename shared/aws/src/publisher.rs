//! Where metrics and notifications go: to AWS, or into a log in memory.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;

use crate::StoreError;

/// Sends metrics and notifications.
pub trait Publisher: Send + Sync {
    /// Sends metrics; none is an empty success.
    fn metrics(&self, data: Vec<Datum>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Sends notifications; none is an empty success.
    fn notify(&self, notifications: Vec<Notification>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// `CloudWatch` and SNS.
#[derive(Debug)]
pub struct AwsPublisher {
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) namespace: String,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) topic_arn: String,
}

impl AwsPublisher {
    /// Publishes metrics under `namespace` and notifications to the topic.
    #[must_use]
    pub fn new(
        cloudwatch: aws_sdk_cloudwatch::Client,
        namespace: String,
        sns: aws_sdk_sns::Client,
        topic_arn: String,
    ) -> Self {
        Self { cloudwatch, namespace, sns, topic_arn }
    }

    /// The same, with clients made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &aws_config::SdkConfig, namespace: String, topic_arn: String) -> Self {
        let cloudwatch = aws_sdk_cloudwatch::Client::new(configuration);
        Self::new(cloudwatch, namespace, aws_sdk_sns::Client::new(configuration), topic_arn)
    }
}

impl Publisher for AwsPublisher {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), StoreError> {
        self.put_metric_data(data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), StoreError> {
        self.publish_batch(notifications).await
    }
}

/// Keeps what was published, the newest [`PublishedLog::MOST`] of each, for one machine and for tests.
#[derive(Debug, Default)]
pub struct PublishedLog(Mutex<Published>);

/// What was published, oldest first.
#[derive(Debug, Default, Clone)]
pub struct Published {
    /// Metrics.
    pub metrics: Vec<Datum>,
    /// Notifications.
    pub notifications: Vec<Notification>,
}

impl PublishedLog {
    /// How many metrics and how many notifications are kept.
    pub const MOST: usize = 10_000;

    /// What was published so far.
    #[must_use]
    pub fn published(&self) -> Published {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn keep<T>(kept: &mut Vec<T>, new: Vec<T>) {
    kept.extend(new);
    let excess = kept.len().saturating_sub(PublishedLog::MOST);
    kept.drain(..excess);
}

impl Publisher for PublishedLog {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), StoreError> {
        keep(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).metrics, data);
        Ok(())
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), StoreError> {
        keep(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).notifications, notifications);
        Ok(())
    }
}

impl<P: Publisher> Publisher for std::sync::Arc<P> {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), StoreError> {
        (**self).metrics(data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), StoreError> {
        (**self).notify(notifications).await
    }
}
