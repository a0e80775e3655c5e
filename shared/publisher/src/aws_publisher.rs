//! Publishing to `CloudWatch`, SNS and `EventBridge`.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::suggested::Suggested;
use domain::follows::witnessed::Witnessed;

use crate::error::PublishError;
use crate::publish::Publisher;
use crate::{cloudwatch, event_bridge, sns};

/// `CloudWatch`, SNS and `EventBridge`.
#[derive(Debug)]
pub struct AwsPublisher {
    cloudwatch: aws_sdk_cloudwatch::Client,
    namespace: String,
    sns: aws_sdk_sns::Client,
    topic_arn: String,
    configuration: SdkConfig,
    /// Made when there is something to send for the first time: most instances never have anything.
    events: OnceLock<aws_sdk_eventbridge::Client>,
}

impl AwsPublisher {
    /// Publishes metrics under `namespace`, notifications to the topic, and suggestions to the account's default bus with
    /// a client of this configuration.
    #[must_use]
    pub fn new(
        cloudwatch: aws_sdk_cloudwatch::Client,
        namespace: String,
        sns: aws_sdk_sns::Client,
        topic_arn: String,
        configuration: SdkConfig,
    ) -> Self {
        Self { cloudwatch, namespace, sns, topic_arn, configuration, events: OnceLock::new() }
    }

    /// The same, with clients made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, namespace: String, topic_arn: String) -> Self {
        let cloudwatch = aws_sdk_cloudwatch::Client::new(configuration);
        Self::new(cloudwatch, namespace, aws_sdk_sns::Client::new(configuration), topic_arn, configuration.clone())
    }
}

impl Publisher for AwsPublisher {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        cloudwatch::put(&self.cloudwatch, &self.namespace, &data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        sns::publish(&self.sns, &self.topic_arn, &notifications).await
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        sns::publish_digests(&self.sns, &self.topic_arn, &digests).await
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        sns::publish_drift(&self.sns, &self.topic_arn, &notices).await
    }

    async fn suggest(&self, suggestions: &[Suggested]) -> Result<bool, PublishError> {
        let client = self.events.get_or_init(|| aws_sdk_eventbridge::Client::new(&self.configuration));
        event_bridge::put(client, &self.topic_arn, suggestions).await.map(|()| true)
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        sns::publish_witnessed(&self.sns, &self.topic_arn, &notices).await
    }
}
