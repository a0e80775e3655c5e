//! Publishing to `CloudWatch` and SNS.

use aws_config::SdkConfig;
use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::witnessed::Witnessed;
use domain::pages_url::PagesUrl;

use crate::error::PublishError;
use crate::publish::Publisher;
use crate::{cloudwatch, sns};

/// `CloudWatch` and SNS.
#[derive(Debug)]
pub struct AwsPublisher {
    cloudwatch: aws_sdk_cloudwatch::Client,
    namespace: String,
    sns: aws_sdk_sns::Client,
    topic_arn: String,
    pages: Option<PagesUrl>,
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
        Self { cloudwatch, namespace, sns, topic_arn, pages: None }
    }

    /// The same, where notifications lead to pages at this address.
    #[must_use]
    pub fn with_pages(self, pages: Option<PagesUrl>) -> Self {
        Self { pages, ..self }
    }

    /// The same, with clients made from `configuration`.
    #[must_use]
    pub fn from_configuration(configuration: &SdkConfig, namespace: String, topic_arn: String) -> Self {
        let cloudwatch = aws_sdk_cloudwatch::Client::new(configuration);
        Self::new(cloudwatch, namespace, aws_sdk_sns::Client::new(configuration), topic_arn)
    }
}

impl Publisher for AwsPublisher {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        cloudwatch::put(&self.cloudwatch, &self.namespace, &data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        sns::publish(&self.sns, &self.topic_arn, &notifications, self.pages.as_ref()).await
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        sns::publish_digests(&self.sns, &self.topic_arn, &digests).await
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        sns::publish_drift(&self.sns, &self.topic_arn, &notices).await
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        sns::publish_witnessed(&self.sns, &self.topic_arn, &notices).await
    }
}
