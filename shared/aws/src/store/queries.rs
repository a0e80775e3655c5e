//! Lists of deployments, newest first, over any number of years: an index says which there are, in
//! order, and each deployment's own item says how it stands.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Environment, Service, State, Status, Timestamp, Version};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::Store;
use super::incidents::list_pk;
use super::items::{from_item, month_pk, timed_key};
use super::tables::{BY_ENVIRONMENT, BY_SERVICE, Index};
use crate::StoreError;

/// Where a list stands: before this time and, at that time, before this id. As text
/// `<13 digits>#<id>`, which sorts as the index does.
pub type Position = String;

/// Which deployments are asked for, or which incidents.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Incidents instead of deployments.
    pub incidents: bool,
    /// Only of this environment.
    pub environment: Option<Environment>,
    /// Only of this service.
    pub service: Option<Service>,
    /// Only in this status.
    pub status: Option<Status>,
    /// Only of this version.
    pub version: Option<Version>,
    /// Started at this time or later.
    pub from: Option<Timestamp>,
    /// Started before this time.
    pub to: Option<Timestamp>,
}

/// How many index entries one page may read when a filter leaves most of them out: then it is short.
const READ_BUDGET: usize = 2000;
/// How many index entries are read at once when there is a filter.
const FILTERED_READ: usize = 250;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    started_key: Position,
    #[serde(default)]
    ended: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

impl Store {
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
        let (found, next) = self.find(query, position, limit).await?;
        let states = try_join_all(found.iter().map(|listed| self.listed_state(&listed.started_key))).await?;
        // The index does not tell apart what has not ended, and is a moment behind.
        let holds = |state: &State| query.status.is_none_or(|status| state.summary.status() == status);
        Ok((states.into_iter().flatten().filter(holds).collect(), next))
    }

    /// The versions of a service with the time of their last deployment, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn versions(
        &self,
        service: &Service,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(String, Timestamp)>, Option<Position>), StoreError> {
        let query = ListQuery { service: Some(service.clone()), ..ListQuery::default() };
        let (found, next) = self.find(&query, position, limit).await?;
        let mut versions: Vec<(String, Timestamp)> = Vec::new();
        for listed in found {
            let (at, _) = split(&listed.started_key);
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
        let filtered = query.status.is_some() || query.version.is_some();
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
                let reads = partitions.iter().map(|pk| self.read_index(query, pk, &floor, &before, per_read));
                let pages = try_join_all(reads).await?;
                // Of a partition with more to come nothing is known below its last entry, so only
                // what lies above the highest of these can be merged now.
                let lasts = pages.iter().filter(|(_, more)| *more).filter_map(|(page, _)| page.last());
                let horizon = lasts.map(|listed| listed.started_key.clone()).max();
                let mut entries: Vec<Listed> = pages.into_iter().flat_map(|(page, _)| page).collect();
                read += entries.len();
                entries.retain(|listed| horizon.as_ref().is_none_or(|horizon| listed.started_key >= *horizon));
                entries.sort_unstable_by(|a, b| b.started_key.cmp(&a.started_key));
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
        let (from, to) = (time_of(floor), time_of(before));
        let mut periods: BTreeMap<Reverse<String>, BTreeSet<String>> = BTreeMap::new();
        let months = self.months_asked(query).await?;
        for (environment, month) in months.into_iter().filter(|(_, month)| (from.month()..=to.month()).contains(month))
        {
            let (period, pk) = match &query.service {
                Some(service) => (month[..4].to_owned(), format!("{service}#{environment}#{}", &month[..4])),
                None => (month.clone(), month_pk(&environment, &month)),
            };
            periods.entry(Reverse(period)).or_default().insert(list_pk(query.incidents, pk));
        }
        Ok(periods.into_values().map(|partitions| partitions.into_iter().collect()).collect())
    }

    /// The months in which there can be what a query is about, with their environments.
    async fn months_asked(&self, query: &ListQuery) -> Result<Vec<(Environment, String)>, StoreError> {
        if query.incidents {
            return self.incident_months(query.environment.as_ref()).await;
        }
        let environments = self.environments_asked(query.environment.as_ref(), query.service.as_ref()).await?;
        let months = try_join_all(environments.iter().map(|environment| self.months(environment))).await?;
        let of_each = environments.into_iter().zip(months);
        let pairs =
            of_each.flat_map(|(environment, months)| months.into_iter().map(move |month| (environment.clone(), month)));
        Ok(pairs.collect())
    }

    /// The newest entries of one partition from `floor` to before `before`, and whether there are more.
    async fn read_index(
        &self,
        query: &ListQuery,
        pk: &str,
        floor: &str,
        before: &str,
        limit: usize,
    ) -> Result<(Vec<Listed>, bool), StoreError> {
        let index = if query.service.is_some() { BY_SERVICE } else { BY_ENVIRONMENT };
        // BETWEEN includes its end: one more is read, and the end itself left out.
        let limit = i32::try_from(limit + 1).unwrap_or(i32::MAX);
        let request = self.index_range(index, pk, floor, before).scan_index_forward(false).limit(limit);
        let answer = request.send().await.map_err(|error| StoreError::call("Query", error))?;
        let mut entries = answer.items.into_iter().flatten().map(from_item).collect::<Result<Vec<Listed>, _>>()?;
        entries.retain(|listed| listed.started_key != before);
        Ok((entries, answer.last_evaluated_key.is_some()))
    }

    /// A query over an index of deployments by a time of theirs.
    pub(super) fn index_range(&self, index: Index, pk: &str, from: &str, to: &str) -> QueryFluentBuilder {
        let [(pk_name, _), (sk_name, _)] = index.keys;
        self.query(&self.tables.state)
            .index_name(index.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#pk", pk_name)
            .expression_attribute_names("#sk", sk_name)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
    }

    /// The state of a deployment that an index names.
    pub(super) async fn listed_state(&self, started_key: &str) -> Result<Option<State>, StoreError> {
        let (_, id) = split(started_key);
        let id = DeploymentId::parse(id).map_err(|e| StoreError::unreadable("index entry", e))?;
        self.state(&id).await
    }
}

/// Where a deployment stands in a list.
#[must_use]
pub fn position(state: &State) -> Position {
    timed_key(state.summary.started_at, state.summary.deployment_id.as_str())
}

/// Sorts after every position.
pub(super) const END: &str = "~";

fn matches(query: &ListQuery, listed: &Listed) -> bool {
    // The index tells only how a deployment ended; in which state one is that has not, its item tells.
    let ended = |status: Status| status.is_terminal().then(|| status.as_str());
    query.status.is_none_or(|status| listed.ended.as_deref() == ended(status))
        && query.version.as_ref().is_none_or(|version| listed.version.as_deref() == Some(version.as_str()))
}

/// The time and the id in a position.
fn split(position: &str) -> (Timestamp, &str) {
    let (_, id) = position.split_once('#').unwrap_or((position, ""));
    (time_of(position), id)
}

fn time_of(position: &str) -> Timestamp {
    position.get(..13).and_then(|digits| digits.parse().ok()).map_or(Timestamp::MAX, Timestamp::from_millis)
}
