//! Reading ahead: before deciding, in one round trip for a whole batch, what deciding is likely to
//! need. What is missing or out of date costs another round trip later, and never correctness: each write
//! checks what it was decided from.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::ledger::recording::{Received, State};
use domain::live::Place;
use domain::live::log::adds_entry;
use domain::{DeploymentId, catalog};
use store::items::cell::CellItem;
use store::items::from_item;
use store::items::summary::SummaryItem;
use store::keys::{CATALOG, catalog_key, cell_key, summary_key};
use store::{Item, Key, StoreError, Table, WriteItems};

use crate::recorded::Numbered;
use crate::recorder::Recorder;

/// What was read of a deployment before deciding.
#[derive(Debug, Default, Clone)]
pub(crate) struct ReadAhead {
    /// Its state; none when it has none.
    pub(crate) state: Option<State>,
    /// The cells that were read; none for a place that has none.
    pub(crate) cells: HashMap<Place, Option<CellItem>>,
}

impl<S: WriteItems> Recorder<S> {
    /// Reads, in one round trip, what deciding about these events is likely to need.
    pub(crate) async fn read_ahead(
        &self,
        groups: &BTreeMap<DeploymentId, Vec<Numbered>>,
    ) -> Result<HashMap<DeploymentId, ReadAhead>, StoreError> {
        let mut keys = HashSet::new();
        let mut read_ahead = HashMap::new();
        for (id, group) in groups {
            let state = self.memory.state(id);
            keys.extend(likely_places(state.as_ref(), group).iter().map(cell_key));
            if state.is_none() {
                keys.insert(summary_key(id));
                keys.extend(likely_catalog(group).into_iter().filter(|key| !self.memory.exists(key)));
            }
            read_ahead.insert(id.clone(), ReadAhead { state, cells: HashMap::new() });
        }
        let items = self.reader.store().batch_get(Table::State, keys.iter().cloned().collect()).await?;
        let found = items.into_iter().filter_map(|item| Some((Key::of(&item)?, item)));
        let mut found: HashMap<Key, Item> = found.collect();
        self.memory.keep_existing(found.keys().filter(|key| key.partition == CATALOG).cloned().collect::<Vec<_>>());
        for (id, group) in groups {
            let Some(ahead) = read_ahead.get_mut(id) else { continue };
            if let Some(item) = found.remove(&summary_key(id)) {
                // One that can't be read is found out again by its own deployment's writes, which
                // then fail alone.
                ahead.state = from_item::<SummaryItem>(item).and_then(SummaryItem::state).ok();
            }
            for place in likely_places(ahead.state.as_ref(), group) {
                let key = cell_key(&place);
                let cell = found.get(&key).map(|item| from_item(item.clone())).transpose();
                if let (Ok(cell), true) = (cell, keys.contains(&key)) {
                    ahead.cells.insert(place, cell);
                }
            }
        }
        Ok(read_ahead)
    }
}

/// Where these events may change what is live, as far as that is clear before reading.
pub(crate) fn likely_places(state: Option<&State>, group: &[Numbered]) -> HashSet<Place> {
    let place = |received: &Received| {
        let named = &received.event.named;
        match state {
            Some(state) => Some(Place { environment: state.summary.environment(), service: state.summary.service() }),
            None => Some(Place { environment: named.environment.clone()?, service: named.service.clone()? }),
        }
    };
    let ending = group.iter().map(|(_, received)| received).filter(|received| adds_entry(&received.event));
    ending.filter_map(place).collect()
}

/// What these events may show to exist.
fn likely_catalog(group: &[Numbered]) -> HashSet<Key> {
    let mut keys = HashSet::new();
    for (_, received) in group {
        let mut summary = domain::Summary::empty(received.event.deployment_id.clone());
        // The month of what is ahead of its receipt may be another: then its entry is only not read ahead.
        summary.fold(&received.event, &received.key, received.occurred_at);
        keys.extend(catalog::entries(&summary).iter().map(catalog_key));
    }
    keys
}
