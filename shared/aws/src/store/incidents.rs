//! Where incidents stand: they are recorded as deployments are, and listed in partitions of their own, so
//! that no list of deployments can come upon one.

use std::collections::BTreeSet;

use domain::identifiers::Identifier as _;
use domain::{Environment, Service};
use futures_util::future::try_join;

use super::Store;
use crate::StoreError;

/// How the catalog's keys of months with incidents begin.
pub(super) const MONTHS: &str = "INCIDENTS#";

/// The partition of a list: of incidents, or of deployments. `#` is part of no name, and this is one
/// more of them.
pub(super) fn list_pk(of_incidents: bool, partition: String) -> String {
    if of_incidents { format!("incident#{partition}") } else { partition }
}

impl Store {
    /// The months (`yyyy-mm`) in which incidents began, with their environments: all, or the one named.
    ///
    /// # Errors
    /// When they can't be read.
    pub(super) async fn incident_months(
        &self,
        environment: Option<&Environment>,
    ) -> Result<Vec<(Environment, String)>, StoreError> {
        if let Some(environment) = environment {
            let months = self.catalog(&format!("{MONTHS}{environment}#")).await?;
            return Ok(months.into_iter().map(|month| (environment.clone(), month)).collect());
        }
        let entry = |key: String| {
            let (environment, month) = key.split_once('#').unwrap_or_default();
            let environment = Environment::parse(environment).map_err(|e| StoreError::unreadable("catalog", e))?;
            Ok((environment, month.to_owned()))
        };
        self.catalog(MONTHS).await?.into_iter().map(entry).collect()
    }

    /// The environments in which something that a question is about can have ended: those that are
    /// [asked of deployments](Self::environments_asked), and those with incidents, to which nothing need
    /// have been deployed.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn environments_of_figures(
        &self,
        environment: Option<&Environment>,
        service: Option<&Service>,
    ) -> Result<Vec<Environment>, StoreError> {
        if let Some(environment) = environment {
            return Ok(vec![environment.clone()]);
        }
        let deployed = self.environments_asked(None, service);
        let (deployed, months) = try_join(deployed, self.incident_months(None)).await?;
        let with_incidents = months.into_iter().map(|(environment, _)| environment);
        let environments: BTreeSet<Environment> = deployed.into_iter().chain(with_incidents).collect();
        Ok(environments.into_iter().collect())
    }
}
