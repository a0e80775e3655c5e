//! What stands in the state and follows from nothing in the history.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalog::CatalogEntry;
use domain::identifiers::Identifier as _;
use domain::live::Place;
use domain::{DeploymentId, Environment, Region, Service, Subject, Timestamp};
use store::items::cell::CellItem;
use store::keys::kept::FIGURES;
use store::keys::listings::RELEASE_DAYS;
use store::keys::{
    CATALOG, DRIFT, GAUGES, INCIDENT_MONTHS, JUDGED, METRICS, MONTHS, NOTED, OBSERVED_MONTHS, REJECTED_DAYS, RETIRED,
    SERVICES, TOLD, catalog_key, id_of_partition, rejected_day_key, summary_key,
};
use store::position::{active_partition, list_partition, month_partition, year_partition};
use store::query::Query;
use store::tables::{ACTIVE, BY_ENVIRONMENT, BY_FINISHED, BY_SERVICE};
use store::{Key, ReadItems, StoreError, Table};

use crate::compare;
use crate::history::Expected;
use crate::rebuilder::Rebuilder;
use crate::rebuilt::Rebuilt;

/// What stands in the state.
#[derive(Default)]
pub(crate) struct StoredKeys {
    /// The deployments that have a summary.
    pub(crate) deployments: BTreeSet<DeploymentId>,
    /// The places of which anything is kept.
    pub(crate) places: BTreeSet<Place>,
    /// What is in lists and catalogs.
    listed: BTreeSet<Key>,
    /// What is nothing of ours.
    foreign: BTreeSet<Key>,
}

impl<S: ReadItems> Rebuilder<S> {
    /// What stands in the state: all of it, where everything can be listed, and else what lists and indexes name.
    pub(crate) async fn stored_keys(&self, cells: &BTreeMap<Place, CellItem>) -> Result<StoredKeys, StoreError> {
        let mut stored = StoredKeys { places: cells.keys().cloned().collect(), ..StoredKeys::default() };
        match &self.keys {
            Some(keys) => {
                for key in keys(Table::State)? {
                    stored.add(key);
                }
            }
            None => self.named_keys(&mut stored).await?,
        }
        for service in std::mem::take(&mut stored.undone_services()) {
            for item in self.reader.undone_of(&service).await? {
                stored.places.insert(item.place());
            }
        }
        Ok(stored)
    }

    /// Adds what lists and indexes name.
    async fn named_keys(&self, stored: &mut StoredKeys) -> Result<(), StoreError> {
        for partition in [CATALOG, RELEASE_DAYS, REJECTED_DAYS] {
            let mut pages = self.reader.pages(Query::of(Table::State, partition).consistent());
            while let Some(page) = pages.next().await? {
                page.items.iter().filter_map(Key::of).for_each(|key| stored.add(key));
            }
        }
        let catalog: Vec<String> =
            stored.listed.iter().filter(|key| key.partition == CATALOG).map(|key| key.sort.clone()).collect();
        let named = |prefix: &str| {
            let rest = catalog.iter().filter_map(|sort| sort.strip_prefix(prefix)).map(str::to_owned);
            rest.collect::<Vec<_>>()
        };
        let mut partitions = Vec::new();
        let mut years = BTreeSet::new();
        for month in named(MONTHS) {
            let Some((environment, month)) = month.rsplit_once('#') else { continue };
            let Ok(environment) = Environment::from_key_part(environment) else { continue };
            years.extend(month.get(..4).map(str::to_owned));
            partitions.push((BY_ENVIRONMENT, month_partition(&environment, month)));
            partitions.push((BY_FINISHED, month_partition(&environment, month)));
            partitions.push((ACTIVE, active_partition(&environment)));
        }
        for month in named(INCIDENT_MONTHS) {
            partitions.push((BY_ENVIRONMENT, list_partition(Subject::Incident, &month)));
        }
        for month in named(OBSERVED_MONTHS) {
            partitions.push((BY_ENVIRONMENT, list_partition(Subject::Observations, &month)));
        }
        for place in named(SERVICES) {
            let Some((service, environment)) = place.split_once('#') else { continue };
            let (Ok(service), Ok(environment)) =
                (Service::from_key_part(service), Environment::from_key_part(environment))
            else {
                continue;
            };
            let of_year = |year| (BY_SERVICE, year_partition(&service, &environment, year));
            partitions.extend(years.iter().map(|year| of_year(year)));
            let place = Place { environment, service };
            for region in self.reader.regions(&place).await? {
                stored.listed.insert(region_key(&place, region));
            }
            stored.places.insert(place);
        }
        for (index, partition) in partitions {
            let mut pages = self.reader.pages(Query::of_index(Table::State, index, partition));
            while let Some(page) = pages.next().await? {
                page.items.iter().filter_map(Key::of).for_each(|key| stored.add(key));
            }
        }
        let environments = named(RETIRED).into_iter().filter_map(|name| Environment::from_key_part(&name).ok());
        let services = named(JUDGED).into_iter().filter_map(|name| Service::from_key_part(&name).ok());
        let ids = environments.map(|environment| DeploymentId::of_environment(&environment));
        stored.deployments.extend(ids.chain(services.map(|service| DeploymentId::of_verdicts(&service))));
        Ok(())
    }

