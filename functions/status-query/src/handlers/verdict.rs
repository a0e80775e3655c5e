//! How a deployment went: what is known of that, read and judged.

use std::collections::{BTreeMap, BTreeSet};

use domain::health::piece::{Piece, of_observed};
use domain::health::said::{incident, marked, not_cleared};
use domain::health::verdict::{Verdict, verdict};
use domain::health::watched::{Watched, landing, of_its_own};
use domain::identifiers::Identifier;
use domain::ledger::observed::{Object, Observed};
use domain::ledger::past::state_at;
use domain::ledger::summary::Summary;
use domain::live::Place;
use domain::live::thing::Thing;
use domain::questions::verdicts::Verdicts;
use domain::settings::{Aliases, HealthBounds};
use domain::{State, Subject, Timestamp};
use futures_util::future::{try_join, try_join_all, try_join3};
use store::reader::timeline::{Looked, Span};
use store::{ListQuery, ReadItems, StoreError};

use super::at::When;
use crate::{SettingsInUse, StatusQuery};

/// How many incidents are read at once.
const INCIDENTS: usize = 50;

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
        let names = &settings.names;
        let place = Place {
            environment: names.environments.resolve(&summary.environment()).clone(),
            service: names.services.resolve(&summary.service()).clone(),
        };
        let thing = Thing::of(summary);
        let landed = landing(summary).map(|landing| landing.at);
        if landed.is_none() && !summary.status().is_terminal() {
            // Whoever follows one that is under way asks often, and for no more than it says itself.
            let bounds = settings.settings.health_bounds(&place.environment, &place.service);
            return Ok(verdict(&Watched::of(summary, &bounds), &of_its_own(summary, &bounds), at));
        }
        let services = names.services.same(&place.service);
        let marks = self.reader.verdicts(&services, when.known_at);
        let own = Object::Deployment(summary.deployment_id.clone());
        let own = self.reader.observed(&own, Timestamp::MIN, at);
        let in_use = (settings, version);
        let of_landing = self.bounds_at(&place, landed.unwrap_or(at), in_use);
        let (mut marks, own, bounds) = try_join3(marks, own, of_landing).await?;
        marks.retain(|mark| mark.moment.at <= at);
        let mut watched = Watched::of(summary, &bounds);
        let mut observed: Vec<Observed> = own.into_iter().filter(|row| is_of(row, summary, settings)).collect();
        let of_place = Box::pin(self.observed_in(&place, &watched, at, settings)).await?;
        let of_place: Vec<Observed> = of_place.into_iter().filter(|row| is_of(row, summary, settings)).collect();
        let incidents = Box::pin(self.incidents_in(&place, &watched, when, at, settings)).await?;
        if !of_place.is_empty() || !incidents.is_empty() {
            watched = watched.until(Box::pin(self.ran_until(summary, when, at)).await?);
        }
        observed.extend(of_place);
        observed.retain(|row| when.known_at.is_none_or(|known| row.recorded_at <= known));
        let received: BTreeSet<Timestamp> = observed.iter().map(|row| row.recorded_at).collect();
        let then = Box::pin(self.bounds_of_each(&place, received, in_use)).await?;
        let mut pieces: Vec<Piece> = of_its_own(summary, &bounds);
        let of = (&place.service, &place.environment);
        pieces.extend(incidents.iter().filter_map(|began| incident(began, of, names, &thing)));
        for row in &observed {
            pieces.extend(of_observed(row, then.get(&row.recorded_at).unwrap_or(&bounds)));
        }
        let verdicts = Verdicts::of(&thing, [], &marks, names, &settings.path);
        let mut pieces = not_cleared(pieces, &verdicts, &thing, &place.environment);
        pieces.extend(marked(&verdicts, &place.service, &place.environment));
        Ok(verdict(&watched, &pieces, at))
    }

    /// What was observed of whatever ran in a place, under any of its names, while a deployment is of concern there.
    async fn observed_in(
        &self,
        place: &Place,
        watched: &Watched,
        at: Timestamp,
        settings: &SettingsInUse,
    ) -> Result<Vec<Observed>, StoreError> {
        let (Some(from), Some(ends)) = (watched.landed, watched.ends()) else { return Ok(Vec::new()) };
        if !place.is_known() {
            return Ok(Vec::new());
        }
        let (services, environments) =
            (settings.names.services.same(&place.service), settings.names.environments.same(&place.environment));
        let places = environments.iter().flat_map(|environment| {
            services
                .iter()
                .map(move |service| Object::Place(Place { environment: environment.clone(), service: service.clone() }))
        });
        let places: Vec<Object> = places.collect();
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
        let then = began.iter().map(|summary| async {
            let records = self.reader.trail(&summary.deployment_id).await?.records;
            Ok::<_, StoreError>(state_at(&records, at, when.known_at).map(|state| state.summary))
        });
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
    fn is_same<T: Identifier + Ord + Clone>(names: &Aliases<T>, named: Option<&T>, own: &T) -> bool {
        named.is_none_or(|named| names.resolve(named) == names.resolve(own))
    }
    let names = &settings.names;
    is_same(&names.services, row.service.as_ref(), &summary.service())
        && is_same(&names.environments, row.environment.as_ref(), &summary.environment())
        && row.region.as_ref().zip(summary.region().as_ref()).is_none_or(|(named, own)| named == own)
}
