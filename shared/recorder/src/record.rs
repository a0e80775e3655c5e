//! Recording: what is read ahead, which deployments are recorded together, and which one after the other.
//!
//! Each write is conditional: a history event on there being none with its key, a summary on the
//! sequence that was read, a live cell on its revision. So whatever happens between reading and
//! writing, and however often a message is delivered, a transaction takes effect once and on what it
//! was decided from, or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;

use domain::catalog::CatalogEntry;
use domain::ledger::commit::Commit;
use domain::ledger::received::{Earlier, Received};
use domain::ledger::room::REGIONS_PER_PLACE;
use domain::live::Place;
use domain::{DeploymentId, Record, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use store::items::cell::CellItem;
use store::items::event::EventItem;
use store::items::from_item;
use store::keys::{catalog_key, event_key};
use store::{Item, Key, StoreError, Table, WriteItems};

use crate::group::Group;
use crate::read_ahead::{ReadAhead, likely_places, likely_regions};
use crate::recorded::{Numbered, Recorded};
use crate::recorder::Recorder;
use crate::taken::Taken;

impl<S: WriteItems> Recorder<S> {
    /// Records events, each deployment's together and in the order given, deployments side by side.
    /// One result for each event, in order; an error means that its event may or may not be
    /// recorded, and that sending it again is safe.
    pub async fn record(&self, received: Vec<Received>, now: Timestamp) -> Vec<Result<Recorded, StoreError>> {
        let taken = Taken::now(now);
        let mut results: Vec<Option<Result<Recorded, StoreError>>> =
            join_all(received.iter().map(|received| self.recorded_elsewhere(received))).await;
        let mut groups: BTreeMap<DeploymentId, Vec<Numbered>> = BTreeMap::new();
        for (index, received) in received.into_iter().enumerate().filter(|(index, _)| results[*index].is_none()) {
            groups.entry(received.event.deployment_id.clone()).or_default().push((index, received));
        }
        // What panics here or can't be read for one event must not take the others along: without what
        // would have been read, each group finds out by itself. What is overloaded is not asked more.
        let mut ahead = match AssertUnwindSafe(self.read_ahead(&groups)).catch_unwind().await {
            Ok(Ok(ahead)) => ahead,
            Ok(Err(error)) if error.busy => {
                return results.into_iter().map(|result| result.unwrap_or_else(|| Err(error.clone()))).collect();
            }
            Ok(Err(_)) | Err(_) => HashMap::new(),
        };
        let groups = groups.into_iter().map(|(id, group)| (group, ahead.remove(&id).unwrap_or_default()));
        let mut lanes: Vec<_> = self.in_lanes(groups).into_iter().map(Vec::into_iter).collect();
        for nth in 0.. {
            let mut round: Vec<(Vec<Numbered>, ReadAhead)> = lanes.iter_mut().filter_map(Iterator::next).collect();
            if round.is_empty() {
                break;
            }
            if nth > 0 {
                // Those before have changed the cells of their places.
                for (_, ahead) in &mut round {
                    ahead.cells.clear();
                }
            }
            for (index, result) in self.record_together(round, taken).await {
                results[index] = Some(result);
            }
        }
        let missing = || Err(StoreError::unreadable("record", "an event was left without a result"));
        results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
    }

    /// What is to be said of an event that was recorded while rules and aliases gave it another deployment than now; none
    /// where it was not. Only what such a rule or alias concerns is looked for.
    async fn recorded_elsewhere(&self, received: &Received) -> Option<Result<Recorded, StoreError>> {
        if received.earlier.is_empty() {
            return None;
        }
        let of = |earlier: &Earlier| earlier.keys.clone().map(|key| event_key(&earlier.deployment_id, &key));
        let keys: BTreeSet<Key> = received.earlier.iter().flat_map(of).collect();
        match self.records(keys.into_iter().collect()).await {
            Ok(records) => {
                let is_it = |record: &Record| received.earlier.iter().any(|earlier| earlier.is(&record.received));
                let record = records.into_values().find(is_it)?;
                Some(Ok(Recorded::before(&received.clone().once(), &record, None)))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether a commit names a region where its place has as many as one may have. It is asked of where the
    /// region is new, so that no ending of what has begun is refused for it. Processes that name new ones at
    /// once can pass the bound by a few.
    pub(crate) async fn has_too_many_regions(&self, commit: &Commit) -> Result<bool, StoreError> {
        for entry in &commit.catalog {
            let CatalogEntry::Region(place, region) = entry else { continue };
            if self.memory.exists(&catalog_key(entry)) {
                continue;
            }
            let regions = self.reader.regions(place).await?;
            if !regions.contains(region) && regions.len() >= REGIONS_PER_PLACE {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The cells of the places that a commit changes, where they were not read ahead.
    pub(crate) async fn missing_cells(
        &self,
        commit: &Commit,
        ahead: &ReadAhead,
    ) -> Result<Vec<(Place, Option<CellItem>)>, StoreError> {
        let mut cells = Vec::new();
        for place in commit.live.keys().filter(|place| !ahead.cells.contains_key(place)) {
            cells.push((place.clone(), self.reader.cell_item(place).await?));
        }
        Ok(cells)
    }

    /// Which of the events under way were recorded under the key that they had before keys were of producers, each by
    /// its place. Only a deployment that was begun by such a version is looked at. What is found holds until it is
    /// written: a record that came in between would have changed the state that is written over.
    pub(crate) async fn recorded_formerly(&self, group: &Group) -> Result<Vec<(usize, Record)>, StoreError> {
        let former: Vec<(usize, Key)> = group.former_keys().collect();
        if former.is_empty() {
            return Ok(Vec::new());
        }
        let keys: BTreeSet<Key> = former.iter().map(|(_, key)| key.clone()).collect();
        let records = self.records(keys.into_iter().collect()).await?;
        Ok(former.into_iter().filter_map(|(at, key)| Some((at, records.get(&key)?.clone()))).collect())
    }

    /// The record of an event, if there is one: under its key, or under the one that it had formerly.
    pub(crate) async fn stored(&self, received: &Received) -> Result<Option<Record>, StoreError> {
        let key = |key| event_key(&received.event.deployment_id, key);
        let records = self.records(vec![key(&received.key), key(&received.former_key())]).await?;
        Ok(records.into_values().next())
    }

    /// The records with these keys that there are.
    async fn records(&self, keys: Vec<Key>) -> Result<BTreeMap<Key, Record>, StoreError> {
        let items = self.reader.store().batch_get(Table::History, keys).await?;
        let record = |item: Item| {
            let key = Key::of(&item).ok_or_else(|| StoreError::unreadable("history event", "it has no key"))?;
            Ok((key, from_item::<EventItem>(item)?.record()?))
        };
        items.into_iter().map(record).collect()
    }

    /// Deployments that are recorded side by side; those that change what is live in one place, or name new
    /// regions there, one after the other. The former all write the place's cell: side by side they would get in
    /// each other's way. The latter are counted.
    fn in_lanes(
        &self,
        groups: impl Iterator<Item = (Vec<Numbered>, ReadAhead)>,
    ) -> Vec<Vec<(Vec<Numbered>, ReadAhead)>> {
        let mut lanes: Vec<Vec<(Vec<Numbered>, ReadAhead)>> = Vec::new();
        let mut of_place: HashMap<Place, usize> = HashMap::new();
        for (group, ahead) in groups {
            let mut places = likely_places(ahead.state.as_ref(), &group);
            places.extend(
                likely_regions(&group).into_iter().filter(|(_, key)| !self.memory.exists(key)).map(|(place, _)| place),
            );
            let lane = places.iter().find_map(|place| of_place.get(place)).copied().unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(Vec::new());
            }
            of_place.extend(places.into_iter().map(|place| (place, lane)));
            lanes[lane].push((group, ahead));
        }
        lanes
    }
}
