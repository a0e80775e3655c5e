//! Drift.

use api::Drift;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use super::parameter;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn drift_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let mut query = asked.query.clone();
        query.push(parameter("limit", "100"));
        let list: Drift = self.ask("/v1/drift", query, now).await?;
        if list.items.is_empty() {
            self.must_exist(asked, now).await?;
        }
        Ok(pages::drift::page(asked, &list))
    }
}
