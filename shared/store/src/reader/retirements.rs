//! When environments were retired.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::identifiers::{Identifier as _, key_part};
use domain::{DeploymentId, Environment, Moment, Timestamp};
use futures_util::future::try_join_all;

use super::Reader;
use super::catalog::sort_keys;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::{CATALOG, Key, RETIRED, summary_key};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many environments are looked at at once.
const AT_ONCE: usize = 16;

/// The environments that were retired, each with when, the earliest first.
pub type Retirements = BTreeMap<Environment, Vec<Moment>>;

impl<S: ReadItems> Reader<S> {
    /// When an environment was retired, the earliest first; nothing where it never was. It reads one item.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn retirements(&self, environment: &Environment) -> Result<Vec<Moment>, StoreError> {
        let state = self.state(&DeploymentId::of_environment(environment)).await?;
        Ok(state.map(|state| state.summary.retirements()).unwrap_or_default())
    }

    /// When environments were retired that are among these: of one the item of its own is read, of several one
    /// list, and the items of those that are in it.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn retirements_of(&self, environments: &[Environment]) -> Result<Retirements, StoreError> {
        if let [environment] = environments {
            let retirements = self.retirements(environment).await?;
            return Ok(Some(retirements)
                .filter(|r| !r.is_empty())
                .map(|r| (environment.clone(), r))
                .into_iter()
                .collect());
        }
        let names = environments.iter().map(|environment| key_part::escape(environment.as_str()));
        let (Some(first), Some(last)) = (names.clone().min(), names.max()) else { return Ok(Retirements::new()) };
        let range = Query::of(Table::State, CATALOG).between(format!("{RETIRED}{first}"), format!("{RETIRED}{last}"));
        let (mut pages, mut retired) = (self.pages(range), BTreeSet::new());
        while let Some(page) = pages.next().await? {
            let names = sort_keys(&page).filter_map(|sort| sort.strip_prefix(RETIRED));
            retired.extend(names.filter_map(|name| Environment::from_key_part(name).ok()));
        }
        let retired = environments.iter().filter(|environment| retired.contains(environment));
        let keys: HashMap<Key, &Environment> =
            retired.map(|environment| (summary_key(&DeploymentId::of_environment(environment)), environment)).collect();
        if keys.is_empty() {
            return Ok(Retirements::new());
        }
        let items = self.store().batch_get(Table::State, keys.keys().cloned().collect()).await?;
        let mut retirements = Retirements::new();
        for item in items {
            let environment = Key::of(&item).and_then(|key| keys.get(&key).copied());
            let state = from_item::<SummaryItem>(item)?.state()?;
            retirements.extend(environment.map(|environment| (environment.clone(), state.summary.retirements())));
        }
        Ok(retirements)
    }

    /// Which of these environments are retired: nothing runs there since, and nothing is being deployed there.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn retired(&self, environments: &[Environment]) -> Result<BTreeSet<Environment>, StoreError> {
        let retirements = self.retirements_of(environments).await?;
        let retirements: Vec<(Environment, Vec<Moment>)> = retirements.into_iter().collect();
        let mut retired = BTreeSet::new();
        for some in retirements.chunks(AT_ONCE) {
            let gone = some.iter().map(|(environment, retirements)| self.is_gone(environment, retirements));
            let gone = some.iter().zip(try_join_all(gone).await?).filter(|(_, gone)| *gone);
            retired.extend(gone.map(|((environment, _), _)| environment.clone()));
        }
        Ok(retired)
    }

    /// Whether nothing runs in an environment with these retirements, and nothing is being deployed there.
    async fn is_gone(&self, environment: &Environment, retirements: &[Moment]) -> Result<bool, StoreError> {
        Ok(self.count_active(environment).await? == 0 && !self.runs(environment, retirements).await?)
    }

    /// Whether anything runs in an environment with these retirements.
    async fn runs(&self, environment: &Environment, retirements: &[Moment]) -> Result<bool, StoreError> {
        for (place, item) in self.cell_items(environment).await? {
            // What has no service yet is in no matrix.
            if place.is_known() && self.cell_now(&place, item.cell, retirements).await?.shown().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// When an environment was retired, as it was known at a time, in the order in which that was recorded.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn retirements_known_at(
        &self,
        environment: &Environment,
        known_at: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        let records = self.trail(&DeploymentId::of_environment(environment)).await?.records;
        let known = records.into_iter().filter(|record| record.recorded_at <= known_at);
        let moments = known.map(|record| Moment::new(record.received.occurred_at, record.recorded_at));
        // Two that tell of one moment are one.
        let mut told = BTreeSet::new();
        Ok(moments.filter(|moment| told.insert(*moment)).collect())
    }
}
