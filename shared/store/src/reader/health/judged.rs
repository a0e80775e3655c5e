//! Which deployments were judged bad by what was measured, among those that ended in a window.

use std::collections::{BTreeMap, BTreeSet};

use domain::health::piece::Piece;
use domain::health::said::not_cleared;
use domain::health::verdict::{State as Judged, verdict};
use domain::live::thing::Thing;
use domain::questions::delivery::of_day::MeasuredBad;
use domain::questions::delivery::{Against, Ended, Window};
use domain::questions::verdicts::Verdicts;
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Service, State, Timestamp};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::Reader;
use super::super::when::When;
use super::{InUse, Read, place_of};
use crate::StoreError;
use crate::port::ReadItems;

/// How many of them are judged at once.
const AT_ONCE: usize = 16;
/// How many are judged at most for one answer: each takes some reads.
const MOST: usize = 500;

/// What people said of versions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// What they cleared does not count.
    Count,
    /// All counts.
    DontCount,
}

impl<S: ReadItems> Reader<S> {
    /// What was measured against deployments that ended in a window, as of its end; none where more were measured than
    /// are judged for one answer. Of those of which nobody measured anything nothing is read.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn judged_bad(
        &self,
        ended: &[Ended],
        window: &Window,
        in_use: InUse<'_>,
    ) -> Result<Option<Vec<Against>>, StoreError> {
        let measured = self.measured(ended, window, in_use.0).await?;
        if measured.len() > MOST {
            return Ok(None);
        }
        let at = window.to().plus_millis(-1);
        let bad = self.measured_bad(&measured, at, in_use, Marks::Count).await?;
        Ok(Some(bad.into_iter().map(MeasuredBad::against).collect()))
    }

    /// The deployments of which anything was measured that can be bad, among those that ended in a window.
    pub(super) async fn measured(
        &self,
        ended: &[Ended],
        window: &Window,
        settings: &SettingsInUse,
    ) -> Result<BTreeSet<DeploymentId>, StoreError> {
        let (month, last) = (window.from().month(), window.to().month());
        let first = window.from().month_before().unwrap_or(month);
        let observed = self.observed_histories(&first, &last).await?;
        let measured = ended.iter().filter(|ended| {
            let (_, figures) = ended;
            figures.reached && (figures.measured || is_observed(ended, &observed, settings))
        });
        Ok(measured.map(|(id, _)| id.clone()).collect())
    }

    /// What was measured against deployments that ended in a window, cleared or not, by a time at which none of them is
    /// watched any more.
    ///
    /// # Errors
    /// When it can't be read.
    pub(in super::super) async fn measured_against(
        &self,
        ended: &[Ended],
        window: &Window,
        at: Timestamp,
        in_use: InUse<'_>,
    ) -> Result<Vec<MeasuredBad>, StoreError> {
        let measured = self.measured(ended, window, in_use.0).await?;
        self.measured_bad(&measured, at, in_use, Marks::DontCount).await
    }

    /// What of this stands by a time: all but what was cleared.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn not_cleared(
        &self,
        measured: Vec<MeasuredBad>,
        at: Timestamp,
        in_use: InUse<'_>,
    ) -> Result<Vec<MeasuredBad>, StoreError> {
        let names = &in_use.0.names.services;
        let services: BTreeSet<Service> = measured.iter().flat_map(|one| names.same(&one.service)).collect();
        let cleared = self.cleared_services(&services).await?;
        let may_be_cleared = |one: &MeasuredBad| names.same(&one.service).iter().any(|name| cleared.contains(name));
        let (looked_at, mut stands): (Vec<MeasuredBad>, Vec<MeasuredBad>) =
            measured.into_iter().partition(may_be_cleared);
        let ids = looked_at.into_iter().map(|one| one.of).collect();
        stands.extend(self.measured_bad(&ids, at, in_use, Marks::Count).await?);
        Ok(stands)
    }

    /// What was measured against these deployments.
    async fn measured_bad(
        &self,
        measured: &BTreeSet<DeploymentId>,
        at: Timestamp,
        in_use: InUse<'_>,
        marks: Marks,
    ) -> Result<Vec<MeasuredBad>, StoreError> {
        let states: BTreeMap<DeploymentId, State> = self.states(measured).await?;
        let judged = states.values().map(|state| Box::pin(self.measured_bad_of(state, at, in_use, marks)));
        let judged: Vec<Option<MeasuredBad>> =
            stream::iter(judged.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(judged.into_iter().flatten().collect())
    }

    async fn measured_bad_of(
        &self,
        state: &State,
        at: Timestamp,
        in_use: InUse<'_>,
        marks: Marks,
    ) -> Result<Option<MeasuredBad>, StoreError> {
        let ((settings, _), summary) = (in_use, &state.summary);
        let (watched, pieces) = self.evidence(summary, When::default(), at, in_use, Read::Measured).await?;
        let mut stands: Vec<Piece> = pieces.into_iter().filter(|piece| piece.rule.is_measured()).collect();
        let (place, thing) = (place_of(summary, settings), Thing::of(summary));
        if marks == Marks::Count {
            let mut marks = self.verdicts(&settings.names.services.same(&place.service), None).await?;
            marks.retain(|mark| mark.moment.at <= at);
            let verdicts = Verdicts::of(&thing, [], &marks, &settings.names, &settings.path);
            stands = not_cleared(stands, &verdicts, &thing, &place.environment);
        }
        let bad = verdict(&watched, &stands, at).filter(|verdict| verdict.state == Judged::Bad);
        let (of, service) = (summary.deployment_id.clone(), summary.service());
        Ok(bad.map(|bad| MeasuredBad { of, service, since: bad.since }))
    }
}

/// Whether anything was observed of a deployment, or of its place in the hours in which it was watched.
fn is_observed((id, figures): &Ended, observed: &BTreeSet<DeploymentId>, settings: &SettingsInUse) -> bool {
    const HOUR: i64 = 60 * 60 * 1000;
    if observed.is_empty() {
        return false;
    }
    if observed.contains(&DeploymentId::of_observations_of(id)) {
        return true;
    }
    let Some(landed) = figures.landed_at() else { return false };
    let names = &settings.names;
    let (environment, service) =
        (names.environments.resolve(&figures.environment), names.services.resolve(&figures.service));
    let minutes = settings.settings.health_bounds(environment, service).watch_minutes;
    let ends = landed.plus_millis(i64::from(minutes) * 60 * 1000);
    let hours = std::iter::successors(Some(landed), |at| Some(at.plus_millis(HOUR)));
    let mut hours = hours.take_while(|at| *at < ends).chain([ends]);
    hours.any(|at| {
        names.environments.same(&figures.environment).iter().any(|environment| {
            let services = names.services.same(&figures.service);
            services
                .iter()
                .any(|service| observed.contains(&DeploymentId::of_observations_in(environment, service, at)))
        })
    })
}
