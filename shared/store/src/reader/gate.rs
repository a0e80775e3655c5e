//! What a gate has to know: what became of a version in some places, and what is active in one.
//!
//! Whatever the length of the logs, the usual question reads a few items: the cells, and what is kept of the thing
//! that is asked about: its landings, what was undone of it, and what people said of it. Only where it landed the log
//! is read, and only back to its first landing. A version that
//! is asked about without its commit, where landings named commits, is looked for in the log itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::mark::Mark;
use domain::live::course::Read;
use domain::live::log::removals;
use domain::live::log_key::LogKey;
use domain::live::thing::Thing;
use domain::live::{Cell, Course, Entry, Place, ThingKey};
use domain::questions::gate::{Asked, Facts};
use domain::settings::{Names, Path};
use domain::{DeploymentId, Environment, Region, Service, State, Timestamp};
use futures_util::future::{try_join, try_join_all, try_join3, try_join4};

use super::Reader;
use super::created::CreatedLast;
use super::log::Series;
use crate::StoreError;
use crate::items::landings::LandingsItem;
use crate::port::ReadItems;

mod releases;

/// What a gate is asked about.
#[derive(Debug, Clone, Copy)]
pub struct GateQuestion<'q> {
    /// The service and the environment, by the names that settings have.
    pub place: &'q Place,
    /// What is to go there.
    pub thing: &'q Thing,
    /// The deployment that asks: it is no other one.
    pub deployment_id: Option<&'q DeploymentId>,
    /// The time that it is asked for; none for now.
    pub as_of: Option<Timestamp>,
    /// As it was known at this time; none for all that is known.
    pub known_at: Option<Timestamp>,
}

/// What is kept of the thing in places.
type Kept = BTreeMap<(Place, ThingKey), Option<LandingsItem>>;

