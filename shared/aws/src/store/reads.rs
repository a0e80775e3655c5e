//! Reading by key: a deployment, its trail, what is live, what exists, what was refused.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::identifiers::Identifier as _;
use domain::ledger::recording::Record;
use domain::live::{LastAttempt, Live, Place};
use domain::{DeploymentId, Environment, Service, State};
use serde::de::DeserializeOwned;

use super::Store;
use super::items::{
    CATALOG, CellItem, EventItem, Item, KeyItem, REJECTED_DAYS, RejectedItem, SUMMARY, SummaryItem, cell_pk,
    deployment_pk, from_item, to_item,
};
use crate::StoreError;

/// A deployment's history.
#[derive(Debug, Default)]
pub struct Trail {
    /// Its records in sequence order.
    pub records: Vec<Record>,
    /// Events that stand there and can't be read: someone altered them. Number and reason.
    pub unreadable: Vec<(u64, StoreError)>,
}

impl Trail {
    /// Its records, when all of them can be read.
    ///
    /// # Errors
    /// Why the first of the others can't.
    pub fn whole(mut self) -> Result<Vec<Record>, StoreError> {
        if self.unreadable.is_empty() { Ok(self.records) } else { Err(self.unreadable.swap_remove(0).1) }
    }
}

/// A page of what a partition holds, and the sort key to go on from.
type Items<T> = (Vec<T>, Option<String>);

