//! Incidents, the newest first.

use api::Incident;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn incidents_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let list: api::Page<Incident> = self.ask("/v1/incidents", asked.query.clone(), now).await?;
        if list.items.is_empty() && list.next_cursor.is_none() {
            self.must_exist(asked, now).await?;
        }
        Ok(pages::incidents::page(asked, &list.items, list.next_cursor.as_deref()))
    }
}
