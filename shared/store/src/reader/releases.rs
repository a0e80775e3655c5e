//! The deployments of a release, and which releases there are.

use std::collections::HashMap;

use domain::settings::{Names, Path};
use domain::{Environment, Label, State, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::declarations::Declared;
use super::release::{ReleaseQuestion, ReleaseStanding};
use crate::StoreError;
use crate::items::from_item;
use crate::items::listing::ListingItem;
use crate::keys::Key;
use crate::keys::listings::{RELEASE_DAYS, release_partition};
use crate::port::ReadItems;
use crate::position::{Position, deployment_at, position_of, time_of};
use crate::query::Query;
use crate::tables::Table;

/// How many deployments of a release are read, the newest ones.
pub const DEPLOYMENTS: usize = 1000;
/// How many deployments of a release are read at once, the first ones.
const FIRST: usize = 100;
/// How many days of releases one page looks at for each release that it may have.
const DAYS_FOR_EACH: usize = 5;

/// A release in a list.
#[derive(Debug, Clone)]
pub struct ListedRelease {
    /// The release.
    pub release: Label,
    /// The last day (`yyyy-mm-dd`) on which a deployment of it was created, or on which it was declared.
    pub day: String,
    /// What it is declared to be; none where its deployments imply it.
    pub declared: Option<Declared>,
    /// When the last deployment of it was created.
    pub deployed_at: Option<Timestamp>,
    /// How it stands in the environment that is asked for.
    pub standing: Option<ReleaseStanding>,
}

/// Which releases are listed.
#[derive(Debug, Clone, Copy)]
pub struct ReleasesQuestion<'q> {
    /// Those that are declared for this environment, or were deployed to it, by the name that settings have.
    pub environment: Option<&'q Environment>,
    /// As of this time; none for now.
    pub as_of: Option<Timestamp>,
    /// What names mean.
    pub names: &'q Names,
    /// The order of environments.
    pub path: &'q Path,
}

