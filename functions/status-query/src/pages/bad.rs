//! Bad versions.

use api::BadVersions;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use super::parameter;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn bad_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let mut query = asked.query.clone();
        query.push(parameter("limit", "100"));
        let list: BadVersions = self.ask("/v1/bad", query, now).await?;
        if list.items.is_empty() && list.next_cursor.is_none() {
            self.must_exist(asked, now).await?;
        }
        Ok(pages::bad::page(asked, &list))
    }
}
