//! Deployments, the newest first.

use api::ListedDeployment;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn deployments_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let list: api::Page<ListedDeployment> = self.ask("/v1/deployments", asked.query.clone(), now).await?;
        Ok(pages::deployments::page(asked, &list.items, list.next_cursor.as_deref()))
    }
}
