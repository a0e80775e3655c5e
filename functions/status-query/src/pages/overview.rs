//! What is wrong now, what is under way, what ended last, and the figures.

use api::{Deployment, ListedDeployment, Metrics};
use domain::Timestamp;
use futures_util::future::{try_join, try_join4};
use pages::overview::Overview;
use pages::{Asked, Page};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::live::LiveQuestion;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn overview_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let parameter = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let figures = try_join(
            self.ask::<Metrics>("/v1/metrics", parameter("hours", "24"), now),
            self.ask::<Metrics>("/v1/metrics", parameter("hours", "168"), now),
        );
        let (active, latest, (day, week), cells) = try_join4(
            self.all_active(),
            self.ask::<api::Page<ListedDeployment>>("/v1/deployments", parameter("limit", "10"), now),
            figures,
            self.all_live(LiveQuestion::default(), &settings, now),
        )
        .await?;
        let overview = Overview {
            cells: &cells,
            active: &active,
            latest: &latest.items,
            figures: [&day, &week],
            freezes: &settings.settings.freezes,
        };
        Ok(pages::overview::page(asked, &overview))
    }

    /// All deployments that have not ended, the newest first.
    async fn all_active(&self) -> Result<Vec<Deployment>, Unanswered> {
        let environments = self.reader.environments().await?;
        let mut active: Vec<Deployment> =
            self.reader.all_active(&environments).await?.iter().map(Deployment::from).collect();
        active.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.deployment_id.cmp(&b.deployment_id)));
        Ok(active)
    }
}
