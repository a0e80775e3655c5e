//! What changed before something went wrong.
//!
//! The cells say what landed last in each place of an environment; only where that was within the window and its tail
//! does not reach back to its begin, the log is read. So what is read depends on how much changed, and not on the
//! length of history.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::summary::Summary;
use domain::live::thing::Thing;
use domain::live::{Cell, Change, Effect, Entry, Place, ThingKey};
use domain::questions::bad::{self, bad};
use domain::questions::drift::Deployed;
use domain::questions::suspects::{Changed, Question};
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Environment, Service, State, Subject, Timestamp};
use futures_util::future::{try_join, try_join_all, try_join3};

use super::Reader;
use super::lists::ListQuery;
use crate::StoreError;
use crate::items::landings::LandingsItem;
use crate::port::ReadItems;

/// How many places are read at once.
const AT_ONCE: usize = 32;
/// How many deployments of a list are read at once.
const PAGE: usize = 100;
/// For how long before the window deployments are looked for that were still under way at its end, in milliseconds.
const LONGEST: i64 = 24 * 60 * 60 * 1000;

/// Of what is asked, and where.
#[derive(Debug, Clone, Copy)]
pub struct Suspected<'q> {
    /// The question.
    pub question: &'q Question<'q>,
    /// The environments, by the names that settings have.
    pub environments: &'q [Environment],
    /// The present.
    pub now: Timestamp,
    /// How many changes are looked at, at most.
    pub most: usize,
}

/// A change, and where it was.
type Found = (Place, Option<Entry>);
/// What is kept of things in places.
type KeptLandings = BTreeMap<(Place, ThingKey), Option<LandingsItem>>;

