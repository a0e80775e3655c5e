//! What exists: the environments and services that deployments name, and the months in which an
//! environment had any, or any incident, so that a list can walk back over years without asking of
//! empty ones.

use std::collections::BTreeSet;

use crate::identifiers::{Environment, Region, Service};
use crate::ledger::summary::Summary;
use crate::live::Place;
use crate::{Status, Subject};

/// What is known by name, for whoever is to name something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// The environments that lists show.
    pub environments: Vec<Environment>,
    /// The services.
    pub services: Vec<Service>,
    /// The versions of the service that is asked about, newest deployment first.
    pub versions: Vec<String>,
}

/// One thing that exists. Never taken back: a catalog entry says that something was named once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogEntry {
    /// An environment.
    Environment(Environment),
    /// A place that a deployment left when its name was corrected: maybe nothing stands there any more.
    Left(Place),
    /// An environment that was retired.
    Retired(Environment),
    /// A service, and an environment that it was deployed to.
    Service(Service, Environment),
    /// A region of an environment that a service was deployed to.
    Region(Place, Region),
    /// A month (`yyyy-mm`) in which a deployment to the environment started.
    Month(Environment, String),
    /// A service of which a version was called bad or cleared, or a deployment may have been undone.
    Judged(Service),
    /// A month (`yyyy-mm`) in which an incident in the environment began.
    IncidentMonth(Environment, String),
    /// A month (`yyyy-mm`) in which something was observed in the environment, or of a deployment that names none.
    ObservedMonth(Environment, String),
}

impl CatalogEntry {
    fn is_month(&self) -> bool {
        matches!(self, Self::Month(..) | Self::IncidentMonth(..) | Self::ObservedMonth(..))
    }

    /// Whether it shows nothing of where a deployment is.
    fn is_of_no_place(&self) -> bool {
        self.is_month() || matches!(self, Self::Judged(_))
    }
}

/// What a deployment shows to exist that it did not show before: that it left a place, too.
#[must_use]
pub fn changes(before: Option<&Summary>, after: &Summary) -> BTreeSet<CatalogEntry> {
    let (old, new) = (before.map(entries).unwrap_or_default(), entries(after));
    let left = before.filter(|_| old.iter().any(|entry| !entry.is_of_no_place() && !new.contains(entry)));
    let left =
        left.map(|before| CatalogEntry::Left(Place { environment: before.environment(), service: before.service() }));
    new.difference(&old).cloned().chain(left).collect()
}

/// What a deployment shows to exist. An incident shows only itself: it deploys nothing anywhere. So do the
/// retirements of an environment, the verdicts of a service, and observations.
#[must_use]
pub fn entries(summary: &Summary) -> BTreeSet<CatalogEntry> {
    let (environment, service) = (summary.environment(), summary.service());
    let month = summary.created_at().month();
    match summary.deployment_id.subject() {
        Subject::Incident => BTreeSet::from([CatalogEntry::IncidentMonth(environment, month)]),
        Subject::Environment => BTreeSet::from([CatalogEntry::Retired(environment)]),
        Subject::Verdicts => BTreeSet::from([CatalogEntry::Judged(service)]),
        Subject::Observations => BTreeSet::from([CatalogEntry::ObservedMonth(environment, month)]),
        Subject::Deployment => {
            let place = Place { environment: environment.clone(), service: service.clone() };
            let region = summary.region().filter(|_| place.is_known());
            let region = region.map(|region| CatalogEntry::Region(place, region));
            let judged = may_be_undone(summary).then(|| CatalogEntry::Judged(service.clone()));
            let named = [
                CatalogEntry::Month(environment.clone(), month),
                CatalogEntry::Service(service, environment.clone()),
                CatalogEntry::Environment(environment),
            ];
            named.into_iter().chain(region).chain(judged).collect()
        }
    }
}

/// Whether a deployment may have been undone: its log says whether it was. Events that come later never take it
/// back, as they can an undoing.
fn may_be_undone(summary: &Summary) -> bool {
    let ended = |status: Status| summary.endings.iter().any(|ending| ending.order.status() == status);
    ended(Status::RolledBack) || ended(Status::Failed) && ended(Status::Completed)
}