    /// Finds what follows from nothing.
    pub(crate) fn find_strays(&self, stored: &StoredKeys, expected: &Expected, found: &mut Rebuilt) {
        for key in &stored.foreign {
            found.add(compare::stray(key, "nothing is kept under such a key"));
        }
        // What was shown by events that are gone, nobody can say.
        if self.retention.ends() || !expected.left_alone.is_empty() {
            return;
        }
        for key in stored.listed.iter().filter(|key| key.partition != REJECTED_DAYS) {
            if !expected.may_stand.contains(key) {
                found.add(compare::stray(key, "stored, but not in history"));
            }
        }
    }

    /// The days on which something was refused must be listed, so that a reader need not look at each day; and no
    /// others.
    pub(crate) async fn compare_rejected_days(
        &self,
        (first, last): (Timestamp, Timestamp),
        stored: &StoredKeys,
        found: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        let listed: BTreeSet<&str> =
            stored.listed.iter().filter(|key| key.partition == REJECTED_DAYS).map(|key| key.sort.as_str()).collect();
        for day in first.days_to(last).filter(|day| !listed.contains(day.as_str())) {
            if !self.reader.rejected(&day, None, 1).await?.0.is_empty() {
                let key = rejected_day_key(&day);
                found.add(compare::missing(&key, key.clone().into()));
            }
        }
        for day in listed.into_iter().filter(|_| !self.retention.ends()) {
            if self.reader.rejected(day, None, 1).await?.0.is_empty() {
                found.add(compare::stray(&rejected_day_key(day), "stored, but nothing was refused on that day"));
            }
        }
        Ok(())
    }

    /// Every cell of the environments that the catalog knows, or that anything is kept of.
    pub(crate) async fn all_cells(&self) -> Result<BTreeMap<Place, CellItem>, StoreError> {
        let mut environments: BTreeSet<Environment> = self.reader.environments().await?.into_iter().collect();
        if let Some(keys) = &self.keys {
            let cells = keys(Table::State)?;
            let names = cells.iter().filter_map(|key| key.partition.strip_prefix("LIVE#"));
            environments.extend(names.filter_map(|name| Environment::from_key_part(name).ok()));
        }
        let mut cells = BTreeMap::new();
        for environment in environments {
            cells.extend(self.reader.cell_items(&environment).await?);
        }
        Ok(cells)
    }
}

fn region_key(place: &Place, region: Region) -> Key {
    catalog_key(&CatalogEntry::Region(place.clone(), region))
}

impl StoredKeys {
    /// Adds a key to what it is of.
    fn add(&mut self, key: Key) {
        let (kind, rest) = key.partition.split_once('#').unwrap_or((&key.partition, ""));
        match kind {
            "DEPLOYMENT" | "ENVIRONMENT" | "VERDICT" | "OBSERVATION" => match id_of_partition(&key.partition) {
                Ok(id) if summary_key(&id) == key => {
                    self.deployments.insert(id);
                }
                // A note of a notification.
                Ok(_) if key.sort.starts_with("STUCK#") || key.sort.starts_with(TOLD) => {}
                _ => {
                    self.foreign.insert(key);
                }
            },
            "LIVE" | "LANDED" => {
                let (environment, service) = rest.split_once('#').unwrap_or((rest, &key.sort));
                match (Environment::from_key_part(environment), Service::from_key_part(service)) {
                    (Ok(environment), Ok(service)) => {
                        self.places.insert(Place { environment, service });
                    }
                    _ => {
                        self.foreign.insert(key);
                    }
                }
            }
            "UNDONE" | CATALOG | "REGIONS" | "RELEASE" | "ARTIFACT" | RELEASE_DAYS | "NAMED" | "OBSERVED"
            | REJECTED_DAYS => {
                self.listed.insert(key);
            }
            // Notes that no answer is made of: who reads them looks whether they hold.
            "DECLARED" | GAUGES | NOTED | METRICS | DRIFT | FIGURES => {}
            _ => {
                self.foreign.insert(key);
            }
        }
    }

    /// The services of which it is kept that something was undone. What that is, the log of each place says.
    fn undone_services(&mut self) -> BTreeSet<Service> {
        let (undone, listed) = std::mem::take(&mut self.listed)
            .into_iter()
            .partition::<BTreeSet<Key>, _>(|key| key.partition.starts_with("UNDONE#"));
        self.listed = listed;
        let names = undone.iter().filter_map(|key| key.partition.strip_prefix("UNDONE#"));
        names.filter_map(|name| Service::from_key_part(name).ok()).collect()
    }
}
