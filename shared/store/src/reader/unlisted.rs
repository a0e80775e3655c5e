//! What the catalog has and lists don't show: places that each deployment left when its name was corrected, and
//! environments that were retired. Entries of the catalog are never taken back, because a process remembers
//! which there are; so this is found when it is asked for.

use std::collections::BTreeSet;

use domain::identifiers::Identifier as _;
use domain::live::Place;
use domain::questions::asked::Asked;
use domain::{Environment, Service};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::lists::ListQuery;
use crate::StoreError;
use crate::keys::LEFT;
use crate::port::ReadItems;

/// How many names are looked at at once.
const AT_ONCE: usize = 16;

/// What lists don't show.
#[derive(Debug, Default)]
pub struct Unlisted {
    environments: BTreeSet<Environment>,
    places: BTreeSet<Place>,
}

impl Unlisted {
    /// Whether an environment is not shown.
    #[must_use]
    pub fn has(&self, environment: &Environment) -> bool {
        self.environments.contains(environment)
    }

    /// Whether a service is not shown in an environment.
    #[must_use]
    pub fn has_place(&self, service: &Service, environment: &Environment) -> bool {
        self.has(environment)
            || self.places.contains(&Place { environment: environment.clone(), service: service.clone() })
    }
}

impl<S: ReadItems> Reader<S> {
    /// What lists don't show of these environments; where retired ones are asked for, these are shown.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn unlisted(&self, environments: &[Environment], with_retired: bool) -> Result<Unlisted, StoreError> {
        let retired = async { if with_retired { Ok(BTreeSet::new()) } else { self.retired(environments).await } };
        let (left, retired) = try_join(self.empty(), retired).await?;
        let of_left: Vec<Environment> =
            left.iter().map(|place| place.environment.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut empty = Vec::new();
        for some in of_left.chunks(AT_ONCE) {
            let stand = try_join_all(some.iter().map(|environment| self.has_any(environment, None))).await?;
            empty.extend(
                some.iter().zip(stand).filter(|(_, stands)| !stands).map(|(environment, _)| environment.clone()),
            );
        }
        let environments = empty.into_iter().chain(retired).collect();
        Ok(Unlisted { environments, places: left })
    }

    /// The places that a deployment left and where none stands.
    async fn empty(&self) -> Result<BTreeSet<Place>, StoreError> {
        let left = self.catalog(LEFT).await?;
        let places = left.iter().filter_map(|names| {
            let (environment, service) = names.split_once('#')?;
            let environment = Environment::from_key_part(environment).ok()?;
            Some(Place { environment, service: Service::from_key_part(service).ok()? })
        });
        let places: Vec<Place> = places.collect();
        let mut empty = BTreeSet::new();
        for some in places.chunks(AT_ONCE) {
            let stand = some.iter().map(|place| self.has_any(&place.environment, Some(&place.service)));
            let stand = try_join_all(stand).await?;
            empty.extend(some.iter().zip(stand).filter(|(_, stands)| !stands).map(|(place, _)| place.clone()));
        }
        Ok(empty)
    }

    /// Whether any deployment stands in an environment, or there under a service.
    async fn has_any(&self, environment: &Environment, service: Option<&Service>) -> Result<bool, StoreError> {
        let service = service.cloned().map(Asked::from).unwrap_or_default();
        let query = ListQuery { environment: environment.clone().into(), service, ..ListQuery::default() };
        Ok(!self.list(&query, None, 1).await?.0.is_empty())
    }
}
