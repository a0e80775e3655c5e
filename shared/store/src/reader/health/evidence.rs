//! What is read that speaks for or against a deployment.

use std::collections::BTreeSet;

use domain::health::alarms::{looked_back_to, of_alarms};
use domain::health::piece::{Piece, of_observed};
use domain::health::said::incident;
use domain::health::watched::{Watched, landing, of_its_own};
use domain::identifiers::Identifier;
use domain::ledger::observed::{Object, Observed};
use domain::ledger::past::state_at;
use domain::ledger::summary::Summary;
use domain::live::Place;
use domain::live::thing::Thing;
use domain::settings::{Aliases, SettingsInUse};
use domain::{DeploymentId, Subject, Timestamp};
use futures_util::future::{try_join, try_join_all, try_join3};

use super::super::Reader;
use super::super::lists::ListQuery;
use super::super::timeline::{Looked, Span};
use super::super::when::When;
use super::{InUse, Read, objects_in, place_of};
use crate::StoreError;
use crate::keys::observed::Lines;
use crate::port::ReadItems;

/// How many incidents are read at once.
const INCIDENTS: usize = 50;

impl<S: ReadItems> Reader<S> {
    /// What speaks for and against a deployment but for what people said, and when it was watched.
    pub(super) async fn evidence(
        &self,
        summary: &Summary,
        when: When,
        at: Timestamp,
        in_use: InUse<'_>,
        read: Read,
    ) -> Result<(Watched, Vec<Piece>), StoreError> {
        let (settings, _) = in_use;
        let place = place_of(summary, settings);
        let landed = landing(summary).map_or(at, |landing| landing.at);
        let bounds = self.bounds_at(&place, landed, in_use).await?;
        let mut watched = Watched::of(summary, &bounds);
        let own = Object::Deployment(summary.deployment_id.clone());
        let own = self.observed(&own, Lines::Measured, (Timestamp::MIN, at));
        let of_place = Box::pin(self.observed_in(&place, &watched, at, settings, read));
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
        pieces.extend(of_alarms(&observed, &watched));
        Ok((watched, pieces))
    }

    /// What the events say of a deployment, or of an incident, of another time; none where there was none then.
    pub(super) async fn summary_then(
        &self,
        id: &DeploymentId,
        when: When,
        at: Timestamp,
    ) -> Result<Option<Summary>, StoreError> {
        let records = self.trail(id).await?.records;
        Ok(state_at(&records, at, when.known_at).map(|state| state.summary))
    }

    /// What was observed of whatever ran in a place, under any of its names, while a deployment was watched; and what
    /// alarms said of it, from when on and for as long as that is of concern.
    pub(super) async fn observed_in(
        &self,
        place: &Place,
        watched: &Watched,
        at: Timestamp,
        settings: &SettingsInUse,
        read: Read,
    ) -> Result<Vec<Observed>, StoreError> {
        let (Some(from), Some(ends)) = (watched.landed, watched.watch_ends()) else { return Ok(Vec::new()) };
        let suspected = if read == Read::Everything { watched.suspicion_ends() } else { None };
        let measured = (from, ends.min(at));
        let alarms = (looked_back_to(watched).unwrap_or(from), suspected.unwrap_or(ends).max(ends).min(at));
        let places = objects_in(place, settings);
        let of_each = places.iter().flat_map(|place| {
            let lines = [(Lines::Measured, measured), (Lines::Alarms, alarms)];
            lines.map(|(lines, span)| self.observed(place, lines, span))
        });
        Ok(try_join_all(of_each).await?.into_iter().flatten().collect())
    }

    /// The incidents that began in a place, under any of its names, while a deployment is suspected.
    pub(super) async fn incidents_in(
        &self,
        place: &Place,
        watched: &Watched,
        when: When,
        at: Timestamp,
        settings: &SettingsInUse,
    ) -> Result<Vec<Summary>, StoreError> {
        let (Some(from), Some(ends)) = (watched.landed, watched.suspicion_ends()) else { return Ok(Vec::new()) };
        // A clock that is behind the one that recorded it can be asked before it landed.
        if !place.is_known() || at < from {
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
                    let (states, next) = Box::pin(self.list(&query, position.as_deref(), INCIDENTS)).await?;
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
    pub(super) async fn ran_until(
        &self,
        summary: &Summary,
        when: When,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(landing) = landing(summary) else { return Ok(None) };
        let place = Place { environment: summary.environment(), service: summary.service() };
        let (cells, retirements) = (BTreeSet::from([place.clone()]), [place.environment.clone()]);
        let (cells, retirements) = try_join(self.cells_of(&cells), self.retirements_of(&retirements)).await?;
        let Some(cell) = cells.get(&place) else { return Ok(None) };
        let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
        let span = Span { since: landing.at.plus_millis(-1), until: at, known_at: when.known_at };
        let looked = Looked { place: &place, cell, retirements };
        let (parts, _) = Box::pin(self.timelines_around(looked, landing.at, span)).await?;
        // In several regions it runs until something else runs in all of them.
        let ends = parts.iter().filter(|(part, _)| landing.speaks_for(part.as_ref()));
        let ends = ends.filter_map(|(_, timeline)| timeline.begun_by(&landing)).map(|band| band.until);
        Ok(ends.reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other))).flatten())
    }
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
