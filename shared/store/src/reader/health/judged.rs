//! Which deployments were judged bad by what was measured, among those that ended in a window.

use std::collections::{BTreeMap, BTreeSet};

use domain::health::piece::Rule;
use domain::health::said::not_cleared;
use domain::health::verdict::{State as Judged, verdict};
use domain::live::thing::Thing;
use domain::questions::delivery::{Against, Ended, How, Window};
use domain::questions::verdicts::Verdicts;
use domain::settings::SettingsInUse;
use domain::{DeploymentId, State, Timestamp};
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
        let (month, last) = (window.from().month(), window.to().month());
        let first = window.from().month_before().unwrap_or(month);
        let observed = self.observed_histories(&first, &last).await?;
        let (settings, _) = in_use;
        let measured = ended.iter().filter(|ended| {
            let (_, figures) = ended;
            figures.reached && (figures.measured || is_observed(ended, &observed, settings))
        });
        let measured: BTreeSet<DeploymentId> = measured.map(|(id, _)| id.clone()).collect();
        if measured.len() > MOST {
            return Ok(None);
        }
        let states: BTreeMap<DeploymentId, State> = self.states(&measured).await?;
        let at = window.to().plus_millis(-1);
        let judged = states.values().map(|state| Box::pin(self.measured_bad(state, at, in_use)));
        let judged: Vec<Option<Against>> =
            stream::iter(judged.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(Some(judged.into_iter().flatten().collect()))
    }

    /// What was measured against a deployment, and not cleared.
    async fn measured_bad(
        &self,
        state: &State,
        at: Timestamp,
        in_use: InUse<'_>,
    ) -> Result<Option<Against>, StoreError> {
        let ((settings, _), summary) = (in_use, &state.summary);
        let (watched, pieces) = self.evidence(summary, When::default(), at, in_use, Read::Measured).await?;
        let is_measured = |rule| {
            matches!(rule, Rule::HealthCheck | Rule::HealthScore | Rule::ErrorRate | Rule::LatencyP95Ms | Rule::Alarm)
        };
        let measured = pieces.into_iter().filter(|piece| is_measured(piece.rule)).collect();
        let (place, thing) = (place_of(summary, settings), Thing::of(summary));
        let mut marks = self.verdicts(&settings.names.services.same(&place.service), None).await?;
        marks.retain(|mark| mark.moment.at <= at);
        let verdicts = Verdicts::of(&thing, [], &marks, &settings.names, &settings.path);
        let stands = not_cleared(measured, &verdicts, &thing, &place.environment);
        let bad = verdict(&watched, &stands, at).filter(|verdict| verdict.state == Judged::Bad);
        Ok(bad.map(|bad| {
            let (id, by) = (summary.deployment_id.clone(), summary.deployment_id.clone());
            Against { deployment_id: id, how: How::JudgedBad, at: bad.since, over_at: None, by }
        }))
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