impl<S: ReadItems> Reader<S> {
    /// What is asked for. What was recorded under an alias, before it was one, counts too.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn gate_facts(
        &self,
        question: GateQuestion<'_>,
        asked: &Asked,
        names: &Names,
        path: &Path,
    ) -> Result<Facts, StoreError> {
        let places = |environment: &Environment| places(environment, &question.place.service, names);
        let environments: BTreeSet<&Environment> = asked.proven_in.iter().chain(&asked.not_bad_in).collect();
        let all: BTreeSet<Place> = environments.into_iter().flat_map(&places).collect();
        let active = async {
            if !asked.active {
                return Ok((Vec::new(), false));
            }
            self.active_of(&places(&question.place.environment), question).await
        };
        let verdicts = async { if asked.verdicts { self.verdicts_then(question, names).await } else { Ok(vec![]) } };
        let releases = async {
            match &asked.releases_in {
                Some(before) => self.releases_of(question, before, names, path).await,
                None => Ok((Vec::new(), false)),
            }
        };
        let (courses, (active, more_active), verdicts, (releases, more_releases)) =
            try_join4(Box::pin(self.courses(&all, question)), Box::pin(active), Box::pin(verdicts), Box::pin(releases))
                .await?;
        let course = |environment: &Environment| {
            let of_each = places(environment).into_iter().filter_map(|place| courses.get(&place).cloned());
            of_each.reduce(Course::and).unwrap_or_default()
        };
        Ok(Facts {
            proven: asked.proven_in.as_ref().map(&course).unwrap_or_default(),
            courses: asked.not_bad_in.iter().map(|environment| (environment.clone(), course(environment))).collect(),
            verdicts,
            // Who judges what was observed adds it.
            measured: Vec::new(),
            active,
            more_active,
            releases,
            more_releases,
        })
    }

    /// What people had said of the versions of the service by the time that is asked for.
    async fn verdicts_then(&self, question: GateQuestion<'_>, names: &Names) -> Result<Vec<Mark>, StoreError> {
        let services = names.services.same(&question.place.service);
        let mut verdicts = self.verdicts(&services, question.known_at).await?;
        let up_to = question.as_of.unwrap_or(Timestamp::MAX);
        verdicts.retain(|mark| mark.moment.at <= up_to);
        Ok(verdicts)
    }

    /// What became of the thing in each place where anything ended.
    async fn courses(
        &self,
        places: &BTreeSet<Place>,
        question: GateQuestion<'_>,
    ) -> Result<BTreeMap<Place, Course>, StoreError> {
        let keys = question.thing.keys();
        let keys = places.iter().flat_map(|place| keys.iter().map(|key| (place.clone(), key.clone())));
        let services: BTreeSet<&Service> = places.iter().map(|place| &place.service).collect();
        let undone = Box::pin(self.undone(services, question.thing));
        let (cells, kept, undone) = try_join3(self.cells_of(places), self.landings(keys.collect()), undone).await?;
        let courses = cells.iter().map(|(place, cell)| {
            let kept = &kept;
            let undone = undone.get(place).map(Vec::as_slice).unwrap_or_default();
            // In a box, as a future of all that could be read would be large.
            async move {
                Ok::<_, StoreError>((
                    place.clone(),
                    Box::pin(self.course(place, cell, (kept, undone), question)).await?,
                ))
            }
        });
        Ok(try_join_all(courses).await?.into_iter().collect())
    }

    /// What became of the thing in a place with this cell.
    async fn course(
        &self,
        place: &Place,
        cell: &Cell,
        (kept, undone): (&Kept, &[Entry]),
        question: GateQuestion<'_>,
    ) -> Result<Course, StoreError> {
        let GateQuestion { thing, as_of, known_at, .. } = question;
        let kept_nothing = cell.kept.is_none() && !cell.tail.landings.is_empty() || !cell.undone_kept;
        if known_at.is_some() || kept_nothing {
            // What had landed, as far as was known then, only the log says; and what stands beside a cell of an
            // earlier version.
            return Box::pin(self.whole_course(place, question)).await;
        }
        let up_to = as_of.unwrap_or(Timestamp::MAX);
        let item = |key: &ThingKey| kept.get(&(place.clone(), key.clone()))?.as_ref().map(|item| &item.landings);
        let tail: Vec<Entry> = cell.tail.landings.iter().filter(|entry| entry.at <= up_to).cloned().collect();
        let Ok(first) = cell.first_landing(thing, &tail, item) else {
            return Box::pin(self.whole_course(place, question)).await;
        };
        let undone = Course::undone_by(thing, undone.iter().filter(|entry| entry.at <= up_to));
        let Some(first) = first.filter(|first| first.moment.at <= up_to) else { return Ok(undone) };
        Ok(Box::pin(self.traced(place, cell, tail, (thing, &first, up_to))).await?.and(undone))
    }

    /// What a whole log says.
    async fn whole_course(
        &self,
        place: &Place,
        GateQuestion { thing, as_of, known_at, .. }: GateQuestion<'_>,
    ) -> Result<Course, StoreError> {
        let up_to = as_of.unwrap_or(Timestamp::MAX);
        let retirements = async {
            match known_at {
                Some(known) => self.retirements_known_at(&place.environment, known).await,
                None => self.retirements(&place.environment).await,
            }
        };
        let (mut log, retirements) = try_join(self.entries(place, up_to, known_at), retirements).await?;
        log.extend(removals(&place.environment, &retirements).filter(|removal| removal.at <= up_to));
        Ok(Course::of_log(thing, &log))
    }

    /// What became of the thing since its first landing, from the newest part of the log that says it. It begins
    /// with the tail that stands in the cell.
    async fn traced(
        &self,
        place: &Place,
        cell: &Cell,
        tail: Vec<Entry>,
        (thing, first, up_to): (&Thing, &LogKey, Timestamp),
    ) -> Result<Course, StoreError> {
        let retirements = self.retirements(&place.environment).await?;
        let removals = removals(&place.environment, &retirements).filter(|removal| removal.at <= up_to);
        let beside: Vec<Entry> = removals.collect();
        let named: BTreeMap<Region, LogKey> =
            cell.regions.iter().map(|(name, region)| (name.clone(), region.named.clone())).collect();
        let mut landings: BTreeSet<Entry> = tail.into_iter().collect();
        let mut whole = !cell.tail.cut;
        let mut pages = self.log(place, Series::Landings, up_to, None);
        loop {
            let oldest = landings.first();
            let reached = |entry: &&Entry| whole || oldest.is_some_and(|oldest| *entry >= oldest);
            if whole || oldest.is_some_and(|oldest| LogKey::of(oldest) <= *first) {
                let read: BTreeSet<&Entry> = landings.iter().chain(beside.iter().filter(reached)).collect();
                let newest_first: Vec<&Entry> = read.into_iter().rev().collect();
                let read = Read { newest_first: &newest_first, whole, named: &named };
                match Course::trace(thing, first, read) {
                    Ok(traced) => {
                        let kept = cell.kept.unwrap_or_default();
                        let keys = traced.keys().into_iter().filter(|key| kept.has(key));
                        let kept = self.landings(keys.map(|key| (place.clone(), key)).collect()).await?;
                        return Ok(traced.judged(|key| {
                            kept.get(&(place.clone(), key.clone()))?.as_ref().map(|item| &item.landings)
                        }));
                    }
                    // Of a whole log nothing is lacking.
                    Err(_) if whole => return Ok(Course::default()),
                    Err(_) => {}
                }
            }
            match pages.next().await? {
                Some(page) => landings.extend(page),
                None => whole = true,
            }
        }
    }

    /// The other deployments of these places that are active; at a time, of those that were created last before
    /// then. And whether there may be more.
    async fn active_of(
        &self,
        places: &[Place],
        question: GateQuestion<'_>,
    ) -> Result<(Vec<DeploymentId>, bool), StoreError> {
        let of_place = |state: &State| {
            let (environment, service) = (state.summary.environment(), state.summary.service());
            state.summary.is_active()
                && places.contains(&Place { environment, service })
                && question.deployment_id != Some(&state.summary.deployment_id)
        };
        let CreatedLast { states, more } = match (question.as_of, question.known_at) {
            (None, None) => {
                let environments: BTreeSet<&Environment> = places.iter().map(|place| &place.environment).collect();
                CreatedLast { states: Box::pin(self.all_active(environments)).await?, more: false }
            }
            (as_of, known_at) => Box::pin(self.created_last(places, as_of.unwrap_or(Timestamp::MAX), known_at)).await?,
        };
        let ids: BTreeSet<DeploymentId> =
            states.into_iter().filter(of_place).map(|state| state.summary.deployment_id).collect();
        Ok((ids.into_iter().collect(), more))
    }
}

/// The places that an environment and a service are, under all their names.
fn places(environment: &Environment, service: &Service, names: &Names) -> Vec<Place> {
    let services = names.services.same(service);
    let environments = names.environments.same(environment);
    let of_each = environments.into_iter().flat_map(|environment| {
        services.iter().map(move |service| Place { environment: environment.clone(), service: service.clone() })
    });
    of_each.collect()
}
