//! What speaks against deployments besides their own events: incidents that began while they ran, and what had landed
//! before them and was deployed anew in their place. The log of each place says it, so only the places are read where
//! there can be any: where an incident began, and where two deployments or more ended.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::Place;
use domain::questions::asked::Asked;
use domain::questions::delivery::blame::{blaming, replaced};
use domain::questions::delivery::of_day::{Blaming, Replaced};
use domain::questions::delivery::{Against, Ended, Question, Window};
use domain::settings::Names;
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Environment, Service, Subject, Summary, Timestamp};
use futures_util::future::try_join;
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
pub(super) const ENTRIES: usize = 20_000;

impl<S: ReadItems> Reader<S> {
    /// What speaks against deployments that are asked for, besides their own events: what took their place if that is
    /// among those that ended, and incidents that began in the window.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn against(
        &self,
        question: &Question,
        ended: &[Ended],
        settings: &SettingsInUse,
        is_whole: bool,
    ) -> Result<Vec<Against>, StoreError> {
        let window = &question.window;
        let mut of_place: BTreeMap<Place, usize> = BTreeMap::new();
        for (_, figures) in ended.iter().filter(|(_, figures)| figures.reached) {
            let (environment, service) = (figures.environment.clone(), figures.service.clone());
            *of_place.entry(Place { environment, service }).or_default() += 1;
        }
        // What takes the place of another is one of them; of a part of a window the other may be in the rest.
        let least = if is_whole { 2 } else { 1 };
        let may_replace = of_place.into_iter().filter(|(place, reached)| *reached >= least && place.is_known());
        let places: BTreeSet<Place> = may_replace.map(|(place, _)| place).collect();
        let until = window.to().plus_millis(-1);
        let (told, incidents) = try_join(
            self.landed_there(places, window.from(), until),
            Box::pin(self.blaming(&question.environment, &question.service, window, settings)),
        )
        .await?;
        let replaced = told.values().flat_map(|parts| replaced(parts)).map(Replaced::against);
        Ok(replaced.chain(suspected(incidents, settings)).collect())
    }

    /// What the incidents that are asked for and began in a window count against, as far as anything had landed where
    /// they did.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) async fn blaming(
        &self,
        environment: &Asked<Environment>,
        service: &Asked<Service>,
        window: &Window,
        settings: &SettingsInUse,
    ) -> Result<Vec<Blaming>, StoreError> {
        let incidents = self.incidents_begun(environment, service, window).await?;
        self.blaming_of(&incidents, settings).await
    }

    async fn blaming_of(&self, incidents: &[Summary], settings: &SettingsInUse) -> Result<Vec<Blaming>, StoreError> {
        let begun = incidents.iter().map(Summary::created_at);
        let (Some(first), Some(last)) = (begun.clone().min(), begun.max()) else { return Ok(Vec::new()) };
        let names = &settings.names;
        let places: BTreeSet<Place> = incidents.iter().flat_map(|incident| places_of(incident, names)).collect();
        let hours = settings.settings.longest_bounds().suspect_hours;
        let since = first.plus_millis(-i64::from(hours) * 60 * 60 * 1000);
        let told = self.landed_there(places, since, last).await?;
        let counted = incidents.iter().filter_map(|incident| {
            let parts = places_of(incident, names).into_iter().filter_map(|place| told.get(&place));
            blaming(incident, &parts.flatten().cloned().collect::<Vec<OfPart>>())
        });
        Ok(counted.collect())
    }

    /// The deployments that these incidents count against, by incident.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn blamed(
        &self,
        incidents: &[&Summary],
        settings: &SettingsInUse,
    ) -> Result<BTreeMap<DeploymentId, DeploymentId>, StoreError> {
        let incidents: Vec<Summary> = incidents.iter().map(|incident| (*incident).clone()).collect();
        let blaming = self.blaming_of(&incidents, settings).await?;
        Ok(suspected(blaming, settings).map(|against| (against.by, against.deployment_id)).collect())
    }

    /// The incidents that are asked for and began in the window, whether they are resolved or not.
    async fn incidents_begun(
        &self,
        environment: &Asked<Environment>,
        service: &Asked<Service>,
        window: &Window,
    ) -> Result<Vec<Summary>, StoreError> {
        let query = ListQuery {
            subject: Subject::Incident,
            environment: environment.clone(),
            service: service.clone(),
            from: Some(window.from()),
            to: Some(window.to()),
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

/// What incidents count against, as far as that is suspected for long enough by the settings of now.
pub fn suspected(incidents: Vec<Blaming>, settings: &SettingsInUse) -> impl Iterator<Item = Against> {
    incidents.into_iter().filter_map(|one| {
        let hours = settings.bounds(&one.place()).suspect_hours;
        one.against(hours)
    })
}
