//! A release: how it stands in an environment, and what it lacks in the others.

use api::{Problem, Release};
use domain::Timestamp;
use domain::page_paths::kept;
use futures_util::future::try_join_all;
use pages::{Asked, Page, address};
use store::ReadItems;

use super::parameter;
use crate::StatusQuery;
use crate::answer::Unanswered;

/// In how many environments it is looked at besides the one that is asked for: the last ones of the path.
const ENVIRONMENTS: usize = 12;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn release_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let environments = self.lasting_environments(&settings).await?;
        let of_path: Vec<_> = environments.iter().filter(|name| settings.path.leads_through(name)).collect();
        let production = of_path.iter().find(|name| settings.settings.is_production(name));
        let usual = production.or(of_path.last()).map(ToString::to_string);
        let Some(environment) = asked.parameter("environment").map(str::to_owned).or(usual) else {
            return Err(Problem::wrong_field("environment", "is required: no environment is on the path yet").into());
        };
        self.must_exist(asked, now).await?;
        let release = address::release_at(&asked.path).unwrap_or_default();
        let here = self.standing(asked, release, &environment, now).await?;
        let others = of_path.iter().rev().take(ENVIRONMENTS).rev().map(ToString::to_string);
        let others: Vec<String> = others.filter(|name| *name != here.environment).collect();
        let mut everywhere = try_join_all(others.iter().map(|name| self.standing(asked, release, name, now))).await?;
        everywhere.push(here.clone());
        let place = |release: &Release| environments.iter().position(|name| name.as_str() == release.environment);
        everywhere.sort_by_key(place);
        Ok(pages::release::page(asked, &here, &everywhere))
    }

    async fn standing(
        &self,
        asked: &Asked,
        release: &str,
        environment: &str,
        now: Timestamp,
    ) -> Result<Release, Unanswered> {
        let as_of = asked.parameter("asOf").map(|at| parameter("asOf", at));
        let query = [parameter("environment", environment)].into_iter().chain(as_of).collect();
        Box::pin(self.ask(&format!("/v1/releases/{}", kept(release)), query, now)).await
    }
}
