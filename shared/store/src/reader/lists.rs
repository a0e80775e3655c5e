//! Lists of deployments and of incidents, newest first, over any number of years: an index says which there are, in
//! order, and each deployment's own item says how it stands.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::questions::asked::Asked;
use domain::{Environment, Label, Service, State, Status, Subject, Timestamp, Version};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::Reader;
use super::merge::{Page, merge};
use crate::StoreError;
use crate::items::from_item;
use crate::port::ReadItems;
use crate::position::{END, Position, list_partition, month_partition, time_of, year_partition};
use crate::query::Query;
use crate::tables::{BY_ENVIRONMENT, BY_SERVICE, Table};

mod named;

/// What is listed.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Of which kind.
    pub subject: Subject,
    /// Only of this environment.
    pub environment: Asked<Environment>,
    /// Only of this service.
    pub service: Asked<Service>,
    /// Only in one of these statuses; in any, where there are none.
    pub statuses: BTreeSet<Status>,
    /// Only of this version.
    pub version: Option<Version>,
    /// Only of this release.
    pub release: Option<Label>,
    /// Only of this artifact.
    pub artifact: Option<Label>,
    /// Started at this time or later.
    pub from: Option<Timestamp>,
    /// Started before this time.
    pub to: Option<Timestamp>,
}

/// How many index entries one page may read when a filter leaves most of them out: then it is short.
const READ_BUDGET: usize = 2000;
/// How many index entries are read at once when there is a filter.
const FILTERED_READ: usize = 250;

/// An index entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    started_key: Position,
    #[serde(default)]
    ended: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

impl<S: ReadItems> Reader<S> {
    /// A page of deployments, or of incidents, before `position`, newest first, with the position to go
    /// on from. It can be short although there is a next one.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn list(
        &self,
        query: &ListQuery,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<State>, Option<Position>), StoreError> {
        if let Some(partition) = named::partition(query) {
            return self.list_named(&partition, query, position, limit).await;
        }
        let (found, next) = self.find(query, position, limit).await?;
        let states = self.listed_states(found.iter().map(|listed| listed.started_key.as_str())).await?;
        // The index does not know which status one is in that has not ended, and is a moment behind.
        let holds = |state: &State| query.statuses.is_empty() || query.statuses.contains(&state.summary.status());
        Ok((states.into_iter().filter(holds).collect(), next))
    }

    /// The versions of a service with the time of their last deployment, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn versions(
        &self,
        service: &Asked<Service>,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(String, Timestamp)>, Option<Position>), StoreError> {
        let query = ListQuery { service: service.clone(), ..ListQuery::default() };
        let (found, next) = self.find(&query, position, limit).await?;
        let mut versions: Vec<(String, Timestamp)> = Vec::new();
        for listed in found {
            let at = time_of(&listed.started_key);
            if let Some(version) = listed.version.filter(|v| !versions.iter().any(|(seen, _)| seen == v)) {
                versions.push((version, at));
            }
        }
        Ok((versions, next))
    }

    /// Index entries that match, before `position`: walks back period by period, merging
    /// environments, until the page is full, the budget is used or nothing is left.
    async fn find(
        &self,
        query: &ListQuery,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<Position>), StoreError> {
        let filtered = !query.statuses.is_empty() || query.version.is_some();
        let per_read = if filtered { FILTERED_READ } else { limit };
        let floor = query.from.unwrap_or(Timestamp::MIN).sort_key();
        let end = query.to.map_or_else(|| END.to_owned(), Timestamp::sort_key);
        let mut before = position.map_or(end.clone(), |position| end.min(position.to_owned()));
        let mut found = Vec::new();
        let mut read = 0;
        for partitions in self.periods(query, &floor, &before).await? {
            loop {
                if read >= READ_BUDGET {
                    return Ok((found, Some(before)));
                }
                let reads =
                    partitions.iter().map(|partition| self.read_index(query, partition, &floor, &before, per_read));
                let pages = try_join_all(reads).await?;
                read += pages.iter().map(|(page, _)| page.len()).sum::<usize>();
                let (entries, horizon) = merge(pages, |listed| listed.started_key.as_str());
                for listed in entries {
                    before.clone_from(&listed.started_key);
                    if matches(query, &listed) {
                        found.push(listed);
                    }
                    if found.len() == limit {
                        return Ok((found, Some(before)));
                    }
                }
                match horizon {
                    Some(horizon) => before = horizon,
                    None => break,
                }
            }
        }
        Ok((found, None))
    }

    /// The partitions to walk: newest period first, for each period one partition per environment.
    async fn periods(&self, query: &ListQuery, floor: &str, before: &str) -> Result<Vec<Vec<String>>, StoreError> {
        let (from, to) = (time_of(floor).month(), time_of(before).month());
        let mut periods: BTreeMap<Reverse<String>, BTreeSet<String>> = BTreeMap::new();
        for (environment, month) in self.months_for(query).await? {
            if !(&from..=&to).contains(&&month) {
                continue;
            }
            let year = &month[..4];
            let (period, partitions) = match query.service.names() {
                [] => (month.clone(), vec![month_partition(&environment, &month)]),
                services => {
                    let of_each = services.iter().map(|service| year_partition(service, &environment, year));
                    (year.to_owned(), of_each.collect())
                }
            };
            let partitions = partitions.iter().map(|partition| list_partition(query.subject, partition));
            periods.entry(Reverse(period)).or_default().extend(partitions);
        }
        Ok(periods.into_values().map(|partitions| partitions.into_iter().collect()).collect())
    }

    /// The months in which there can be what a query is about, with their environments.
    async fn months_for(&self, query: &ListQuery) -> Result<Vec<(Environment, String)>, StoreError> {
        match query.subject {
            Subject::Deployment => {}
            Subject::Environment | Subject::Verdicts | Subject::Observations => return Ok(Vec::new()),
            Subject::Incident => return self.incident_months(&query.environment).await,
        }
        let environments = self.environments_for(&query.environment, &query.service).await?;
        let months = try_join_all(environments.iter().map(|environment| self.months(environment))).await?;
        let of_each = environments.into_iter().zip(months);
        let pairs =
            of_each.flat_map(|(environment, months)| months.into_iter().map(move |month| (environment.clone(), month)));
        Ok(pairs.collect())
    }

    /// The newest entries of one partition from `floor` to before `before`, and where it goes on.
    async fn read_index(
        &self,
        query: &ListQuery,
        partition: &str,
        floor: &str,
        before: &str,
        limit: usize,
    ) -> Result<Page<Listed>, StoreError> {
        let index = if query.service.name().is_some() { BY_SERVICE } else { BY_ENVIRONMENT };
        // The range includes its end: one more is read, and the end itself left out.
        let query =
            Query::of_index(Table::State, index, partition).between(floor, before).descending().limit(limit + 1);
        let page = self.store().query(&query).await?;
        let mut entries = page.items.into_iter().map(from_item).collect::<Result<Vec<Listed>, _>>()?;
        entries.retain(|listed| listed.started_key != before);
        let next = page.next.and(entries.last()).map(|last| last.started_key.clone());
        Ok((entries, next))
    }
}

fn matches(query: &ListQuery, listed: &Listed) -> bool {
    // The index has only how a deployment ended; which status one is in that has not, is in its own item.
    let ended = |status: Status| status.is_terminal().then(|| status.as_str());
    let listed_as = |status: &Status| listed.ended.as_deref() == ended(*status);
    (query.statuses.is_empty() || query.statuses.iter().any(listed_as))
        && query.version.as_ref().is_none_or(|version| listed.version.as_deref() == Some(version.as_str()))
}
