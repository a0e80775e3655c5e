//! The settings as they are, or were.

use api::{SettingsVersion, StoredSettings};
use domain::Timestamp;
use futures_util::future::try_join;
use pages::{Asked, Page};
use store::ReadItems;

use super::parameter;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn settings_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let (settings, versions) = try_join(
            self.ask::<StoredSettings>("/v1/settings", asked.query.clone(), now),
            self.ask::<api::Page<SettingsVersion>>("/v1/settings/versions", vec![parameter("limit", "10")], now),
        )
        .await?;
        Ok(pages::settings::page(asked, &settings, &versions.items))
    }
}
