//! What speaks against deployments besides their own events: incidents that began while they ran, and what had landed
//! before them and was deployed anew in their place. The log of each place says it, so only the places are read where
//! there can be any: where an incident began, and where two deployments or more ended.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::{Cell, Place};
use domain::questions::asked::Asked;
use domain::questions::delivery::blame::{blaming, replaced};
use domain::questions::delivery::of_day::{Blaming, Replaced};
use domain::questions::delivery::{Against, Ended, Question, Window};
use domain::settings::Names;
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Environment, Moment, Service, Subject, Summary, Timestamp};
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
const ENTRIES: usize = 20_000;

impl<S: ReadItems> Reader<S> {
    /// What speaks against deployments that are asked for, besides their own events: what took their place if that is
    /// among those that ended, and incidents that began in the window. Where that `is_whole`, and no part of a longer one,
    /// fewer places need be read.
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
        let span = (window.from(), window.to().plus_millis(-1));
        let (replaced, incidents) = try_join(
            self.replaced_in_places(places, span),
            Box::pin(self.blaming(&question.environment, &question.service, window, settings)),
        )
        .await?;
        let replaced = replaced.into_iter().map(Replaced::against);
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
        if incidents.is_empty() {
            return Ok(Vec::new());
        }
        let names = &settings.names;
        let places: BTreeSet<Place> = incidents.iter().flat_map(|incident| places_of(incident, names)).collect();
        let known = self.known_places(&places).await?;
        let hours = settings.settings.longest_bounds().suspect_hours;
        let suspected_for = i64::from(hours) * 60 * 60 * 1000;
        let known = &known;
        let counted = incidents.iter().map(|incident| async move {
            let began = incident.created_at();
            let span = Span { since: began.plus_millis(-suspected_for), until: began, known_at: None };
            let mut parts: Vec<OfPart> = Vec::new();
            for place in places_of(incident, names) {
                if let Some(looked) = known.look_at(&place) {
                    parts.extend(Box::pin(self.landed_over(looked, span, ENTRIES)).await?);
                }
            }
            Ok::<_, StoreError>(blaming(incident, &parts))
        });
        let counted: Vec<Option<Blaming>> =
            stream::iter(counted.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        Ok(counted.into_iter().flatten().collect())
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

    /// What was deployed anew over a time, its end included, in the place of something else, in each of these places.
    async fn replaced_in_places(
        &self,
        places: BTreeSet<Place>,
        span: (Timestamp, Timestamp),
    ) -> Result<Vec<Replaced>, StoreError> {
        let known = self.known_places(&places).await?;
        let looked = known.cells.keys().filter_map(|place| known.look_at(place));
        let replaced = looked.map(|looked| Box::pin(self.replaced_in(looked, span)));
        let replaced: Vec<Vec<Replaced>> =
            stream::iter(replaced.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(replaced.into_iter().flatten().collect())
    }

    /// The same in one place. It is told by the regions that were named when something landed: what is named later
    /// changes nothing of before.
    pub(super) async fn replaced_in(
        &self,
        looked: Looked<'_>,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<Vec<Replaced>, StoreError> {
        let named = looked.cell.regions.values().map(|region| region.named.moment.at);
        let named: BTreeSet<Timestamp> = named.filter(|at| *at > since && *at <= until).collect();
        let ends = named.iter().map(|at| at.plus_millis(-1)).chain([until]);
        let (mut all, mut from) = (Vec::new(), since);
        for end in ends {
            let span = Span { since: from, until: end, known_at: None };
            let parts = self.landed_over(looked, span, ENTRIES).await?;
            all.extend(replaced(&parts).into_iter().filter(|one| (from..=end).contains(&one.at)));
            from = end.plus_millis(1);
        }
        all.sort_unstable_by(|one, other| (one.at, &one.of, &one.by).cmp(&(other.at, &other.of, &other.by)));
        all.dedup();
        Ok(all)
    }

    /// What stands in the cells of these places, and when their environments were retired.
    async fn known_places(&self, places: &BTreeSet<Place>) -> Result<KnownPlaces, StoreError> {
        let cells = self.cells_of(places).await?;
        let environments: BTreeSet<&Environment> = cells.keys().map(|place| &place.environment).collect();
        let environments: Vec<Environment> = environments.into_iter().cloned().collect();
        let retirements = self.retirements_of(&environments).await?;
        Ok(KnownPlaces { cells, retirements })
    }
}

/// What is known of some places before their logs are read.
struct KnownPlaces {
    cells: BTreeMap<Place, Cell>,
    retirements: BTreeMap<Environment, Vec<Moment>>,
}

impl KnownPlaces {
    /// One of them; none where nothing ever happened.
    fn look_at<'p>(&'p self, place: &Place) -> Option<Looked<'p>> {
        let (place, cell) = self.cells.get_key_value(place)?;
        let retirements = self.retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
        Some(Looked { place, cell, retirements })
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
