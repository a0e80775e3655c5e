//! How a deployment went: what is known of that, read and judged.

use std::collections::{BTreeMap, BTreeSet};

use domain::health::piece::{Piece, of_observed};
use domain::health::said::{incident, marked, not_cleared};
use domain::health::verdict::{Reason, Verdict, verdict};
use domain::health::watched::{Watched, landing, of_its_own};
use domain::identifiers::Identifier;
use domain::ledger::observed::{Object, Observed};
use domain::ledger::past::state_at;
use domain::ledger::summary::Summary;
use domain::live::thing::Thing;
use domain::live::{Effect, Place};
use domain::questions::gate::{Facts, MeasuredBadly};
use domain::questions::verdicts::Verdicts;
use domain::settings::{Aliases, HealthBounds};
use domain::{DeploymentId, State, Subject, Timestamp};
use futures_util::future::{try_join, try_join_all, try_join3};
use store::reader::timeline::{Looked, Span};
use store::{ListQuery, ReadItems, StoreError};

use super::at::When;
use crate::{SettingsInUse, StatusQuery};

mod judged;

/// How many incidents are read at once.
const INCIDENTS: usize = 50;

/// What is read of a deployment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    /// All that can speak against it.
    Everything,
    /// What was measured: what makes it bad, and not what makes it suspected.
    Measured,
}

impl<S: ReadItems> StatusQuery<S> {
    /// How a deployment in this state went, or had gone by a time; none where it brought nothing, or has not landed and
    /// nothing of its own speaks against it. `version` is that of the settings in use.
    pub(crate) async fn verdict_on(
        &self,
        state: &State,
        when: When,
        (settings, version): (&SettingsInUse, u64),
        now: Timestamp,
    ) -> Result<Option<Verdict>, StoreError> {
        let summary = &state.summary;
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
        let marks = self.reader.verdicts(&services, when.known_at);
        let evidence = Box::pin(self.evidence(summary, when, at, (settings, version), Read::Everything));
        let (mut marks, (watched, pieces)) = try_join(marks, evidence).await?;
        marks.retain(|mark| mark.moment.at <= at);
        let thing = Thing::of(summary);
        let verdicts = Verdicts::of(&thing, [], &marks, &settings.names, &settings.path);
        let mut pieces = not_cleared(pieces, &verdicts, &thing, &place.environment);
        pieces.extend(marked(&verdicts, &place.service, &place.environment));
        Ok(verdict(&watched, &pieces, at))
    }

