//! How a deployment went: what is known of that, read and judged.

use std::collections::BTreeSet;

use domain::health::said::{marked, not_cleared};
use domain::health::verdict::{Reason, State as Judged, Verdict, verdict};
use domain::health::watched::{Watched, landing, may_speak_against, of_its_own};
use domain::ledger::observed::Object;
use domain::ledger::summary::Summary;
use domain::live::thing::Thing;
use domain::live::{Effect, Place};
use domain::questions::gate::{Facts, MeasuredBadly};
use domain::questions::verdicts::Verdicts;
use domain::settings::SettingsInUse;
use domain::{DeploymentId, State, Subject, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::when::When;
use crate::StoreError;
use crate::port::ReadItems;

mod bounds;
mod evidence;
mod judged;
mod listed;
mod suggested;
mod suggestion;

pub use listed::Candidates;

/// The settings by which is judged, and the number of their version, 0 where nothing was ever applied.
pub type InUse<'s> = (&'s SettingsInUse, u64);

/// What is read of a deployment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    /// All that can speak against it.
    Everything,
    /// What was measured: what makes it bad, and not what makes it suspected.
    Measured,
}

impl<S: ReadItems> Reader<S> {
    /// How a deployment in this state went, or had gone by a time; none where it brought nothing, or has not landed and
    /// nothing of its own speaks against it. Of one that is bad with what to do about it.
    ///
    /// # Errors
    /// When what is kept of it can't be read.
    pub async fn verdict_on(
        &self,
        state: &State,
        when: When,
        in_use: InUse<'_>,
        now: Timestamp,
    ) -> Result<Option<Verdict>, StoreError> {
        let Some(mut verdict) = Box::pin(self.judged_on(&state.summary, when, in_use, now)).await? else {
            return Ok(None);
        };
        if verdict.state == Judged::Bad {
            let suggestion = Box::pin(self.suggestion(&state.summary, when, in_use, now));
            let suggested = self.suggested(&state.summary.deployment_id);
            let (suggestion, kept) = try_join(suggestion, suggested).await?;
            verdict.suggestion = Some(suggestion);
            let known_at = when.as_of.unwrap_or(now).min(when.known_at.unwrap_or(Timestamp::MAX));
            verdict.suggested = kept.and_then(|kept| kept.known_at(known_at));
        }
        Ok(Some(verdict))
    }

    /// The same without what to do about it.
    async fn judged_on(
        &self,
        summary: &Summary,
        when: When,
        (settings, version): InUse<'_>,
        now: Timestamp,
    ) -> Result<Option<Verdict>, StoreError> {
        if summary.deployment_id.subject() != Subject::Deployment {
            return Ok(None);
        }
        let at = when.as_of.unwrap_or(now);
        let place = place_of(summary, settings);
        if landing(summary).is_none() && !summary.status().is_terminal() {
            // Whoever follows one that is under way asks often, and for no more than it says itself.
            let bounds = settings.settings.health_bounds(&place.environment, &place.service);
            return Ok(verdict(&Watched::of(summary, &bounds), &of_its_own(summary, &bounds), at));
        }
        let services = settings.names.services.same(&place.service);
        let marks = self.verdicts(&services, when.known_at);
        let evidence = Box::pin(self.evidence(summary, when, at, (settings, version), Read::Everything));
        let (mut marks, (watched, pieces)) = try_join(marks, evidence).await?;
        marks.retain(|mark| mark.moment.at <= at);
        let thing = Thing::of(summary);
        let verdicts = Verdicts::of(&thing, [], &marks, &settings.names, &settings.path);
        let mut pieces = not_cleared(pieces, &verdicts, &thing, &place.environment);
        pieces.extend(marked(&verdicts, &place.service, &place.environment));
        Ok(verdict(&watched, &pieces, at))
    }

