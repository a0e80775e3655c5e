//! What drift has to know: the cells of all environments that it is looked for in, and then only what a rule asks for.
//!
//! The cells with their tails say most. What they don't say is read for all places together: first landings and
//! deployments in batches, and a page of the log of each place whose tail is too short. So what is read depends on how
//! many places there are, and not on the length of their history. Only what [a comparison](super::landed) takes from
//! whole logs is taken from them here too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::live::log::removals;
use domain::live::{Cell, Entry, Place};
use domain::questions::compare::running;
use domain::questions::drift::{Deployed, Finding, Known, Lacking, Question, Read, Seen, considers, findings};
use domain::{DeploymentId, Environment, Moment, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::log::Series;
use super::retirements::Retirements;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::keys::{Key, summary_key};
use crate::port::ReadItems;
use crate::tables::Table;

mod releases;

/// How many entries of a log are read where the tail of a cell is too short.
const PAGE: usize = 100;
/// How many places are read at once.
const AT_ONCE: usize = 32;

/// The time that is asked for, and what happened to environments by then.
struct When {
    /// None for now.
    as_of: Option<Timestamp>,
    retirements: Retirements,
}

impl When {
    fn up_to(&self) -> Timestamp {
        self.as_of.unwrap_or(Timestamp::MAX)
    }

    /// When an environment was retired, whether or not that was by then.
    fn of(&self, environment: &Environment) -> &[Moment] {
        self.retirements.get(environment).map(Vec::as_slice).unwrap_or_default()
    }

    /// A place at the time, by the newest entries of its log: retirements are among them, as far back as these reach.
    fn seen(&self, place: Place, cell: Cell, newest: Vec<Entry>, read: Read) -> Seen {
        let mut landings: BTreeSet<Entry> = newest.into_iter().filter(|entry| entry.at <= self.up_to()).collect();
        let oldest = landings.first().cloned();
        let reached = |entry: &Entry| read == Read::Whole || oldest.as_ref().is_some_and(|oldest| entry > oldest);
        let removals = removals(&place.environment, self.of(&place.environment));
        landings.extend(removals.filter(|entry| entry.at <= self.up_to() && reached(entry)));
        Seen::new(place, cell, landings.into_iter().rev().collect(), read)
    }
}

impl<S: ReadItems> Reader<S> {
    /// What is found for a question; `as_of` is its time where that is not now.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn drift(&self, question: &Question<'_>, as_of: Option<Timestamp>) -> Result<Vec<Finding>, StoreError> {
        let environments = self.environments().await?.into_iter();
        let environments = environments.filter(|name| considers(name, question.path, question.names));
        let environments: Vec<Environment> = environments.collect();
        let when = When { as_of, retirements: self.retirements_of(&environments).await? };
        let (mut known, incomplete) =
            try_join(self.known(&environments, &when), Box::pin(self.incomplete(question, as_of, &environments)))
                .await?;
        loop {
            match findings(question, &known, &incomplete) {
                Ok(findings) => return Ok(findings),
                Err(lacking) => self.look_up(&mut known, lacking, &when).await?,
            }
        }
    }

    /// What the cells say.
    async fn known(&self, environments: &[Environment], when: &When) -> Result<Known, StoreError> {
        let mut cells: Vec<(Place, Cell)> = Vec::new();
        for some in environments.chunks(AT_ONCE) {
            let of_each = try_join_all(some.iter().map(|environment| self.cell_items(environment))).await?;
            cells.extend(of_each.into_iter().flatten().map(|(place, item)| (place, item.cell)));
        }
        let mut known = Known::default();
        for some in cells.chunks(AT_ONCE) {
            let seen = some.iter().map(|(place, cell)| Box::pin(self.seen(place, cell, when)));
            known.places.extend(try_join_all(seen).await?.into_iter().map(|seen| (seen.place.clone(), seen)));
        }
        let runs = known.places.values().filter(|seen| seen.place.is_known() && running(&seen.cell).is_some());
        let runs: BTreeSet<&Environment> = runs.map(|seen| &seen.place.environment).collect();
        let ended = |name: &&Environment| when.of(name).iter().any(|moment| moment.at <= when.up_to());
        let retired = environments.iter().filter(ended).filter(|name| !runs.contains(name));
        known.retired = retired.cloned().collect();
        Ok(known)
    }

    async fn seen(&self, place: &Place, cell: &Cell, when: &When) -> Result<Seen, StoreError> {
        let retirements = when.of(&place.environment);
        let (tail, read) = (cell.tail.landings.clone(), if cell.tail.cut { Read::Tail } else { Read::Whole });
        let then = match when.as_of {
            None => self.cell_now(place, cell.clone(), retirements).await?,
            Some(time) => self.cell_at(place, (cell, retirements), time, None).await?,
        };
        Ok(when.seen(place.clone(), then, tail, read))
    }

    /// Reads what is lacking.
    async fn look_up(&self, known: &mut Known, lacking: Lacking, when: &When) -> Result<(), StoreError> {
        let landings = self.landings(lacking.landings).await?;
        known.landings.extend(landings.into_iter().map(|(key, item)| (key, item.map(|item| item.landings))));
        known.deployments.extend(self.deployed(lacking.deployments).await?);
        let pages: Vec<&Place> = lacking.pages.iter().filter(|place| !lacking.logs.contains(place)).collect();
        for some in pages.chunks(AT_ONCE) {
            let logs = try_join_all(some.iter().map(|place| self.page_of(place, when.up_to()))).await?;
            add(known, some.iter().copied().zip(logs), when);
        }
        let logs: Vec<&Place> = lacking.logs.iter().collect();
        for some in logs.chunks(AT_ONCE) {
            let logs = try_join_all(some.iter().map(|place| self.entries(place, when.up_to(), None))).await?;
            let logs = logs.into_iter().map(|log| (log, Read::Whole));
            add(known, some.iter().copied().zip(logs), when);
        }
        Ok(())
    }

    /// The newest entries of a log up to a time, and whether they are all.
    async fn page_of(&self, place: &Place, up_to: Timestamp) -> Result<(Vec<Entry>, Read), StoreError> {
        let mut log = self.log(place, Series::Landings, up_to, None).of_pages(PAGE);
        let page = log.next().await?.unwrap_or_default();
        Ok((page, if log.is_at_end() { Read::Whole } else { Read::Page }))
    }

    /// What is known of deployments. One round trip for all of them.
    async fn deployed(
        &self,
        ids: BTreeSet<DeploymentId>,
    ) -> Result<BTreeMap<DeploymentId, Option<Deployed>>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys: HashMap<Key, &DeploymentId> = ids.iter().map(|id| (summary_key(id), id)).collect();
        let items = self.store().batch_get(Table::State, keys.keys().cloned().collect()).await?;
        let mut deployed: BTreeMap<DeploymentId, Option<Deployed>> = ids.iter().map(|id| (id.clone(), None)).collect();
        for item in items {
            let Some(id) = Key::of(&item).and_then(|key| keys.get(&key).copied()) else { continue };
            let state = from_item::<SummaryItem>(item)?.state()?;
            deployed.insert(id.clone(), Some(Deployed::of(&state.summary)));
        }
        Ok(deployed)
    }
}

/// Adds what was read of the logs of places.
fn add<'p>(known: &mut Known, read: impl IntoIterator<Item = (&'p Place, (Vec<Entry>, Read))>, when: &When) {
    for (place, (log, read)) in read {
        if let Some(seen) = known.places.get_mut(place) {
            *seen = when.seen(place.clone(), seen.cell.clone(), log, read);
        }
    }
}
