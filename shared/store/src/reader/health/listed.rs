//! The versions of a service that are bad by what was measured of them: which deployments can be, and what speaks
//! against each. Which can be is known from the figures of deployments: of days that are over what was bad is kept.

use std::collections::{BTreeMap, BTreeSet};

use domain::health::verdict::measured_badly;
use domain::health::watched::landing;
use domain::ledger::summary::Summary;
use domain::live::thing::Thing;
use domain::questions::asked::Asked;
use domain::questions::bad::Measured;
use domain::questions::delivery::{Hours, Window};
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Service, Timestamp};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::Reader;
use super::super::kept::MOST;
use super::super::when::When;
use super::{InUse, Read, place_of};
use crate::StoreError;
use crate::port::ReadItems;

/// How many of them are judged at once.
const AT_ONCE: usize = 16;

/// The deployments that can be bad by what was measured of them.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Of each service, by the name that was recorded, each with about when it ended.
    pub of: BTreeMap<Service, BTreeSet<(Timestamp, DeploymentId)>>,
    /// Whether more ended than is counted for one answer, so that some are lacking.
    pub cut: bool,
}

impl Candidates {
    /// Those of a service with these names, the newest first.
    #[must_use]
    pub fn of_service<'c>(&'c self, names: &'c BTreeSet<Service>) -> Vec<&'c DeploymentId> {
        let mut all: Vec<&(Timestamp, DeploymentId)> =
            names.iter().filter_map(|name| self.of.get(name)).flatten().collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        all.into_iter().map(|(_, id)| id).collect()
    }

    fn add(&mut self, service: Service, at: Timestamp, id: DeploymentId) {
        self.of.entry(service).or_default().insert((at, id));
    }
}

impl<S: ReadItems> Reader<S> {
    /// The deployments of one service, or of all, that ended in the 400 days before `now`, and can be bad by what was
    /// measured of them.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn can_be_bad(
        &self,
        service: &Asked<Service>,
        now: Timestamp,
        settings: &SettingsInUse,
    ) -> Result<Candidates, StoreError> {
        let environments = self.environments_for(&Asked::default(), service).await?;
        let window = Window::up_to(now, Hours::LONGEST);
        let is_asked = |name: &Service| service.name().is_none() || service.names().contains(name);
        let mut found = Candidates::default();
        let Some(kept) = self.kept(&environments, &window, settings).await? else {
            return Ok(Candidates { cut: true, ..found });
        };
        for bad in kept.facts.measured.into_iter().filter(|bad| is_asked(&bad.service)) {
            found.add(bad.service, bad.since, bad.of);
        }
        for (since, environments) in kept.rest {
            let rest = window.since(since);
            let Some(mut ended) = self.finished(&environments, &rest, MOST).await? else {
                found.cut = true;
                continue;
            };
            ended.retain(|(_, figures)| is_asked(&figures.service));
            if ended.is_empty() {
                continue;
            }
            let measured = self.measured(&ended, &rest, settings).await?;
            for (id, figures) in ended.into_iter().filter(|(id, _)| measured.contains(id)) {
                found.add(figures.service, figures.finished_at, id);
            }
        }
        Ok(found)
    }

    /// What was measured of these deployments and makes them bad, now or at a time, whether it was cleared or not.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn went_badly(
        &self,
        ids: &BTreeSet<DeploymentId>,
        when: When,
        in_use: InUse<'_>,
        now: Timestamp,
    ) -> Result<Vec<Measured>, StoreError> {
        let at = when.as_of.unwrap_or(now);
        let summaries = self.summaries_at(ids, when, at).await?;
        let landed = summaries.iter().filter(|summary| landing(summary).is_some());
        let judged = landed.map(|summary| Box::pin(self.measured_of(summary, when, at, in_use)));
        // In the order of the ids, so that the same is answered whoever is read first.
        let judged: Vec<Option<Measured>> =
            stream::iter(judged.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        Ok(judged.into_iter().flatten().collect())
    }

    async fn measured_of(
        &self,
        summary: &Summary,
        when: When,
        at: Timestamp,
        in_use: InUse<'_>,
    ) -> Result<Option<Measured>, StoreError> {
        let (watched, pieces) = Box::pin(self.evidence(summary, when, at, in_use, Read::Measured)).await?;
        let pieces = measured_badly(&watched, pieces, at);
        Ok((!pieces.is_empty()).then(|| Measured {
            environment: place_of(summary, in_use.0).environment,
            deployment_id: summary.deployment_id.clone(),
            thing: Thing::of(summary),
            pieces,
        }))
    }

    /// What is known of these deployments, or was at a time.
    pub(super) async fn summaries_at(
        &self,
        ids: &BTreeSet<DeploymentId>,
        when: When,
        at: Timestamp,
    ) -> Result<Vec<Summary>, StoreError> {
        if when.is_now() {
            return Ok(self.states(ids).await?.into_values().map(|state| state.summary).collect());
        }
        let then = ids.iter().map(|id| self.summary_then(id, when, at));
        Ok(try_join_all(then).await?.into_iter().flatten().collect())
    }
}