impl Store {
    /// The state of a deployment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn state(&self, id: &DeploymentId) -> Result<Option<State>, StoreError> {
        let item: Option<SummaryItem> = self.get(&self.tables.state, &deployment_pk(id.as_str()), SUMMARY).await?;
        item.map(SummaryItem::state).transpose()
    }

    /// The whole history of a deployment. It has at most
    /// [`EVENTS_PER_DEPLOYMENT`](domain::ledger::recording::EVENTS_PER_DEPLOYMENT) events.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn trail(&self, id: &DeploymentId) -> Result<Trail, StoreError> {
        let mut trail = Trail::default();
        let mut start = None;
        loop {
            let query = self
                .query(&self.tables.history)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(deployment_pk(id.as_str())))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let answer = query.send().await.map_err(|error| StoreError::call("Query", error))?;
            for item in answer.items.into_iter().flatten() {
                let item: EventItem = from_item(item)?;
                let sequence = item.sequence;
                match item.record() {
                    Ok(record) => trail.records.push(record),
                    Err(error) => trail.unreadable.push((sequence, error)),
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        trail.records.sort_unstable_by_key(|record| record.sequence);
        trail.unreadable.sort_unstable_by_key(|(sequence, _)| *sequence);
        Ok(trail)
    }

    /// The places of an environment in the order of their services, each with what runs there.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn cells(
        &self,
        environment: &Environment,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Items<(Place, Live, Option<LastAttempt>)>, StoreError> {
        let (items, next) =
            self.range::<CellItem>(&self.tables.state, &cell_pk(environment.as_str()), "", after, true, limit).await?;
        let mut cells = Vec::new();
        for item in items {
            let service = Service::parse(&item.sk).map_err(|e| StoreError::unreadable("cell", e))?;
            cells.push((Place { environment: environment.clone(), service }, item.live, item.tail.last_attempt()));
        }
        Ok((cells, next))
    }

    /// What runs in one place.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn cell(&self, place: &Place) -> Result<Option<(Live, Option<LastAttempt>)>, StoreError> {
        Ok(self.read_cell(place).await?.map(|cell| (cell.live, cell.tail.last_attempt())))
    }

    /// All environments, in the order of their names.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        let names = self.catalog("ENVIRONMENT#").await?;
        Ok(names.iter().filter_map(|name| Environment::parse(name).ok()).collect())
    }

    /// The environments that a service was deployed to.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_of(&self, service: &Service) -> Result<Vec<Environment>, StoreError> {
        let names = self.catalog(&format!("SERVICE#{service}#")).await?;
        Ok(names.iter().filter_map(|name| Environment::parse(name).ok()).collect())
    }

    /// The environments that a question is about: the one that it names, else those of the service that
    /// it names, else all.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_asked(
        &self,
        environment: Option<&Environment>,
        service: Option<&Service>,
    ) -> Result<Vec<Environment>, StoreError> {
        match (environment, service) {
            (Some(environment), _) => Ok(vec![environment.clone()]),
            (None, Some(service)) => self.environments_of(service).await,
            (None, None) => self.environments().await,
        }
    }

    /// The months (`yyyy-mm`) in which an environment had deployments, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn months(&self, environment: &Environment) -> Result<Vec<String>, StoreError> {
        let mut months = self.catalog(&format!("MONTH#{environment}#")).await?;
        months.reverse();
        Ok(months)
    }

    /// Services in the order of their names, each with its environments.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn services(
        &self,
        after: Option<&Service>,
        limit: usize,
    ) -> Result<(Vec<(String, Vec<String>)>, bool), StoreError> {
        let mut services: BTreeMap<String, Vec<String>> = BTreeMap::new();
        // `$` sorts after `#`: it leads past all entries of the service itself.
        let mut from = after.map(|service| format!("SERVICE#{service}$"));
        loop {
            let (items, next) =
                self.range::<KeyItem>(&self.tables.state, CATALOG, "SERVICE#", from.as_deref(), true, 1000).await?;
            for item in items {
                if let Some((service, environment)) = item.sk.trim_start_matches("SERVICE#").split_once('#') {
                    services.entry(service.to_owned()).or_default().push(environment.to_owned());
                }
            }
            if services.len() > limit {
                return Ok((services.into_iter().take(limit).collect(), true));
            }
            if next.is_none() {
                return Ok((services.into_iter().collect(), false));
            }
            from = next;
        }
    }

    /// The days (`yyyy-mm-dd`) on which something was refused, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn rejected_days(&self, from: &str, to: &str) -> Result<Vec<String>, StoreError> {
        let mut days = Vec::new();
        let mut after = None;
        loop {
            let (items, next) =
                self.range::<KeyItem>(&self.tables.state, REJECTED_DAYS, "", after.as_deref(), false, 1000).await?;
            days.extend(items.into_iter().map(|item| item.sk).filter(|day| (from..=to).contains(&day.as_str())));
            after = next;
            if after.is_none() {
                return Ok(days);
            }
        }
    }

    /// What was refused on a day before the sort key `before`, newest first. At most 1 MB is read.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn rejected(
        &self,
        day: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Items<(String, RejectedItem)>, StoreError> {
        let (items, next) = self
            .range::<RejectedItem>(&self.tables.history, &format!("REJECTED#{day}"), "", before, false, limit)
            .await?;
        Ok((items.into_iter().map(|item| (item.sk.clone(), item)).collect(), next))
    }

    /// The rest of each catalog key that begins with `prefix`, in order.
    pub(super) async fn catalog(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        let mut after = None;
        loop {
            let (items, next) =
                self.range::<KeyItem>(&self.tables.state, CATALOG, prefix, after.as_deref(), true, 1000).await?;
            names.extend(items.into_iter().map(|item| item.sk[prefix.len()..].to_owned()));
            after = next;
            if after.is_none() {
                return Ok(names);
            }
        }
    }

    /// One page of the items of a partition whose sort keys begin with `prefix`, after (or, going
    /// down, before) a sort key.
    pub(super) async fn range<T: DeserializeOwned>(
        &self,
        table: &str,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        ascending: bool,
        limit: usize,
    ) -> Result<Items<T>, StoreError> {
        let mut query = self
            .query(table)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .scan_index_forward(ascending)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        query = if prefix.is_empty() {
            query.key_condition_expression("pk = :pk")
        } else {
            query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        };
        if let Some(after) = after {
            let key = KeyItem { pk: pk.to_owned(), sk: after.to_owned() };
            query = query.set_exclusive_start_key(Some(to_item(&key)?));
        }
        let answer = query.send().await.map_err(|error| StoreError::call("Query", error))?;
        let next = answer.last_evaluated_key.map(from_item::<KeyItem>).transpose()?.map(|key| key.sk);
        let items = answer.items.into_iter().flatten().map(from_item).collect::<Result<_, _>>()?;
        Ok((items, next))
    }

    pub(super) fn query(&self, table: &str) -> QueryFluentBuilder {
        self.client.query().table_name(table).return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// The item with this key, read consistently.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        table: &str,
        pk: &str,
        sk: &str,
    ) -> Result<Option<T>, StoreError> {
        let key: Item = to_item(&KeyItem { pk: pk.to_owned(), sk: sk.to_owned() })?;
        let answer = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::call("GetItem", error))?;
        answer.item.map(from_item).transpose()
    }
}
