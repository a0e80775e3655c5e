//! What exists: environments, services, and the months in which there is anything to list.

use std::collections::BTreeMap;

use domain::catalog::CatalogEntry;
use domain::identifiers::{Identifier as _, key_part};
use domain::ledger::room::REGIONS_PER_PLACE;
use domain::live::Place;
use domain::questions::asked::Asked;
use domain::{Environment, Region, Service};
use futures_util::future::try_join_all;

use super::Reader;
use crate::StoreError;
use crate::keys::{CATALOG, ENVIRONMENTS, MONTHS, SERVICES, catalog_key, regions_partition, text};
use crate::port::ReadItems;
use crate::query::{Page, Query};
use crate::tables::{SORT, Table};

/// How many keys are read at once.
const PAGE: usize = 1000;

impl<S: ReadItems> Reader<S> {
    /// All environments, in the order of their keys.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        let names = self.catalog(ENVIRONMENTS).await?;
        Ok(names.iter().filter_map(|name| Environment::from_key_part(name).ok()).collect())
    }

    /// Whether any deployment ever named an environment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_environment(&self, environment: &Environment) -> Result<bool, StoreError> {
        let key = catalog_key(&CatalogEntry::Environment(environment.clone()));
        Ok(self.store().get(Table::State, &key).await?.is_some())
    }

    /// The environments that a service was deployed to.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_of(&self, service: &Service) -> Result<Vec<Environment>, StoreError> {
        let names = self.catalog(&format!("{SERVICES}{}#", key_part::escape(service.as_str()))).await?;
        Ok(names.iter().filter_map(|name| Environment::from_key_part(name).ok()).collect())
    }

    /// The environments that a question is about: the one that it names, else those of the service that
    /// it names, else all.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_for(
        &self,
        environment: &Asked<Environment>,
        service: &Asked<Service>,
    ) -> Result<Vec<Environment>, StoreError> {
        match (environment.names(), service.names()) {
            ([], []) => self.environments().await,
            ([], services) => {
                let of_each = try_join_all(services.iter().map(|service| self.environments_of(service))).await?;
                // In the order of their keys, as each of them is.
                let by_key = |name: Environment| (key_part::escape(name.as_str()).into_owned(), name);
                let environments: BTreeMap<String, Environment> = of_each.into_iter().flatten().map(by_key).collect();
                Ok(environments.into_values().collect())
            }
            (environments, _) => {
                let mut environments = environments.to_vec();
                environments.sort_by(|a, b| key_part::escape(a.as_str()).cmp(&key_part::escape(b.as_str())));
                Ok(environments)
            }
        }
    }

    /// The regions that deployments to a place named, at most one more than one may have.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn regions(&self, place: &Place) -> Result<Vec<Region>, StoreError> {
        let query = Query::of(Table::State, regions_partition(place)).consistent().limit(REGIONS_PER_PLACE + 1);
        let page = self.store().query(&query).await?;
        Ok(sort_keys(&page).filter_map(|name| Region::from_key_part(name).ok()).collect())
    }

    /// The months (`yyyy-mm`) in which an environment had deployments, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn months(&self, environment: &Environment) -> Result<Vec<String>, StoreError> {
        let mut months = self.catalog(&format!("{MONTHS}{}#", key_part::escape(environment.as_str()))).await?;
        months.reverse();
        Ok(months)
    }

    /// Services in the order of their keys, each with its environments; and whether there are more.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn services(
        &self,
        after: Option<&Service>,
        limit: usize,
    ) -> Result<(Vec<(Service, Vec<Environment>)>, bool), StoreError> {
        // By the first part of the key and its `#`, so that the order is that of the keys.
        let mut services: BTreeMap<String, (Service, Vec<Environment>)> = BTreeMap::new();
        // `$` sorts after `#`: it leads past all entries of the service itself.
        let from = after.map(|service| format!("{SERVICES}{}$", key_part::escape(service.as_str())));
        let query = Query::of(Table::State, CATALOG).prefix(SERVICES).after(from.as_deref()).limit(PAGE);
        let mut pages = self.pages(query);
        while let Some(page) = pages.next().await? {
            for sort in sort_keys(&page) {
                let Some(names) = sort.strip_prefix(SERVICES) else { continue };
                let Some((service, environment)) = names.split_once('#') else { continue };
                let part = &names[..=service.len()];
                let (Ok(service), Ok(environment)) =
                    (Service::from_key_part(service), Environment::from_key_part(environment))
                else {
                    continue;
                };
                let (_, environments) = services.entry(part.to_owned()).or_insert((service, Vec::new()));
                environments.push(environment);
            }
            if services.len() > limit {
                return Ok((services.into_values().take(limit).collect(), true));
            }
        }
        Ok((services.into_values().collect(), false))
    }

    /// The rest of each catalog key that begins with `prefix`, in order.
    pub(super) async fn catalog(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        let mut pages = self.pages(Query::of(Table::State, CATALOG).prefix(prefix).limit(PAGE));
        while let Some(page) = pages.next().await? {
            names.extend(sort_keys(&page).map(|sort| sort[prefix.len()..].to_owned()));
        }
        Ok(names)
    }
}

/// The sort keys of the items of a page.
pub(super) fn sort_keys(page: &Page) -> impl Iterator<Item = &str> {
    page.items.iter().filter_map(|item| text(item, SORT))
}
