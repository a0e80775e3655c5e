//! What speaks against deployments besides their own events: incidents that began while they ran, and what had landed
//! before them and was deployed anew in their place. The log of each place says it, so only the places are read where
//! there can be any: where an incident began, and where two deployments or more ended.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::Place;
use domain::questions::delivery::blame::{blamed, by_incident, replaced};
use domain::questions::delivery::{Against, Ended, Question};
use domain::settings::Names;
use domain::{DeploymentId, Environment, Settings, Subject, Summary, Timestamp};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Reader;
use super::lists::ListQuery;
use super::timeline::{Looked, OfPart, Span};
use crate::StoreError;
use crate::port::ReadItems;

/// How many places are read at once.
const AT_ONCE: usize = 16;
/// How many incidents are read at once.
const INCIDENTS: usize = 100;
/// How many entries of one log are read at most: as many as deployments are counted at most.
const ENTRIES: usize = 20_000;

impl<S: ReadItems> Reader<S> {
    /// What speaks against deployments that are asked for, besides their own events.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn against(
        &self,
        question: &Question,
        ended: &[Ended],
        settings: &Settings,
        names: &Names,
    ) -> Result<Vec<Against>, StoreError> {
        let incidents = self.incidents_begun(question).await?;
        let mut of_place: BTreeMap<Place, usize> = BTreeMap::new();
        for (_, figures) in ended.iter().filter(|(_, figures)| figures.reached) {
            let (environment, service) = (figures.environment.clone(), figures.service.clone());
            *of_place.entry(Place { environment, service }).or_default() += 1;
        }
        let mut places: BTreeSet<Place> =
            of_place.into_iter().filter(|(place, reached)| *reached > 1 && place.is_known()).map(|(p, _)| p).collect();
        places.extend(incidents.iter().flat_map(|incident| places_of(incident, names)));
        let until = question.window.to().plus_millis(-1);
        let told = self.landed_there(places, question.window.from(), until).await?;
        let mut against: Vec<Against> = told.values().flat_map(|parts| replaced(parts)).collect();
        for (incident, of) in counted_against(&incidents, &told, settings, names) {
            against.push(by_incident(incident, of));
        }
        Ok(against)
    }

    /// The deployments that these incidents count against, by incident.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn blamed(
        &self,
        incidents: &[&Summary],
        settings: &Settings,
        names: &Names,
    ) -> Result<BTreeMap<DeploymentId, DeploymentId>, StoreError> {
        let incidents: Vec<Summary> = incidents.iter().map(|incident| (*incident).clone()).collect();
        let begun = incidents.iter().map(Summary::created_at);
        let (Some(first), Some(last)) = (begun.clone().min(), begun.max()) else { return Ok(BTreeMap::new()) };
        let places: BTreeSet<Place> = incidents.iter().flat_map(|incident| places_of(incident, names)).collect();
        let hours = places.iter().map(|place| suspect_hours(place, settings, names)).max().unwrap_or_default();
        let since = first.plus_millis(-i64::from(hours) * 60 * 60 * 1000);
        let told = self.landed_there(places, since, last).await?;
        let against = counted_against(&incidents, &told, settings, names);
        Ok(against.into_iter().map(|(incident, of)| (incident.deployment_id.clone(), of)).collect())
    }

    /// The incidents that are asked for and began in the window, whether they are resolved or not.
    async fn incidents_begun(&self, question: &Question) -> Result<Vec<Summary>, StoreError> {
        let query = ListQuery {
            subject: Subject::Incident,
            environment: question.environment.clone(),
            service: question.service.clone(),
            from: Some(question.window.from()),
            to: Some(question.window.to()),
            ..ListQuery::default()
        };
        let (mut begun, mut position) = (Vec::new(), None);
        loop {
            let (states, next) = Box::pin(self.list(&query, position.as_deref(), INCIDENTS)).await?;
            begun.extend(states.into_iter().map(|state| state.summary));
            position = next;
            if position.is_none() {
                return Ok(begun);
            }
        }
    }

    /// What landed in each of these places over a time.
    async fn landed_there(
        &self,
        places: BTreeSet<Place>,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<BTreeMap<Place, Vec<OfPart>>, StoreError> {
        let cells = self.cells_of(&places).await?;
        let environments: BTreeSet<&Environment> = cells.keys().map(|place| &place.environment).collect();
        let environments: Vec<Environment> = environments.into_iter().cloned().collect();
        let retirements = self.retirements_of(&environments).await?;
        let span = Span { since, until, known_at: None };
        let told = cells.iter().map(|(place, cell)| {
            let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
            let looked = Looked { place, cell, retirements };
            async move { Ok::<_, StoreError>((place.clone(), self.landed_over(looked, span, ENTRIES).await?)) }
        });
        stream::iter(told.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await
    }
}

/// The place of an incident, under each of its names; none where it names no place.
fn places_of(incident: &Summary, names: &Names) -> Vec<Place> {
    let services = names.services.same(&incident.service());
    let environments = names.environments.same(&incident.environment());
    let of_each = environments.into_iter().flat_map(|environment| {
        let place = move |service| Place { environment: environment.clone(), service };
        services.clone().into_iter().map(place)
    });
    of_each.filter(Place::is_known).collect()
}

/// For how long what landed in a place is suspected, as the settings say now.
fn suspect_hours(place: &Place, settings: &Settings, names: &Names) -> u32 {
    let environment = names.environments.resolve(&place.environment);
    settings.health_bounds(environment, names.services.resolve(&place.service)).suspect_hours
}

/// The deployments that these incidents count against, by what landed in their places.
fn counted_against<'i>(
    incidents: &'i [Summary],
    told: &BTreeMap<Place, Vec<OfPart>>,
    settings: &Settings,
    names: &Names,
) -> Vec<(&'i Summary, DeploymentId)> {
    let counted = incidents.iter().filter_map(|incident| {
        let places = places_of(incident, names);
        let hours = suspect_hours(places.first()?, settings, names);
        let parts: Vec<OfPart> = places.iter().filter_map(|place| told.get(place)).flatten().cloned().collect();
        Some((incident, blamed(incident, &parts, hours)?))
    });
    counted.collect()
}
