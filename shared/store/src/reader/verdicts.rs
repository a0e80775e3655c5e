//! What people said of the versions of a service.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalog::CatalogEntry;
use domain::event::Verdict;
use domain::identifiers::Identifier as _;
use domain::ledger::mark::Mark;
use domain::live::thing::Thing;
use domain::questions::bad::Known;
use domain::{DeploymentId, Record, Service, State, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::catalog::sort_keys;
use crate::StoreError;
use crate::items::from_item;
use crate::items::summary::SummaryItem;
use crate::items::undone::UndoneItem;
use crate::keys::{CATALOG, JUDGED, Key, UNDONE_COMMITS, UNDONE_VERSIONS, catalog_key, summary_key};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// All verdicts on versions of a service, which has these names: as they were known at a time, or all. Now it
    /// reads one item for each name; for another time the history of each.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn verdicts(
        &self,
        services: &BTreeSet<Service>,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<Mark>, StoreError> {
        let ids = services.iter().map(DeploymentId::of_verdicts);
        let Some(known_at) = known_at else {
            let items = self.store().batch_get(Table::State, ids.map(|id| summary_key(&id)).collect()).await?;
            let states = items.into_iter().map(|item| from_item::<SummaryItem>(item)?.state());
            let states: Vec<State> = states.collect::<Result<_, StoreError>>()?;
            return Ok(states.into_iter().flat_map(|state| state.summary.verdicts).collect());
        };
        let trails = try_join_all(ids.map(|id| async move { self.trail(&id).await?.whole() })).await?;
        let known = trails.into_iter().flatten().filter(|record| record.recorded_at <= known_at);
        let mark = |record: Record| {
            Mark::of(&record.received.event, &record.received.key, &record.received.producer, record.moment())
        };
        Ok(known.filter_map(mark).collect())
    }

    /// What is known of the versions of a service, which has these names: what people said of them, and what was
    /// undone. What was put in the place of a version, as an earlier one, is not part of it.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn known_of_versions(&self, services: &[Service]) -> Result<Known, StoreError> {
        let names: BTreeSet<Service> = services.iter().cloned().collect();
        let prefixes = [UNDONE_COMMITS, UNDONE_VERSIONS];
        let queries =
            services.iter().flat_map(|service| prefixes.map(|prefix| self.undone_items(service, prefix.to_owned())));
        let (marks, undone) = try_join(self.verdicts(&names, None), try_join_all(queries)).await?;
        let undone = undone.into_iter().flatten().map(|item| (item.place().environment, item.entry));
        Ok(Known { marks, undone: undone.collect(), measured: Vec::new() })
    }

    /// What is known of one version of a service, which has these names: what people said of all of them, and what was
    /// undone of this one. One round trip.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn known_of_version(&self, services: &BTreeSet<Service>, thing: &Thing) -> Result<Known, StoreError> {
        let (marks, undone) = try_join(self.verdicts(services, None), self.undone(services, thing)).await?;
        let undone = undone
            .into_iter()
            .flat_map(|(place, entries)| entries.into_iter().map(move |entry| (place.environment.clone(), entry)));
        Ok(Known { marks, undone: undone.collect(), measured: Vec::new() })
    }

    /// The same for each of several services by its name, with one read for what people said of all of them, and one
    /// query for what was undone of each.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn known_of_each(&self, services: &[Service]) -> Result<BTreeMap<Service, Known>, StoreError> {
        let ids: BTreeMap<Key, &Service> =
            services.iter().map(|service| (summary_key(&DeploymentId::of_verdicts(service)), service)).collect();
        let said = self.store().batch_get(Table::State, ids.keys().cloned().collect());
        let undone = try_join_all(services.iter().map(|service| self.undone_items(service, String::new())));
        let (said, undone) = try_join(said, undone).await?;
        let mut known: BTreeMap<Service, Known> = BTreeMap::new();
        for item in said {
            if let Some(service) = Key::of(&item).and_then(|key| ids.get(&key).copied()) {
                let summary = from_item::<SummaryItem>(item)?.state()?.summary;
                known.entry(service.clone()).or_default().marks = summary.verdicts.into_iter().collect();
            }
        }
        for (service, items) in services.iter().zip(undone) {
            // What named a commit stands under its version a second time.
            let once = |item: &UndoneItem| {
                [UNDONE_COMMITS, UNDONE_VERSIONS].iter().any(|prefix| item.sort().starts_with(prefix))
            };
            let undone = items.into_iter().filter(once).map(|item| (item.place().environment, item.entry));
            known.entry(service.clone()).or_default().undone = undone.collect();
        }
        Ok(known)
    }

    /// Those of these services of which anything was cleared.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) async fn cleared_services(&self, services: &BTreeSet<Service>) -> Result<BTreeSet<Service>, StoreError> {
        let ids: BTreeMap<Key, &Service> =
            services.iter().map(|service| (summary_key(&DeploymentId::of_verdicts(service)), service)).collect();
        let mut cleared = BTreeSet::new();
        if ids.is_empty() {
            return Ok(cleared);
        }
        for item in self.store().batch_get(Table::State, ids.keys().cloned().collect()).await? {
            let service = Key::of(&item).and_then(|key| ids.get(&key).copied());
            let summary = from_item::<SummaryItem>(item)?.state()?.summary;
            if summary.verdicts.iter().any(|mark| mark.outcome == Verdict::Cleared) {
                cleared.extend(service.cloned());
            }
        }
        Ok(cleared)
    }

    /// Which of these names of a service stands first among the [services](Self::judged_services_and) of which versions
    /// may be bad, with these other ones; none where none of them does.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn first_judged(
        &self,
        names: &[Service],
        others: &BTreeSet<&Service>,
    ) -> Result<Option<Service>, StoreError> {
        let key = |name: &Service| catalog_key(&CatalogEntry::Judged(name.clone()));
        let items = self.store().batch_get(Table::State, names.iter().map(key).collect()).await?;
        let others = names.iter().filter(|name| others.contains(name)).map(key);
        let first = items.iter().filter_map(Key::of).chain(others).min();
        Ok(first.and_then(|first| names.iter().find(|name| key(name) == first).cloned()))
    }

    /// The services behind this one of which versions may be bad, and these other ones, in the order of their keys, at
    /// most so many; and whether there are more.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn judged_services_and(
        &self,
        others: &BTreeSet<&Service>,
        after: Option<&Service>,
        limit: usize,
    ) -> Result<(Vec<Service>, bool), StoreError> {
        let key = |service: &Service| catalog_key(&CatalogEntry::Judged(service.clone())).sort;
        let (judged, more) = self.judged_services(after, limit).await?;
        // Of what stands behind the last, the next page tells.
        let (after, last) = (after.map(key), judged.last().map(key).filter(|_| more));
        let mut all: BTreeMap<String, Service> = judged.into_iter().map(|service| (key(&service), service)).collect();
        let others = others.iter().map(|service| (key(service), (*service).clone()));
        let is_between = |key: &String| after.as_ref() < Some(key) && last.as_ref().is_none_or(|last| key <= last);
        all.extend(others.filter(|(key, _)| is_between(key)));
        let more = more || all.len() > limit;
        Ok((all.into_values().take(limit).collect(), more))
    }

    /// The services behind this key of which versions may be bad, in the order of their keys, at most so many; and
    /// whether there are more.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn judged_services(
        &self,
        after: Option<&Service>,
        limit: usize,
    ) -> Result<(Vec<Service>, bool), StoreError> {
        let after = after.map(|service| catalog_key(&CatalogEntry::Judged(service.clone())).sort);
        let query = Query::of(Table::State, CATALOG).prefix(JUDGED).after(after.as_deref()).limit(limit);
        let page = self.store().query(&query).await?;
        let names = sort_keys(&page).filter_map(|sort| Service::from_key_part(sort.strip_prefix(JUDGED)?).ok());
        Ok((names.collect(), page.next_sort_key().is_some()))
    }
}