impl<S: ReadItems> Reader<S> {
    /// The deployments of a release that were created by a time, the newest first, and whether there are more than
    /// these: a thousand are read.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn deployments_of_release(
        &self,
        release: &Label,
        by: Timestamp,
    ) -> Result<(Vec<State>, bool), StoreError> {
        let query = Query::of(Table::State, release_partition(release)).between("0", up_to(by));
        let mut pages = self.pages(query.descending().consistent().limit(DEPLOYMENTS + 1));
        let mut lines: Vec<Position> = Vec::new();
        while lines.len() <= DEPLOYMENTS {
            let Some(page) = pages.next().await? else { break };
            lines.extend(page.items.iter().filter_map(Key::of).map(|key| key.sort));
        }
        let more = lines.len() > DEPLOYMENTS;
        lines.truncate(DEPLOYMENTS);
        let states = self.states_at(&lines).await?;
        Ok((states.into_iter().filter(|state| state.summary.named().release.as_ref() == Some(release)).collect(), more))
    }

    /// The deployments that stand at these positions of a list, in their order. One round trip for all of them.
    pub(super) async fn states_at(&self, lines: &[Position]) -> Result<Vec<State>, StoreError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let ids = lines.iter().map(|line| deployment_at(line)).collect::<Result<_, _>>()?;
        let states = self.states(&ids).await?.into_values();
        let mut found: HashMap<Position, State> = states.map(|state| (position_of(&state), state)).collect();
        // A line at which a deployment does not stand is one that it has left.
        Ok(lines.iter().filter_map(|line| found.remove(line)).collect())
    }

    /// A page of releases behind a position, and the position to go on from: those of the newest day first, of one day
    /// by name. A page can be short although there is a next one.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn releases(
        &self,
        question: ReleasesQuestion<'_>,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ListedRelease>, Option<Position>), StoreError> {
        let by = question.as_of.unwrap_or(Timestamp::MAX);
        let last = question.as_of.map_or_else(|| "~".to_owned(), |as_of| format!("{}$", as_of.day()));
        let end = position.map_or(last.clone(), |position| last.min(position.to_owned()));
        // `$` sorts after `#`. The range includes its end: one more is read, and the end itself left out.
        let query = Query::of(Table::State, RELEASE_DAYS).between("0", end.as_str()).descending();
        let page = self.store().query(&query.consistent().limit(limit * DAYS_FOR_EACH + 1)).await?;
        let mut days: Vec<ListingItem> = page.items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        days.retain(|day| day.key.sort != end);
        let (mut listed, mut seen) = (Vec::new(), None);
        for some in days.chunks(limit) {
            let found = some.iter().map(|day| self.listed_release(day, by, question));
            let found = try_join_all(found).await?;
            for (day, found) in some.iter().zip(found) {
                if listed.len() == limit {
                    break;
                }
                seen = Some(day.key.sort.clone());
                listed.extend(found);
            }
            if listed.len() >= limit {
                break;
            }
        }
        let all = page.next.is_none() && seen.as_ref() == days.last().map(|day| &day.key.sort);
        Ok((listed, seen.filter(|_| !all)))
    }

    /// A release, if this is the last day of it by a time, and it is one that is asked for.
    async fn listed_release(
        &self,
        item: &ListingItem,
        by: Timestamp,
        question: ReleasesQuestion<'_>,
    ) -> Result<Option<ListedRelease>, StoreError> {
        let (day, _) = item.key.sort.split_once('#').unwrap_or_default();
        let Some(release) = &item.release else { return Ok(None) };
        let newest = Query::of(Table::State, release_partition(release)).between("0", up_to(by)).descending();
        let newest = newest.consistent().limit(1);
        let (declared, newest) =
            try_join(self.declared(release, by, question.names), self.store().query(&newest)).await?;
        let deployed_at = newest.items.iter().filter_map(Key::of).map(|key| time_of(&key.sort)).next();
        let declared_at = declared.as_ref().map(|declared| declared.version.recorded_at);
        if deployed_at.max(declared_at).is_none_or(|last| last.day() != day) {
            return Ok(None);
        }
        let standing = match question.environment {
            None => None,
            Some(environment) => {
                if !self.concerns(release, declared.as_ref(), environment, by, question.names).await? {
                    return Ok(None);
                }
                let ReleasesQuestion { as_of, names, path, .. } = question;
                let question = ReleaseQuestion { release, environment, as_of, known_at: None, names, path };
                Box::pin(self.release_standing(question)).await?
            }
        };
        let (release, day) = (release.clone(), day.to_owned());
        Ok(Some(ListedRelease { release, day, declared, deployed_at, standing }))
    }

    /// Whether a release is declared for an environment, or, where it is not declared, was deployed to it by a time.
    async fn concerns(
        &self,
        release: &Label,
        declared: Option<&Declared>,
        environment: &Environment,
        by: Timestamp,
        names: &Names,
    ) -> Result<bool, StoreError> {
        if let Some(declared) = declared {
            return Ok(declared.declaration.concerns(environment));
        }
        let (deployments, _) = self.deployments_of_release(release, by).await?;
        let mut environments = deployments.iter().map(|state| state.summary.environment());
        Ok(environments.any(|name| names.environments.resolve(&name) == environment))
    }

    /// The releases of the newest `limit` that are incomplete in an environment which they are declared for or were
    /// deployed to, each with how it stands.
    ///
    /// It looks at no more than five days for each of `limit` releases, and of each release reads what
    /// [`release_standing`](Self::release_standing) does: for `limit` releases of `n` services, two small queries each,
    /// their deployments, and `n` cells.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn incomplete_releases(
        &self,
        question: ReleasesQuestion<'_>,
        limit: usize,
    ) -> Result<Vec<ListedRelease>, StoreError> {
        let (releases, _) = self.releases(question, None, limit).await?;
        let incomplete =
            |listed: &ListedRelease| listed.standing.as_ref().is_some_and(|standing| !standing.is_complete());
        Ok(releases.into_iter().filter(incomplete).collect())
    }

    /// How a release stands in the environment that is asked for, if it concerns that one and is not complete there.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn incomplete_release(
        &self,
        release: &Label,
        ReleasesQuestion { environment, as_of, names, path }: ReleasesQuestion<'_>,
    ) -> Result<Option<ReleaseStanding>, StoreError> {
        let (Some(environment), by) = (environment, as_of.unwrap_or(Timestamp::MAX)) else { return Ok(None) };
        let declared = self.declared(release, by, names).await?;
        if !self.concerns(release, declared.as_ref(), environment, by, names).await? {
            return Ok(None);
        }
        let question = ReleaseQuestion { release, environment, as_of, known_at: None, names, path };
        let standing = Box::pin(self.release_standing(question)).await?;
        Ok(standing.filter(|standing| !standing.is_complete()))
    }

    /// When the first deployment of a release to an environment was created, by a time; none where there is none. Of
    /// the first thousand of the release; where it is none of these, when the last of them was.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn first_deployed_to(
        &self,
        release: &Label,
        environment: &Environment,
        by: Timestamp,
        names: &Names,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = Query::of(Table::State, release_partition(release)).between("0", up_to(by));
        let mut pages = self.pages(query.consistent().limit(FIRST));
        let mut read = 0;
        while let Some(page) = pages.next().await? {
            let lines: Vec<Position> = page.items.iter().filter_map(Key::of).map(|key| key.sort).collect();
            let mut states = self.states_at(&lines).await?.into_iter().map(|state| state.summary);
            let first = states.find(|summary| {
                let of_release = summary.named().release.as_ref() == Some(release);
                of_release && names.environments.resolve(&summary.environment()) == environment
            });
            read += lines.len();
            let last = lines.last().filter(|_| read >= DEPLOYMENTS).map(|line| time_of(line));
            if let Some(at) = first.map(|summary| summary.created_at()).or(last) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

/// Sorts after all lines up to a time.
fn up_to(by: Timestamp) -> String {
    format!("{}~", by.sort_key())
}
