//! What a publisher does.

use std::future::Future;
use std::sync::Arc;

use domain::follows::digest::Digest;
use domain::follows::drift::DriftNotice;
use domain::follows::metrics::Datum;
use domain::follows::notifications::Notification;
use domain::follows::suggested::Suggested;
use domain::follows::witnessed::Witnessed;

use crate::PublishError;

/// Sends metrics, notifications and suggestions.
pub trait Publisher: Send + Sync {
    /// Sends metrics; none is an empty success.
    fn metrics(&self, data: Vec<Datum>) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// Sends notifications; none is an empty success.
    fn notify(&self, notifications: Vec<Notification>) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// Sends digests of notifications; none is an empty success.
    fn notify_digests(&self, digests: Vec<Digest>) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// Sends what people are notified of drift; none is an empty success.
    fn notify_drift(&self, notices: Vec<DriftNotice>) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// Sends what is suggested to whoever puts versions back; none is an empty success. Answers whether there is a bus to
    /// send it to.
    fn suggest(&self, suggestions: &[Suggested]) -> impl Future<Output = Result<bool, PublishError>> + Send;

    /// Sends what the witness tells; none is an empty success.
    fn notify_witnessed(&self, notices: Vec<Witnessed>) -> impl Future<Output = Result<(), PublishError>> + Send;
}

impl<P: Publisher> Publisher for Arc<P> {
    async fn metrics(&self, data: Vec<Datum>) -> Result<(), PublishError> {
        (**self).metrics(data).await
    }

    async fn notify(&self, notifications: Vec<Notification>) -> Result<(), PublishError> {
        (**self).notify(notifications).await
    }

    async fn notify_digests(&self, digests: Vec<Digest>) -> Result<(), PublishError> {
        (**self).notify_digests(digests).await
    }

    async fn notify_drift(&self, notices: Vec<DriftNotice>) -> Result<(), PublishError> {
        (**self).notify_drift(notices).await
    }

    async fn suggest(&self, suggestions: &[Suggested]) -> Result<bool, PublishError> {
        (**self).suggest(suggestions).await
    }

    async fn notify_witnessed(&self, notices: Vec<Witnessed>) -> Result<(), PublishError> {
        (**self).notify_witnessed(notices).await
    }
}
