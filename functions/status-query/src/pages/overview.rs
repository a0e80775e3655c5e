//! What is wrong now, what is under way, what ended last, and the figures.

use std::collections::BTreeSet;

use api::{Deployment, Drift, ListedDeployment};
use domain::identifiers::Identifier as _;
use domain::{Environment, State, Timestamp};
use futures_util::future::{try_join, try_join4};
use pages::overview::{Overview, UnderWay};
use pages::{Asked, Page};
use store::ReadItems;

use super::parameter;
use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;
use crate::{SettingsInUse, StatusQuery};

mod bad;
mod figures;

use figures::Ended;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn overview_page(
        &self,
        asked: &Asked,
        as_of: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Page, Unanswered> {
        let (in_use, version) = self.settings_and_version(now).await?;
        let settings = self.settings_of(as_of, &in_use).await?;
        let by_then = |name: &str| asked.parameter("asOf").map(|time| parameter(name, time));
        let when = When { as_of, known_at: None };
        let latest = [parameter("limit", "10")].into_iter().chain(by_then("to")).collect();
        let high = [parameter("severity", "high"), parameter("limit", "100")].into_iter().chain(by_then("asOf"));
        let (cells, under_way, latest, drift) = try_join4(
            Box::pin(self.all_live(LiveQuestion { when, with_verdict: true, ..LiveQuestion::default() }, &in_use, now)),
            self.all_under_way(as_of),
            Box::pin(self.ask::<api::Page<ListedDeployment>>("/v1/deployments", latest, now)),
            Box::pin(self.ask::<Drift>("/v1/drift", high.collect(), now)),
        )
        .await?;
        let environments: BTreeSet<Environment> =
            cells.iter().filter_map(|cell| Environment::parse(&cell.environment).ok()).collect();
        let production: Vec<&Environment> =
            environments.iter().filter(|name| settings.settings.is_production(name)).collect();
        // Where there is one environment of production, its figures say most.
        let main = production.first().copied().filter(|_| production.len() == 1);
        let (bad, ended) = try_join(
            async { Ok::<_, Unanswered>(self.runs_bad(&cells, as_of, &in_use).await?) },
            self.ended_where(main, under_way.as_deref().unwrap_or_default(), as_of.unwrap_or(now), (&in_use, version)),
        )
        .await?;
        let figures = ended.as_ref().map(|ended| ended.of(main));
        let stalled = Box::pin(self.stalled(under_way.as_deref().unwrap_or_default(), now)).await?;
        let under_way = under_way.map(|states| {
            let one = |state: &State| UnderWay {
                deployment: Deployment::from(state),
                stuck: stalled.contains(&state.summary.deployment_id),
                usual_seconds: ended.as_ref().ok().and_then(|ended| ended.usual_seconds(state)),
            };
            states.iter().map(one).collect::<Vec<UnderWay>>()
        });
        let production = production.into_iter().map(ToString::to_string).collect();
        let overview = Overview {
            cells: &cells,
            production: &production,
            bad: &bad.runs,
            not_judged: bad.not_judged,
            drift: &drift,
            under_way: under_way.as_deref(),
            latest: &latest.items,
            figures: figures.as_ref().map_err(|why| why.as_str()),
            freezes: &settings.settings.freezes,
        };
        Ok(pages::overview::page(asked, &overview))
    }

    /// All deployments that have not ended, the newest first. Which had not at another time is not kept.
    async fn all_under_way(&self, as_of: Option<Timestamp>) -> Result<Option<Vec<State>>, Unanswered> {
        if as_of.is_some() {
            return Ok(None);
        }
        let environments = self.reader.environments().await?;
        let mut states = self.reader.all_active(&environments).await?;
        states.sort_by_key(|state| {
            (std::cmp::Reverse(state.summary.created_at()), state.summary.deployment_id.to_string())
        });
        Ok(Some(states))
    }

    /// What ended lately in the environment whose figures are shown, or in all, and where something is under way now.
    async fn ended_where(
        &self,
        main: Option<&Environment>,
        under_way: &[State],
        until: Timestamp,
        settings: (&SettingsInUse, u64),
    ) -> Result<Result<Ended, String>, Unanswered> {
        let environments: BTreeSet<Environment> = match main {
            Some(main) => {
                let here = under_way.iter().map(|state| state.summary.environment());
                here.chain([main.clone()]).collect()
            }
            None => BTreeSet::new(),
        };
        Ok(self.ended(environments.into_iter().collect(), until, settings).await?)
    }
}