    /// The deployments by which a thing that is asked for landed in places, and against which something speaks that was
    /// measured of them and not cleared since: what a gate has to know besides what was undone and said.
    ///
    /// # Errors
    /// When what is kept of them can't be read.
    pub async fn measured_badly(
        &self,
        (asked, facts): (&Thing, &Facts),
        when: When,
        in_use: InUse<'_>,
        now: Timestamp,
    ) -> Result<Vec<MeasuredBadly>, StoreError> {
        let at = when.as_of.unwrap_or(now);
        let courses = facts.courses.iter().map(|(_, course)| course).chain([&facts.proven]);
        let landed = courses.flat_map(|course| &course.landed);
        let landed = landed.filter(|key| key.effect == Effect::Completed).map(|key| key.deployment_id.clone());
        let landed: BTreeSet<DeploymentId> = landed.collect();
        let summaries = self.summaries_at(&landed, when, at).await?;
        let (settings, _) = in_use;
        let judged = summaries.iter().map(|summary| async move {
            let (thing, place) = (Thing::of(summary), place_of(summary, settings));
            // Of most nobody observed anything: then only what its own events measured is judged, if they did.
            let (watched, pieces) = if self.is_observed(summary, settings, at).await? {
                Box::pin(self.evidence(summary, when, at, in_use, Read::Measured)).await?
            } else if let Some(landing) = landing(summary).filter(|_| may_speak_against(summary)) {
                let bounds = Box::pin(self.bounds_at(&place, landing.at, in_use)).await?;
                (Watched::of(summary, &bounds), of_its_own(summary, &bounds))
            } else {
                return Ok(None);
            };
            let verdicts = Verdicts::of(asked, [], &facts.verdicts, &settings.names, &settings.path);
            let mut pieces = not_cleared(pieces, &verdicts, &thing, &place.environment);
            // What undid it, and what people said, the gate knows.
            pieces.retain(|piece| piece.rule.is_measured());
            let bad = verdict(&watched, &pieces, at).filter(|verdict| verdict.state == Judged::Bad);
            Ok::<_, StoreError>(bad.map(|bad| MeasuredBadly {
                environment: place.environment,
                deployment_id: summary.deployment_id.clone(),
                thing,
                since: bad.since,
                why: bad.reasons.iter().map(Reason::words).collect::<Vec<_>>().join(", "),
            }))
        });
        Ok(try_join_all(judged).await?.into_iter().flatten().collect())
    }

    /// Whether anything was observed of a deployment, or of its place since it landed.
    async fn is_observed(
        &self,
        summary: &Summary,
        settings: &SettingsInUse,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let own = Object::Deployment(summary.deployment_id.clone());
        let own = std::iter::once((own, Timestamp::MIN));
        let landed = landing(summary).map_or(at, |landing| landing.at);
        let of_place = objects_in(&place_of(summary, settings), settings).into_iter().map(|place| (place, landed));
        let all: Vec<(Object, Timestamp)> = own.chain(of_place).collect();
        let found = all.iter().map(|(object, from)| self.has_observed(object, *from, at));
        Ok(try_join_all(found).await?.into_iter().any(|found| found))
    }
}

/// The place of a deployment, by the names that settings have.
fn place_of(summary: &Summary, settings: &SettingsInUse) -> Place {
    Place {
        environment: settings.names.environments.resolve(&summary.environment()).clone(),
        service: settings.names.services.resolve(&summary.service()).clone(),
    }
}

/// What is observed of a place, under each of its names; nothing of one that is not known.
fn objects_in(place: &Place, settings: &SettingsInUse) -> Vec<Object> {
    if !place.is_known() {
        return Vec::new();
    }
    let names = &settings.names;
    let (services, environments) = (names.services.same(&place.service), names.environments.same(&place.environment));
    let of_each = environments.iter().flat_map(|environment| {
        let place = |service| Place { environment: environment.clone(), service };
        services.iter().cloned().map(move |service| Object::Place(place(service)))
    });
    of_each.collect()
}
