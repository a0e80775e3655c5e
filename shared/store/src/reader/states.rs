//! The states of several deployments at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::{DeploymentId, State};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::summary_key;
use crate::port::ReadItems;
use crate::position::deployment_at;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// The states of those of these deployments that there are. One round trip for all of them.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn states(&self, ids: &BTreeSet<DeploymentId>) -> Result<BTreeMap<DeploymentId, State>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let items = self.store().batch_get(Table::State, ids.iter().map(summary_key).collect()).await?;
        let states = items.into_iter().map(|item| {
            let state = from_item::<SummaryItem>(item)?.state()?;
            Ok((state.summary.deployment_id.clone(), state))
        });
        states.collect()
    }

    /// The states of the deployments that an index lists at these positions, in their order, wherever they stand by now: an
    /// index can be a moment behind. One round trip for all of them.
    ///
    /// # Errors
    /// When they can't be read, or a position is none of ours.
    pub(super) async fn listed_states<'p>(
        &self,
        positions: impl IntoIterator<Item = &'p str>,
    ) -> Result<Vec<State>, StoreError> {
        let ids: Vec<DeploymentId> = positions.into_iter().map(deployment_at).collect::<Result<_, _>>()?;
        let mut states = self.states(&ids.iter().cloned().collect()).await?;
        Ok(ids.iter().filter_map(|id| states.remove(id)).collect())
    }
}
