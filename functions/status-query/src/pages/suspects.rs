//! What changed before something went wrong.

use api::Suspects;
use domain::Timestamp;
use pages::{Asked, Page};
use store::ReadItems;

use super::parameter;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    /// The form where no service is named. One that is, and no time, went wrong now.
    pub(super) async fn suspects_page(&self, asked: &mut Asked, now: Timestamp) -> Result<Page, Unanswered> {
        if asked.parameter("service").is_none() {
            return Ok(pages::suspects::empty_page(asked));
        }
        if asked.parameter("at").is_none() {
            asked.query.push(parameter("at", &now.whole_second().to_string()));
        }
        let mut query = asked.query.clone();
        query.push(parameter("limit", "100"));
        let found: Suspects = self.ask("/v1/suspects", query, now).await?;
        if found.items.iter().all(|item| item.score < pages::suspects::NEAR) && asked.parameter("cursor").is_none() {
            // Nothing of a service that is misspelt changed.
            self.must_exist(asked, now).await?;
        }
        Ok(pages::suspects::page(asked, &found))
    }
}
