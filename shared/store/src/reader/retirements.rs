//! When environments were retired.

use std::collections::{BTreeMap, HashMap};

use domain::{DeploymentId, Environment, Moment};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::{Key, summary_key};
use crate::port::ReadItems;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// When an environment was retired, the earliest first; nothing where it never was. It reads one item.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn retirements(&self, environment: &Environment) -> Result<Vec<Moment>, StoreError> {
        let state = self.state(&DeploymentId::of_environment(environment)).await?;
        Ok(state.map(|state| state.summary.retirements()).unwrap_or_default())
    }

    /// The same of several environments at once: those that were retired, each with when.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn retirements_of(
        &self,
        environments: impl IntoIterator<Item = &Environment> + Send,
    ) -> Result<BTreeMap<Environment, Vec<Moment>>, StoreError> {
        let key = |environment: &Environment| summary_key(&DeploymentId::of_environment(environment));
        let keys: HashMap<Key, &Environment> =
            environments.into_iter().map(|environment| (key(environment), environment)).collect();
        let items = self.store().batch_get(Table::State, keys.keys().cloned().collect()).await?;
        let mut retired = BTreeMap::new();
        for item in items {
            let environment = Key::of(&item).and_then(|key| keys.get(&key).copied());
            let state = from_item::<SummaryItem>(item)?.state()?;
            retired.extend(environment.map(|environment| (environment.clone(), state.summary.retirements())));
        }
        Ok(retired)
    }
}
