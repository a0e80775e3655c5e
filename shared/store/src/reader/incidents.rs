//! Where incidents stand: they are recorded as deployments are, and listed in partitions of their own, so
//! that no list of deployments can come upon one.

use std::collections::BTreeSet;

use domain::identifiers::{Identifier as _, key_part};
use domain::questions::asked::Asked;
use domain::{Environment, Service};
use futures_util::future::try_join;

use super::Reader;
use crate::StoreError;
use crate::keys::INCIDENT_MONTHS;
use crate::port::ReadItems;

impl<S: ReadItems> Reader<S> {
    /// The months (`yyyy-mm`) in which incidents began, with their environments: all, or the one named.
    ///
    /// # Errors
    /// When they can't be read.
    pub(super) async fn incident_months(
        &self,
        environment: &Asked<Environment>,
    ) -> Result<Vec<(Environment, String)>, StoreError> {
        if environment.name().is_some() {
            let mut found = Vec::new();
            for environment in environment.names() {
                let part = key_part::escape(environment.as_str());
                let months = self.catalog(&format!("{INCIDENT_MONTHS}{part}#")).await?;
                found.extend(months.into_iter().map(|month| (environment.clone(), month)));
            }
            return Ok(found);
        }
        let entry = |key: String| {
            let (environment, month) = key.split_once('#').unwrap_or_default();
            let environment =
                Environment::from_key_part(environment).map_err(|e| StoreError::unreadable("catalog", e))?;
            Ok((environment, month.to_owned()))
        };
        self.catalog(INCIDENT_MONTHS).await?.into_iter().map(entry).collect()
    }

    /// Whether an incident began in an environment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_incidents(&self, environment: &Asked<Environment>) -> Result<bool, StoreError> {
        Ok(!self.incident_months(environment).await?.is_empty())
    }

    /// The environments in which something that a question is about can have ended: those
    /// [of deployments](Self::environments_for), and those with incidents, to which nothing need have been
    /// deployed.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_with_figures(
        &self,
        environment: &Asked<Environment>,
        service: &Asked<Service>,
    ) -> Result<Vec<Environment>, StoreError> {
        if environment.name().is_some() {
            return Ok(environment.names().to_vec());
        }
        let deployed = self.environments_for(environment, service);
        let (deployed, months) = try_join(deployed, self.incident_months(environment)).await?;
        let with_incidents = months.into_iter().map(|(environment, _)| environment);
        let environments: BTreeSet<Environment> = deployed.into_iter().chain(with_incidents).collect();
        Ok(environments.into_iter().collect())
    }
}
