//! Releases, those of the newest day first.

use api::ListedRelease;
use domain::Timestamp;
use futures_util::future::try_join;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn releases_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let (list, environments) = try_join(
            self.ask::<api::Page<ListedRelease>>("/v1/releases", asked.query.clone(), now),
            self.lasting_environments(&settings),
        )
        .await?;
        if list.items.is_empty() && list.next_cursor.is_none() {
            self.must_exist(asked, now).await?;
        }
        let environments: Vec<String> = environments.iter().map(ToString::to_string).collect();
        Ok(pages::releases::page(asked, &environments, &list.items, list.next_cursor.as_deref()))
    }
}
