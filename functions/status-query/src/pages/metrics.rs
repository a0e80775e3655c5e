//! Figures about deployments.

use api::Metrics;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn metrics_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let metrics: Metrics = self.ask("/v1/metrics", asked.query.clone(), now).await?;
        let of = &metrics.deployments;
        if of.completed + of.failed + of.rolled_back + of.cancelled == 0 {
            self.must_exist(asked, now).await?;
        }
        Ok(pages::metrics::page(asked, &metrics))
    }
}