impl<S: ReadItems> Reader<S> {
    /// What landed within the window, or was under way at its end; none where that is more than is looked at. What
    /// has ended since is found to have been under way if it began within the window, or a day before it.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn suspected(&self, asked: Suspected<'_>) -> Result<Option<Vec<Changed>>, StoreError> {
        let Suspected { question, environments, .. } = asked;
        let recorded = environments.iter().flat_map(|name| question.settings.names.environments.same(name));
        let recorded: BTreeSet<Environment> = recorded.collect();
        let landed = Box::pin(self.landed_within(&recorded, question));
        let under_way = Box::pin(self.under_way(&recorded, &asked));
        let (landed, under_way) = try_join(landed, under_way).await?;
        let mut found: BTreeMap<DeploymentId, Found> = BTreeMap::new();
        for state in &under_way {
            let summary = &state.summary;
            let place = Place { environment: summary.environment(), service: summary.service() };
            found.insert(summary.deployment_id.clone(), (place, None));
        }
        for (place, entry) in landed {
            // Of one that landed several times the latest counts, also beside an attempt that is under way.
            let id = entry.deployment_id.clone();
            let is_later = |(_, other): &Found| other.as_ref().is_none_or(|other| *other < entry);
            if found.get(&id).is_none_or(is_later) {
                found.insert(id, (place, Some(entry)));
            }
        }
        if found.len() > asked.most {
            return Ok(None);
        }
        Ok(Some(Box::pin(self.described(found, asked)).await?))
    }

    /// What landed within the window, in each place of these environments.
    async fn landed_within(
        &self,
        environments: &BTreeSet<Environment>,
        question: &Question<'_>,
    ) -> Result<Vec<(Place, Entry)>, StoreError> {
        let cells = try_join_all(environments.iter().map(|environment| self.cell_items(environment))).await?;
        let cells: Vec<(Place, Cell)> = cells.into_iter().flatten().map(|(place, item)| (place, item.cell)).collect();
        let mut landed = Vec::new();
        for some in cells.chunks(AT_ONCE) {
            let of_each = some.iter().map(|(place, cell)| self.landings_within(place, cell, question));
            landed.extend(try_join_all(of_each).await?.into_iter().flatten());
        }
        Ok(landed)
    }

    async fn landings_within(
        &self,
        place: &Place,
        cell: &Cell,
        question: &Question<'_>,
    ) -> Result<Vec<(Place, Entry)>, StoreError> {
        let is_enough =
            |read: &[Entry], whole: bool| whole || read.last().is_some_and(|oldest| oldest.at <= question.from());
        let (entries, _) = self.landings_back((place, cell), (question.at, usize::MAX), is_enough).await?;
        let within = entries.into_iter().filter(|entry| question.has(entry));
        Ok(within.map(|entry| (place.clone(), entry)).collect())
    }

    /// What was under way at the end of the window.
    async fn under_way(
        &self,
        environments: &BTreeSet<Environment>,
        Suspected { question, most, now, .. }: &Suspected<'_>,
    ) -> Result<Vec<State>, StoreError> {
        let ended_since = async {
            let mut ended = Vec::new();
            for environment in environments.iter().filter(|_| question.at < *now) {
                let query = ListQuery {
                    subject: Subject::Deployment,
                    environment: environment.clone().into(),
                    from: Some(question.from().plus_millis(-LONGEST)),
                    to: Some(question.at.plus_millis(1)),
                    ..ListQuery::default()
                };
                let mut position = None;
                loop {
                    let (states, next) = Box::pin(self.list(&query, position.as_deref(), PAGE)).await?;
                    ended.extend(states.into_iter().filter(|state| question.was_under_way(&state.summary)));
                    position = next;
                    if position.is_none() || ended.len() > *most {
                        break;
                    }
                }
            }
            Ok(ended)
        };
        let (active, mut under_way) = try_join(self.all_active(environments), ended_since).await?;
        under_way.extend(active.into_iter().filter(|state| question.was_under_way(&state.summary)));
        under_way.sort_unstable_by(|one, other| one.summary.deployment_id.cmp(&other.summary.deployment_id));
        under_way.dedup_by(|one, other| one.summary.deployment_id == other.summary.deployment_id);
        Ok(under_way)
    }

    /// What is known of each of these changes.
    async fn described(
        &self,
        mut found: BTreeMap<DeploymentId, Found>,
        asked: Suspected<'_>,
    ) -> Result<Vec<Changed>, StoreError> {
        let question = asked.question;
        let (environments, states) =
            try_join(self.environments(), self.states(&found.keys().cloned().collect())).await?;
        let states: Vec<State> = states.into_values().collect();
        let services: BTreeSet<Service> = states.iter().map(|state| state.summary.service()).collect();
        let before = states.iter().map(|state| Before::of(&state.summary, question.settings, &environments));
        let before: Vec<Before> = before.collect();
        let changes = Box::pin(self.changes(&states));
        let bad = Box::pin(self.bad_things(&services, asked));
        let unseen = Box::pin(self.unseen(&states, &before));
        let (changes, bad, unseen) = try_join3(changes, bad, unseen).await?;
        let described = states.into_iter().zip(changes).zip(unseen).filter_map(|((state, change), unseen_in)| {
            let summary = state.summary;
            let (place, landed) = found.remove(&summary.deployment_id)?;
            let thing = Thing::of(&summary);
            let is_rollback = landed
                .as_ref()
                .is_some_and(|entry| entry.effect == Effect::RolledBack || change == Some(Change::Rollback));
            let is_bad = bad.get(&summary.service()).is_some_and(|things| things.iter().any(|bad| bad.is_same(&thing)));
            let place = Place {
                environment: question.settings.names.environments.resolve(&place.environment).clone(),
                service: question.settings.names.services.resolve(&place.service).clone(),
            };
            let by_hand = Deployed::of(&summary).by_hand;
            Some(Changed { place, summary, landed, is_rollback, is_bad, by_hand, unseen_in })
        });
        Ok(described.collect())
    }

    /// What is known now to be bad of each service.
    async fn bad_things(
        &self,
        services: &BTreeSet<Service>,
        Suspected { question, .. }: Suspected<'_>,
    ) -> Result<BTreeMap<Service, Vec<Thing>>, StoreError> {
        let of_each = services.iter().map(|service| async move {
            let names = question.settings.names.services.same(service);
            let undone = try_join_all(names.iter().map(|name| self.undone_of(name)));
            let (marks, undone) = try_join(self.verdicts(&names, None), undone).await?;
            let undone = undone.into_iter().flatten().map(|item| (item.place().environment, item.entry)).collect();
            let known = bad::Known { marks, undone, measured: Vec::new() };
            let bad = bad(&known, &bad::Question::default(), service, question.settings);
            Ok::<_, StoreError>((service.clone(), bad.iter().map(bad::BadVersion::thing).collect()))
        });
        Ok(try_join_all(of_each).await?.into_iter().collect())
    }

    /// For each deployment the environment before its own, if it is known that what it brought had not landed there
    /// when it began, although its service runs there too.
    async fn unseen(&self, states: &[State], before: &[Before]) -> Result<Vec<Option<Environment>>, StoreError> {
        let things: Vec<Thing> = states.iter().map(|state| Thing::of(&state.summary)).collect();
        let keys = before.iter().zip(&things).flat_map(|(before, thing)| {
            before.places.iter().flat_map(|place| thing.keys().into_iter().map(|key| (place.clone(), key)))
        });
        let places = before.iter().flat_map(|before| before.places.iter().cloned()).collect();
        let (kept, cells) = try_join(self.landings(keys.collect()), self.cells_of(&places)).await?;
        let of_each = states.iter().zip(&things).zip(before).map(|((state, thing), before)| {
            let began = state.summary.started_at.unwrap_or_else(|| state.summary.created_at());
            let mut runs = before.places.iter().filter_map(|place| Some((place, cells.get(place)?))).peekable();
            let is_unseen = thing.is_known() && runs.peek().is_some();
            let mut lacks = runs.map(|(place, cell)| lacks(thing, (place, cell), &kept, began));
            before.environment.clone().filter(|_| is_unseen && lacks.all(|lacks| lacks))
        });
        Ok(of_each.collect())
    }
}

/// What is before the place of a deployment on the promotion path.
#[derive(Debug, Default)]
struct Before {
    environment: Option<Environment>,
    /// The same service there, by each of its names.
    places: Vec<Place>,
}

impl Before {
    fn of(summary: &Summary, settings: &SettingsInUse, environments: &[Environment]) -> Self {
        let (names, path) = (&settings.names, &settings.path);
        let (environment, service) = (summary.environment(), summary.service());
        let before = path.before(names.environments.resolve(&environment), environments);
        let Some(before) = before.filter(|_| service != Service::unknown()) else { return Self::default() };
        let recorded = names.environments.same(before);
        let places = recorded.iter().flat_map(|environment| {
            let place = |service| Place { environment: environment.clone(), service };
            names.services.same(&service).into_iter().map(place)
        });
        Self { environment: Some(before.clone()), places: places.collect() }
    }
}

/// Whether it is known that a thing had not landed in a place by a time.
fn lacks(thing: &Thing, (place, cell): (&Place, &Cell), kept: &KeptLandings, by: Timestamp) -> bool {
    let item = |key: &ThingKey| kept.get(&(place.clone(), key.clone()))?.as_ref().map(|item| &item.landings);
    let first = cell.first_landing(thing, &cell.tail.landings, item);
    first.is_ok_and(|first| first.is_none_or(|first| first.moment.at > by))
}
