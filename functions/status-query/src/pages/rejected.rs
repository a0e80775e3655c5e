//! What was not recorded.

use api::Rejected;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn rejected_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let list: api::Page<Rejected> = self.ask("/v1/rejected", asked.query.clone(), now).await?;
        Ok(pages::rejected::page(asked, &list.items, list.next_cursor.as_deref()))
    }
}
