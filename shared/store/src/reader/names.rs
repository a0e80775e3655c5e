//! What a person can name: the services, environments and versions that were recorded.

use domain::catalog::KnownNames;
use domain::questions::asked::Asked;
use domain::{Environment, Service, Version};
use futures_util::future::try_join3;

use super::Reader;
use super::lists::ListQuery;
use crate::StoreError;
use crate::port::ReadItems;

/// How many services are suggested.
const SERVICES: usize = 1000;
/// Of how many of the latest deployments the versions are suggested.
const DEPLOYMENTS: usize = 100;

impl<S: ReadItems> Reader<S> {
    /// What is known by name: the first thousand services, and the versions of one if it is asked about.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn known_names(&self, service: &Asked<Service>) -> Result<KnownNames, StoreError> {
        let environments = async {
            let mut all = self.environments().await?;
            let unlisted = self.unlisted(&all, false).await?;
            all.retain(|name| *name != Environment::unknown() && !unlisted.has(name));
            Ok(all)
        };
        let versions = async {
            match service.name() {
                None => Ok(Vec::new()),
                Some(_) => self.versions(service, None, DEPLOYMENTS).await.map(|(versions, _)| versions),
            }
        };
        let (environments, (services, _), versions) =
            try_join3(environments, self.services(None, SERVICES), versions).await?;
        let services = services.into_iter().map(|(service, _)| service).filter(|name| *name != Service::unknown());
        let versions = versions.into_iter().map(|(version, _)| version).collect();
        Ok(KnownNames { environments, services: services.collect(), versions })
    }

    /// Whether any deployment named a service.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_service(&self, service: &Asked<Service>) -> Result<bool, StoreError> {
        Ok(!self.environments_for(&Asked::default(), service).await?.is_empty())
    }

    /// Whether any deployment of a service named a version; none where there are too many deployments to say no.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_version(&self, service: &Asked<Service>, version: Version) -> Result<Option<bool>, StoreError> {
        let query = ListQuery { service: service.clone(), version: Some(version), ..ListQuery::default() };
        let (found, next) = self.list(&query, None, 1).await?;
        Ok(if found.is_empty() && next.is_some() { None } else { Some(!found.is_empty()) })
    }
}
