//! Publishing to `CloudWatch`, SNS and `EventBridge`.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::suggested::Suggested;
use domain::follows::witnessed::Witnessed;
use domain::pages_url::PagesUrl;

use crate::error::PublishError;
use crate::publish::Publisher;
use crate::{cloudwatch, event_bridge, sns};

/// `CloudWatch`, SNS and `EventBridge`. The client of each is made when there is something to send for the first time: an
/// instance that only records sends nothing, and few ever suggest anything.
#[derive(Debug)]
pub struct AwsPublisher {
    configuration: SdkConfig,
    namespace: String,
    topic_arn: String,
    pages: Option<PagesUrl>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    events: OnceLock<aws_sdk_eventbridge::Client>,
}

impl AwsPublisher {
    /// Publishes metrics under `namespace`, notifications to the topic, and suggestions to the account's default bus.
    #[must_use]
    pub fn new(configuration: SdkConfig, namespace: String, topic_arn: String) -> Self {
        let (cloudwatch, sns, events) = Default::default();
        Self { configuration, namespace, topic_arn, pages: None, cloudwatch, sns, events }
    }

    /// The same, where notifications lead to pages at this address.
    #[must_use]
    pub fn with_pages(self, pages: Option<PagesUrl>) -> Self {
        Self { pages, ..self }
    }

    fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        self.cloudwatch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.configuration))
    }

    fn sns(&self) -> &aws_sdk_sns::Client {
        self.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.configuration))
    }

    fn events(&self) -> &aws_sdk_eventbridge::Client {
        self.events.get_or_init(|| aws_sdk_eventbridge::Client::new(&self.configuration))
    }
}

impl Publisher for AwsPublisher {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        cloudwatch::put(self.cloudwatch(), &self.namespace, &data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        sns::publish(self.sns(), &self.topic_arn, &notifications, self.pages.as_ref()).await
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        sns::publish_digests(self.sns(), &self.topic_arn, &digests).await
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        sns::publish_drift(self.sns(), &self.topic_arn, &notices).await
    }

    async fn suggest(&self, suggestions: &[Suggested]) -> Result<bool, PublishError> {
        event_bridge::put(self.events(), &self.topic_arn, suggestions).await.map(|()| true)
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        sns::publish_witnessed(self.sns(), &self.topic_arn, &notices).await
    }
}