    /// The deployments by which a thing landed in places, and against which something speaks that was measured of them
    /// and not cleared since: what a gate has to know besides what was undone and said.
    pub(crate) async fn measured_badly(
        &self,
        facts: &Facts,
        when: When,
        in_use: (&SettingsInUse, u64),
        now: Timestamp,
    ) -> Result<Vec<MeasuredBadly>, StoreError> {
        let at = when.as_of.unwrap_or(now);
        let landed = facts.courses.iter().flat_map(|(_, course)| &course.landed);
        let landed = landed.filter(|key| key.effect == Effect::Completed).map(|key| key.deployment_id.clone());
        let landed: BTreeSet<DeploymentId> = landed.collect();
        let summaries: Vec<Summary> = if when.is_now() {
            self.reader.states(&landed).await?.into_values().map(|state| state.summary).collect()
        } else {
            let then = landed.iter().map(|id| self.summary_then(id, when, at));
            try_join_all(then).await?.into_iter().flatten().collect()
        };
        let (settings, _) = in_use;
        let judged = summaries.iter().map(|summary| async move {
            // Of most nobody observed anything: then by which bounds it would be judged is of no concern.
            if !self.is_observed(summary, settings, at).await? {
                return Ok(None);
            }
            let (watched, pieces) = Box::pin(self.evidence(summary, when, at, in_use, Read::Measured)).await?;
            let (thing, place) = (Thing::of(summary), place_of(summary, settings));
            let verdicts = Verdicts::of(&thing, [], &facts.verdicts, &settings.names, &settings.path);
            let mut pieces = not_cleared(pieces, &verdicts, &thing, &place.environment);
            // What undid it the gate knows; and what was recorded before there were observations denies nothing.
            pieces.retain(|piece| piece.history.subject() == Subject::Observations);
            let bad =
                verdict(&watched, &pieces, at).filter(|verdict| verdict.state == domain::health::verdict::State::Bad);
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
        let found = all.iter().map(|(object, from)| self.reader.has_observed(object, *from, at));
        Ok(try_join_all(found).await?.into_iter().any(|found| found))
    }

    /// What speaks for and against a deployment but for what people said, and when it was watched.
    async fn evidence(
        &self,
        summary: &Summary,
        when: When,
        at: Timestamp,
        in_use: (&SettingsInUse, u64),
        read: Read,
    ) -> Result<(Watched, Vec<Piece>), StoreError> {
        let (settings, _) = in_use;
        let place = place_of(summary, settings);
        let landed = landing(summary).map_or(at, |landing| landing.at);
        let bounds = self.bounds_at(&place, landed, in_use).await?;
        let mut watched = Watched::of(summary, &bounds);
        let own = Object::Deployment(summary.deployment_id.clone());
        let own = self.reader.observed(&own, Timestamp::MIN, at);
        let of_place = Box::pin(self.observed_in(&place, &watched, at, settings));
        let incidents = async {
            match read {
                Read::Everything => Box::pin(self.incidents_in(&place, &watched, when, at, settings)).await,
                Read::Measured => Ok(Vec::new()),
            }
        };
        let (own, of_place, incidents) = try_join3(own, of_place, incidents).await?;
        if !of_place.is_empty() || !incidents.is_empty() {
            watched = watched.until(Box::pin(self.ran_until(summary, when, at)).await?);
        }
        let mut observed: Vec<Observed> = own.into_iter().chain(of_place).collect();
        observed
            .retain(|row| is_of(row, summary, settings) && when.known_at.is_none_or(|known| row.recorded_at <= known));
        let received: BTreeSet<Timestamp> = observed.iter().map(|row| row.recorded_at).collect();
        let then = Box::pin(self.bounds_of_each(&place, received, in_use)).await?;
        let mut pieces: Vec<Piece> = of_its_own(summary, &bounds);
        let (of, thing) = ((&place.service, &place.environment), Thing::of(summary));
        pieces.extend(incidents.iter().filter_map(|began| incident(began, of, &settings.names, &thing)));
        for row in &observed {
            pieces.extend(of_observed(row, then.get(&row.recorded_at).unwrap_or(&bounds)));
        }
        Ok((watched, pieces))
    }

    /// What the events say of a deployment, or of an incident, of another time; none where there was none then.
    async fn summary_then(&self, id: &DeploymentId, when: When, at: Timestamp) -> Result<Option<Summary>, StoreError> {
        let records = self.reader.trail(id).await?.records;
        Ok(state_at(&records, at, when.known_at).map(|state| state.summary))
    }

    /// What was observed of whatever ran in a place, under any of its names, while a deployment was watched.
    async fn observed_in(
        &self,
        place: &Place,
        watched: &Watched,
        at: Timestamp,
        settings: &SettingsInUse,
    ) -> Result<Vec<Observed>, StoreError> {
        let (Some(from), Some(ends)) = (watched.landed, watched.watch_ends()) else { return Ok(Vec::new()) };
        let places = objects_in(place, settings);
        let of_each = places.iter().map(|place| self.reader.observed(place, from, ends.min(at)));
        Ok(try_join_all(of_each).await?.into_iter().flatten().collect())
    }

    /// The incidents that began in a place, under any of its names, while a deployment is suspected.
    async fn incidents_in(
        &self,
        place: &Place,
        watched: &Watched,
        when: When,
        at: Timestamp,
        settings: &SettingsInUse,
    ) -> Result<Vec<Summary>, StoreError> {
        let (Some(from), Some(ends)) = (watched.landed, watched.suspicion_ends()) else { return Ok(Vec::new()) };
        if !place.is_known() {
            return Ok(Vec::new());
        }
        let names = &settings.names;
        let mut began = Vec::new();
        for environment in names.environments.same(&place.environment) {
            for service in names.services.same(&place.service) {
                let query = ListQuery {
                    subject: Subject::Incident,
                    environment: environment.clone().into(),
                    service: service.into(),
                    from: Some(from),
                    to: Some(ends.min(at).plus_millis(1)),
                    ..ListQuery::default()
                };
                let mut position = None;
                loop {
                    let (states, next) = Box::pin(self.reader.list(&query, position.as_deref(), INCIDENTS)).await?;
                    began.extend(states.into_iter().map(|state| state.summary));
                    position = next;
                    if position.is_none() {
                        break;
                    }
                }
            }
        }
        if when.is_now() {
            return Ok(began);
        }
        // At another time it may have had another name, or not have been known.
        let then = began.iter().map(|summary| self.summary_then(&summary.deployment_id, when, at));
        Ok(try_join_all(then).await?.into_iter().flatten().collect())
    }

    /// Until when a deployment was what ran in its place; none while it does, or where nothing says it.
    async fn ran_until(&self, summary: &Summary, when: When, at: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(landing) = landing(summary) else { return Ok(None) };
        let place = Place { environment: summary.environment(), service: summary.service() };
        let (cells, retirements) = (BTreeSet::from([place.clone()]), [place.environment.clone()]);
        let (cells, retirements) =
            try_join(self.reader.cells_of(&cells), self.reader.retirements_of(&retirements)).await?;
        let Some(cell) = cells.get(&place) else { return Ok(None) };
        let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
        let span = Span { since: landing.at.plus_millis(-1), until: at, known_at: when.known_at };
        let looked = Looked { place: &place, cell, retirements };
        let (parts, _) = Box::pin(self.reader.timelines_around(looked, landing.at, span)).await?;
        // In several regions it runs until something else runs in all of them.
        let ends = parts.iter().filter(|(part, _)| landing.speaks_for(part.as_ref()));
        let ends = ends.filter_map(|(_, timeline)| timeline.begun_by(&landing)).map(|band| band.until);
        Ok(ends.reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other))).flatten())
    }

    /// What told good from bad in a place at a time.
    async fn bounds_at(
        &self,
        place: &Place,
        time: Timestamp,
        in_use: (&SettingsInUse, u64),
    ) -> Result<HealthBounds, StoreError> {
        let then = Box::pin(self.bounds_of_each(place, BTreeSet::from([time]), in_use)).await?;
        Ok(then.into_values().next().unwrap_or_default())
    }

    /// The same at each of these times: before the first version of the settings the usual bounds.
    async fn bounds_of_each(
        &self,
        place: &Place,
        times: BTreeSet<Timestamp>,
        (settings, version): (&SettingsInUse, u64),
    ) -> Result<BTreeMap<Timestamp, HealthBounds>, StoreError> {
        let Some(latest) = times.last().copied().filter(|_| version > 0) else {
            // None was ever applied: these are what the process started with.
            let bounds = settings.settings.health_bounds(&place.environment, &place.service);
            return Ok(times.into_iter().map(|time| (time, bounds)).collect());
        };
        let mut then = self.reader.settings_as_of(latest).await?;
        let mut bounds = BTreeMap::new();
        for time in times.into_iter().rev() {
            while let Some(current) = then.as_ref().filter(|current| current.recorded_at > time) {
                let before = current.number - 1;
                then = if before == 0 { None } else { self.reader.settings_version(before).await? };
            }
            let of_then = match &then {
                Some(version) => bounds_in(version, place)?,
                None => HealthBounds::default(),
            };
            bounds.insert(time, of_then);
        }
        Ok(bounds)
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

/// What told good from bad in a place by a version of the settings.
fn bounds_in(version: &domain::settings::version::Version, place: &Place) -> Result<HealthBounds, StoreError> {
    let settings = SettingsInUse::read(&version.document).map_err(|errors| {
        let errors = domain::fields::one_line(&errors);
        StoreError::unreadable("settings", format!("version {}: {errors}", version.number))
    })?;
    let environment = settings.names.environments.resolve(&place.environment);
    let service = settings.names.services.resolve(&place.service);
    Ok(settings.settings.health_bounds(environment, service))
}

/// Whether an observation is of this deployment, as far as it names anything: of its place, and of its region.
fn is_of(row: &Observed, summary: &Summary, settings: &SettingsInUse) -> bool {
    fn is_same<T: Identifier + Ord + Clone>(aliases: &Aliases<T>, said: Option<&T>, own: &T) -> bool {
        said.is_none_or(|said| aliases.resolve(said) == aliases.resolve(own))
    }
    let names = &settings.names;
    is_same(&names.services, row.service.as_ref(), &summary.service())
        && is_same(&names.environments, row.environment.as_ref(), &summary.environment())
        && row.region.as_ref().zip(summary.region().as_ref()).is_none_or(|(named, own)| named == own)
}
