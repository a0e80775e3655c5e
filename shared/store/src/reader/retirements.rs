//! When environments were retired.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Environment, Moment, Timestamp};
use futures_util::future::try_join_all;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::{Key, RETIRED, summary_key};
use crate::port::ReadItems;
use crate::tables::Table;

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
        let names = self.catalog(RETIRED).await?;
        let retired: BTreeSet<Environment> =
            names.iter().filter_map(|name| Environment::from_key_part(name).ok()).collect();
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
        let looked_at = retirements.iter().map(|(environment, retirements)| async {
            let gone = self.count_active(environment).await? == 0 && !self.runs(environment, retirements).await?;
            Ok::<_, StoreError>(gone.then(|| environment.clone()))
        });
        Ok(try_join_all(looked_at).await?.into_iter().flatten().collect())
    }

    /// Whether anything runs in an environment with these retirements.
    async fn runs(&self, environment: &Environment, retirements: &[Moment]) -> Result<bool, StoreError> {
        for (place, item) in self.cell_items(environment).await? {
            if self.cell_now(&place, item.cell, retirements).await?.shown().is_some() {
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
        Ok(known.map(|record| Moment::new(record.received.occurred_at, record.recorded_at)).collect())
    }
}
