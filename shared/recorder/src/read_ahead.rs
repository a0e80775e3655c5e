//! Reading ahead: before deciding, in one round trip for a whole batch, what deciding is likely to
//! need. What is missing or out of date costs another round trip later, and never correctness: each write
//! checks what it was decided from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::catalog::{self, CatalogEntry};
use domain::event::Kind;
use domain::ledger::received::Received;
use domain::ledger::recording::State;
use domain::live::log::adds_entry;
use domain::live::thing::Thing;
use domain::live::{Place, ThingKey};
use domain::questions::bad::on_its_way;
use domain::{DeploymentId, Environment, Moment, Service, Status};
use store::items::cell::CellItem;
use store::items::from_item;
use store::items::landings::LandingsItem;
use store::items::summary::SummaryItem;
use store::keys::{catalog_key, cell_key, landings_key, summary_key};
use store::{Item, Key, StoreError, Table, WriteItems};

use crate::live::StoredLandings;
use crate::recorded::Numbered;
use crate::recorder::Recorder;

/// What was read of a deployment before deciding.
#[derive(Debug, Default, Clone)]
pub(crate) struct ReadAhead {
    /// Its state; none when it has none.
    pub(crate) state: Option<State>,
    /// The cells that were read; none for a place that has none.
    pub(crate) cells: HashMap<Place, Option<CellItem>>,
    /// When environments were retired, as far as it was read.
    pub(crate) retirements: HashMap<Environment, Vec<Moment>>,
    /// The landings that were read; none where nothing is kept.
    pub(crate) landings: BTreeMap<(Place, ThingKey), Option<LandingsItem>>,
}

impl ReadAhead {
    /// Nothing but a state.
    pub(crate) fn of(state: Option<State>) -> Self {
        Self { state, ..Self::default() }
    }

    /// The landings that were read of a place.
    pub(crate) fn landings_of(&self, place: &Place) -> StoredLandings {
        let of_place = self.landings.iter().filter(|((of, _), _)| of == place);
        of_place.map(|((_, key), item)| (key.clone(), item.clone())).collect()
    }
}

impl<S: WriteItems> Recorder<S> {
    /// Reads, in one round trip, what deciding about these events is likely to need.
    pub(crate) async fn read_ahead(
        &self,
        groups: &BTreeMap<DeploymentId, Vec<Numbered>>,
    ) -> Result<HashMap<DeploymentId, ReadAhead>, StoreError> {
        let (mut keys, mut catalog) = (HashSet::new(), HashSet::new());
        let mut read_ahead = HashMap::new();
        for (id, group) in groups {
            let state = self.memory.state(id);
            let places = likely_places(state.as_ref(), group);
            keys.extend(places.iter().flat_map(|place| [cell_key(place), retirements_key(&place.environment)]));
            keys.extend(likely_landings(state.as_ref(), group).iter().map(|(place, key)| landings_key(place, key)));
            if state.is_none() {
                keys.insert(summary_key(id));
                catalog.extend(likely_catalog(group).into_iter().filter(|key| !self.memory.exists(key)));
            }
            read_ahead.insert(id.clone(), ReadAhead::of(state));
        }
        keys.extend(catalog.iter().cloned());
        let items = self.reader.store().batch_get(Table::State, keys.iter().cloned().collect()).await?;
        let found = items.into_iter().filter_map(|item| Some((Key::of(&item)?, item)));
        let found: HashMap<Key, Item> = found.collect();
        self.memory.keep_existing(found.keys().filter(|key| catalog.contains(key)).cloned().collect::<Vec<_>>());
        for (id, group) in groups {
            let Some(ahead) = read_ahead.get_mut(id) else { continue };
            if let Some(item) = found.get(&summary_key(id)).cloned() {
                // One that can't be read is found out again by its own deployment's writes, which
                // then fail alone.
                ahead.state = from_item::<SummaryItem>(item).and_then(SummaryItem::state).ok();
            }
            for place in likely_places(ahead.state.as_ref(), group) {
                let key = cell_key(&place);
                let cell = found.get(&key).map(|item| from_item(item.clone())).transpose();
                let retirements = found.get(&retirements_key(&place.environment));
                let retirements = retirements.map(|item| from_item::<SummaryItem>(item.clone())?.state()).transpose();
                if let (Ok(cell), Ok(state), true) = (cell, retirements, keys.contains(&key)) {
                    let retirements = state.map(|state| state.summary.retirements()).unwrap_or_default();
                    ahead.retirements.insert(place.environment.clone(), retirements);
                    ahead.cells.insert(place, cell);
                }
            }
            for (place, thing) in likely_landings(ahead.state.as_ref(), group) {
                let key = landings_key(&place, &thing);
                let landings = found.get(&key).map(|item| from_item(item.clone())).transpose();
                if let (Ok(landings), true) = (landings, keys.contains(&key)) {
                    ahead.landings.insert((place, thing), landings);
                }
            }
        }
        Ok(read_ahead)
    }
}

/// Where the retirements of an environment stand.
fn retirements_key(environment: &Environment) -> Key {
    summary_key(&DeploymentId::of_environment(environment))
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

/// What these events may put live, by where its landings are kept.
fn likely_landings(state: Option<&State>, group: &[Numbered]) -> BTreeSet<(Place, ThingKey)> {
    let completes = |(_, received): &&Numbered| {
        received.event.status == Status::Completed && matches!(received.event.kind, Kind::Deployment)
    };
    let thing = |received: &Received| {
        let named = &received.event.named;
        let (version, commit) = state.map_or((None, None), |state| (state.summary.version(), state.summary.commit()));
        Thing { version: version.or(named.version.clone()), commit: commit.or(named.commit.clone()) }
    };
    let things = group.iter().filter(completes).filter_map(|(_, received)| thing(received).keys().into_iter().next());
    let things: Vec<ThingKey> = things.collect();
    likely_places(state, group)
        .into_iter()
        .flat_map(|place| things.iter().map(move |key| (place.clone(), key.clone())))
        .collect()
}

/// The regions that these events may show to exist, each with its place.
pub(crate) fn likely_regions(group: &[Numbered]) -> Vec<(Place, Key)> {
    let shown = group.iter().flat_map(|(_, received)| shown_by(received));
    let regions = shown.filter_map(|entry| match &entry {
        CatalogEntry::Region(place, _) => Some((place.clone(), catalog_key(&entry))),
        _ => None,
    });
    regions.collect()
}

/// What these events may show to exist, and what says whether versions of their services may be bad.
fn likely_catalog(group: &[Numbered]) -> HashSet<Key> {
    let events = || group.iter().map(|(_, received)| received);
    let shown = events().flat_map(shown_by).map(|entry| catalog_key(&entry));
    let coming = events().filter(|received| on_its_way(&received.event).is_some());
    shown.chain(coming.flat_map(Received::services).map(|service| judged_key(&service))).collect()
}

/// Where it stands that versions of a service may be bad.
pub(crate) fn judged_key(service: &Service) -> Key {
    catalog_key(&CatalogEntry::Judged(service.clone()))
}

/// What an event shows to exist, if it is the first of its deployment.
fn shown_by(received: &Received) -> BTreeSet<CatalogEntry> {
    let mut summary = domain::Summary::empty(received.event.deployment_id.clone());
    // The month of what is ahead of its receipt may be another: then its entry is only not read ahead.
    summary.fold(&received.event, &received.key, received.occurred_at);
    catalog::entries(&summary)
}
