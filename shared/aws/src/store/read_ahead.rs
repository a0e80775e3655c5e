//! Reading ahead: before deciding, in one round trip for a whole batch, what deciding is likely to
//! need. What is missing or old costs another round trip later, and never correctness: each write
//! checks what it was decided from.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use domain::event::Kind;
use domain::ledger::recording::{Received, State};
use domain::live::Place;
use domain::{DeploymentId, catalog};

use super::Store;
use super::items::{
    CATALOG, CellItem, Item, KeyItem, SUMMARY, SummaryItem, catalog_key, cell_pk, deployment_pk, from_item, to_item,
};
use super::record::{Group, pause};
use crate::StoreError;

/// How many keys one `BatchGetItem` may ask for.
const KEYS_PER_READ: usize = 100;
/// How often keys that DynamoDB left unprocessed are asked for again.
const TRIES: u32 = 10;

/// What was read before deciding.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    pub(super) state: Option<State>,
    pub(super) cells: HashMap<Place, Option<CellItem>>,
}

impl Store {
    /// Reads, in one round trip, what deciding about these events is likely to need.
    pub(super) async fn read_known(
        &self,
        groups: &BTreeMap<DeploymentId, Group>,
    ) -> Result<HashMap<DeploymentId, Known>, StoreError> {
        let mut keys = HashSet::new();
        let mut known = HashMap::new();
        {
            let memory = self.memory();
            for (id, group) in groups {
                let state = memory.states.get(id).cloned();
                if state.is_none() {
                    keys.insert((deployment_pk(id.as_str()), SUMMARY.to_owned()));
                }
                for place in likely_places(state.as_ref(), group) {
                    keys.insert((cell_pk(place.environment.as_str()), place.service.to_string()));
                }
                if state.is_none() {
                    keys.extend(likely_catalog(group).into_iter().filter(|key| !memory.catalog.contains(key)));
                }
                known.insert(id.clone(), Known { state, cells: HashMap::new() });
            }
        }
        let asked = keys.clone();
        let mut found = self.read_items(keys.into_iter().collect()).await?;
        let existing = found.keys().filter(|(pk, _)| pk == CATALOG).cloned().collect::<Vec<_>>();
        self.memory().remember_catalog(existing);
        for (id, group) in groups {
            let Some(known) = known.get_mut(id) else { continue };
            if let Some(item) = found.remove(&(deployment_pk(id.as_str()), SUMMARY.to_owned())) {
                // One that can't be read is found out again by its own deployment's writes, which
                // then fail alone.
                known.state = from_item::<SummaryItem>(item).and_then(SummaryItem::state).ok();
            }
            for place in likely_places(known.state.as_ref(), group) {
                let key = (cell_pk(place.environment.as_str()), place.service.to_string());
                let cell = found.get(&key).map(|item| from_item(item.clone())).transpose();
                if let (Ok(cell), true) = (cell, asked.contains(&key)) {
                    known.cells.insert(place, cell);
                }
            }
        }
        Ok(known)
    }

    /// Reads items of the state table by key, consistently.
    async fn read_items(&self, keys: Vec<(String, String)>) -> Result<HashMap<(String, String), Item>, StoreError> {
        const OPERATION: &str = "BatchGetItem";
        let mut found = HashMap::new();
        for keys in keys.chunks(KEYS_PER_READ) {
            let keys = keys.iter().map(|(pk, sk)| to_item(&KeyItem { pk: pk.clone(), sk: sk.clone() }));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let wanted = wanted.map_err(|e| StoreError::unreadable(OPERATION, e))?;
            let mut wanted = Some(HashMap::from([(self.tables.state.clone(), wanted)]));
            for tries in 0.. {
                let answer = self
                    .client
                    .batch_get_item()
                    .set_request_items(wanted.take())
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(|error| StoreError::call(OPERATION, error))?;
                for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                    let KeyItem { pk, sk } = from_item(item.clone())?;
                    found.insert((pk, sk), item);
                }
                wanted = answer.unprocessed_keys.filter(|keys| !keys.is_empty());
                if wanted.is_none() {
                    break;
                }
                if tries >= TRIES {
                    return Err(StoreError::busy(OPERATION, "keys stay unprocessed"));
                }
                pause(tries).await;
            }
        }
        Ok(found)
    }
}

/// Where these events may change what is live, as far as it can be told before reading.
fn likely_places(state: Option<&State>, group: &[(usize, Received)]) -> HashSet<Place> {
    let ends = |received: &Received| {
        received.event.status.is_terminal() && matches!(received.event.kind, Kind::Deployment | Kind::Removal)
    };
    let place = |received: &Received| {
        let named = &received.event.named;
        match state {
            Some(state) => Some(Place { environment: state.summary.environment(), service: state.summary.service() }),
            None => Some(Place { environment: named.environment.clone()?, service: named.service.clone()? }),
        }
    };
    group.iter().map(|(_, received)| received).filter(|received| ends(received)).filter_map(place).collect()
}

/// What these events may show to exist.
fn likely_catalog(group: &[(usize, Received)]) -> HashSet<(String, String)> {
    let mut keys = HashSet::new();
    for (_, received) in group {
        let mut summary = domain::Summary::empty(received.event.deployment_id.clone());
        summary.fold(&received.event, &received.key, received.occurred_at);
        keys.extend(catalog::entries(&summary).iter().map(catalog_key));
    }
    keys
}
