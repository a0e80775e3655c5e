//! What people are told of verdicts: what may have changed one is looked up and judged, and each news of it is told
//! once.
//!
//! Only records that say something for or against a deployment make anything be read. What can't be judged yet, because
//! what it is of has not landed or may not be known yet, is noted for the tick.

use std::collections::{BTreeMap, BTreeSet};

use domain::follows::judged::{Concern, Concerned, Judged, LookAgain, Noted, current, is_current, news, notification};
use domain::follows::metrics::Tally;
use domain::follows::notifications::{Notification, Transition};
use domain::follows::suggested::Suggested;
use domain::health::verdict::{Verdict, verdict};
use domain::health::watched::{Watched, landing, of_its_own};
use domain::live::{Cell, Place};
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Environment, State, Timestamp};
use futures_util::future::{try_join, try_join_all};
use publisher::Publisher;
use recorder::judged::{Note, ToldBefore};
use store::reader::health::InUse;
use store::reader::when::When;
use store::{StoreError, WriteItems};

use crate::expectations::place_of;
use crate::processor::{EventProcessor, Failed};

/// What is news, to be told and then remembered.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Whom people are told of.
    pub(crate) notifications: Vec<Notification>,
    /// What is suggested to whoever puts versions back: it is recorded already.
    pub(crate) suggested: Vec<Suggested>,
    /// What is remembered of it.
    pub(crate) told: ToldBefore,
    /// What is counted.
    pub(crate) tally: Tally,
    /// What is to be looked at again.
    pub(crate) again: Vec<LookAgain>,
    /// What speaks against what runs now, or no longer does.
    pub(crate) noted: Vec<Note>,
}

/// Why a deployment is looked at.
#[derive(Debug, Clone)]
struct Why {
    received: Timestamp,
    records: BTreeSet<String>,
    cleared: Option<String>,
    /// What was observed: where all of it is well, there is no news.
    observed: Vec<Concerned>,
    /// Whether there is more than what was observed.
    is_more: bool,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// What is news by these records. Nothing is read where there are none.
    pub(crate) async fn judge(&self, concerned: Vec<Concerned>, now: Timestamp) -> Result<News, Failed> {
        if concerned.is_empty() {
            return Ok(News::default());
        }
        // Whether an observation is well, the bounds in force say: those that were applied a moment ago too.
        let (_, before) = self.settings_and_version(now).await?;
        if concerned.iter().any(|concerned| concerned.observed.is_some()) {
            self.settings.look_again();
        }
        let (in_use, version) = self.settings_in_use(now).await?;
        let is_settled = before == version;
        let (mut why, mut again) = (BTreeMap::new(), Vec::new());
        let mut of_places: BTreeMap<Place, Vec<Concerned>> = BTreeMap::new();
        for concerned in concerned {
            match &concerned.what {
                Concern::Deployment(id) => Why::add(&mut why, id.clone(), concerned.clone()),
                Concern::Place(place) => {
                    let bounds = in_use.bounds(place);
                    if !(is_settled && concerned.is_well(&bounds)) {
                        for place in same(place, &in_use) {
                            of_places.entry(place).or_default().push(concerned.clone());
                        }
                    }
                }
                Concern::Thing(service, mark) => {
                    for cell in self.where_it_ran(service, &in_use).await?.values() {
                        for (id, thing) in current(cell, concerned.received) {
                            let said = mark.thing();
                            let version = said.version.is_some() && said.version == thing.version;
                            if said.is_same(&thing) || version {
                                Why::add(&mut why, id, concerned.clone());
                            }
                        }
                    }
                }
            }
        }
        let places: BTreeSet<Place> = of_places.keys().cloned().collect();
        let cells = self.recorder.reader().cell_items_of(&places).await?;
        for (place, concerned) in of_places {
            let cell = cells.get(&place);
            let received = concerned.iter().map(|concerned| concerned.received).max().unwrap_or(now);
            if place.is_known() {
                again.push(LookAgain::at_place(place, cell.map_or(0, |cell| cell.revision), received));
            }
            let Some(cell) = cell else { continue };
            for (id, _) in current(&cell.cell, received) {
                for concerned in &concerned {
                    Why::add(&mut why, id.clone(), concerned.clone());
                }
            }
        }
        let mut found = self.judge_all(why, (&in_use, version), is_settled, now).await?;
        found.again.extend(again);
        Ok(found)
    }

    /// What is news of what is to be looked at again, and which of it need not be any more.
    pub(crate) async fn look_again_at(
        &self,
        looks: &[LookAgain],
        now: Timestamp,
    ) -> Result<(News, Vec<LookAgain>), Failed> {
        let (mut over, open): (Vec<&LookAgain>, Vec<&LookAgain>) = looks.iter().partition(|look| look.is_over(now));
        let places: BTreeSet<Place> = open.iter().filter_map(|look| look.place()).collect();
        let ids: BTreeSet<DeploymentId> = open.iter().filter_map(|look| look.deployment_id.clone()).collect();
        let reader = self.recorder.reader();
        let (cells, states) = try_join(reader.cell_items_of(&places), reader.states(&ids)).await?;
        let (mut why, mut again) = (BTreeMap::new(), Vec::new());
        for look in open {
            if let Some(id) = &look.deployment_id {
                let is_settled = states.get(id).is_some_and(|state| !is_open(state));
                if is_settled {
                    why.insert(id.clone(), Why::look(look.received));
                    over.push(look);
                }
            } else if let Some(place) = look.place()
                && let Some(cell) = cells.get(&place).filter(|cell| cell.revision != look.revision)
            {
                for (id, _) in current(&cell.cell, look.received) {
                    why.entry(id).or_insert_with(|| Why::look(look.received));
                }
                again.push(LookAgain { revision: cell.revision, ..look.clone() });
            }
        }
        let over = over.into_iter().cloned().collect();
        if why.is_empty() {
            return Ok((News { again, ..News::default() }, over));
        }
        let (in_use, version) = self.settings_in_use(now).await?;
        let mut found = self.judge_all(why, (&in_use, version), false, now).await?;
        found.again.extend(again);
        Ok((found, over))
    }

    /// What is news of these deployments.
    async fn judge_all(
        &self,
        mut why: BTreeMap<DeploymentId, Why>,
        in_use: InUse<'_>,
        is_settled: bool,
        now: Timestamp,
    ) -> Result<News, Failed> {
        let mut found = News::default();
        let reader = self.recorder.reader();
        let ids: BTreeSet<DeploymentId> = why.keys().cloned().collect();
        let mut states = reader.states(&ids).await?;
        why.retain(|id, why| {
            let Some(state) = states.get(id) else {
                found.again.push(LookAgain::at_deployment(id.clone(), why.received));
                return false;
            };
            let bounds = in_use.0.bounds(&place_of(state));
            if is_settled && !why.is_more && why.observed.iter().all(|observed| observed.is_well(&bounds)) {
                return false;
            }
            if is_open(state) {
                let own = verdict(&Watched::of(&state.summary, &bounds), &of_its_own(&state.summary, &bounds), now);
                if own.is_none() && why.observed.iter().all(|observed| observed.is_well(&bounds)) {
                    return false;
                }
                found.again.push(LookAgain::at_deployment(id.clone(), why.received));
                return false;
            }
            true
        });
        states.retain(|id, _| why.contains_key(id));
        if states.is_empty() {
            return Ok(found);
        }
        let ids: BTreeSet<DeploymentId> = states.keys().cloned().collect();
        let places: BTreeSet<Place> = states.values().map(place_of).collect();
        let (cells, told) = try_join(reader.cells_of(&places), self.recorder.told_before(&ids)).await?;
        for (id, state) in &states {
            let Some(why) = why.get(id) else { continue };
            // Of a batch that comes again it was told, and is to be counted still.
            let before = told.get(&(id.clone(), Transition::Bad));
            if before.is_some_and(|record| why.records.contains(record)) {
                found.tally.add_bad(&state.summary, now);
            }
            // More measurements of what people were told is bad, and nothing else, are no news.
            let told_else = [Transition::GoodAgain, Transition::Suspect].map(|of| told.contains_key(&(id.clone(), of)));
            if before.is_some() && told_else == [false; 2] && !why.is_more {
                continue;
            }
            if !is_current(&state.summary, cells.get(&place_of(state)), why.received) {
                continue;
            }
            // A clock that is behind must not hide what was just recorded.
            let at = now.max(why.received).max(state.recorded_at);
            let verdict = Box::pin(reader.verdict_on(state, When::default(), in_use, at)).await?;
            let noted = Noted::of(verdict.as_ref());
            if noted.is_some() || Noted::may_be(|of| told.contains_key(&(id.clone(), of))) {
                found.noted.push(Note { place: place_of(state), id: id.clone(), verdict: noted });
            }
            let Some(news) = news(verdict.as_ref(), |of| told.contains_key(&(id.clone(), of))) else { continue };
            let Some(mut verdict) = verdict else { continue };
            let record = why.records.first().cloned().unwrap_or_default();
            found.told.insert((id.clone(), news), record);
            if news == Transition::Bad {
                found.tally.add_bad(&state.summary, now);
                found.suggested.extend(self.suggest(state, &mut verdict, in_use.0, at).await?);
            }
            if self.processing.notify.notifies(&state.summary.environment(), news) {
                let judged = Judged { verdict, because: why.cleared.clone() };
                found.notifications.push(notification(state, news, judged, why.received));
            }
        }
        Ok(found)
    }

    /// Records what is suggested of what people are told is bad, where the settings ask for that: before anything is sent.
    /// Answers what is to be sent.
    async fn suggest(
        &self,
        state: &State,
        verdict: &mut Verdict,
        settings: &SettingsInUse,
        at: Timestamp,
    ) -> Result<Option<Suggested>, StoreError> {
        let Some(new) = Suggested::of(&state.summary, (Transition::Bad, verdict), settings, at) else {
            return Ok(None);
        };
        let kept = self.recorder.suggest(new.clone()).await?;
        verdict.suggested = kept.known_at(at.max(kept.detail.at));
        let to_send = kept.to_send(&new);
        if to_send.is_none() && kept.sent_at.is_none() {
            tracing::warn!(id = new.suggestion_id, "not sent: something else is to be gone back to than was recorded");
        }
        Ok(to_send)
    }

    /// The places where a service ran, under all its names, with what runs there.
    async fn where_it_ran(
        &self,
        service: &domain::Service,
        in_use: &SettingsInUse,
    ) -> Result<BTreeMap<Place, Cell>, StoreError> {
        let reader = self.recorder.reader();
        let names = in_use.names.services.same(service);
        let of_each = try_join_all(names.iter().map(|name| reader.environments_of(name))).await?;
        let place =
            |(environment, service): (Environment, &domain::Service)| Place { environment, service: service.clone() };
        let of_each = names.iter().zip(of_each);
        let places = of_each.flat_map(|(name, environments)| environments.into_iter().map(move |one| (one, name)));
        reader.cells_of(&places.map(place).collect()).await
    }

    pub(crate) async fn settings_in_use(&self, now: Timestamp) -> Result<(SettingsInUse, u64), StoreError> {
        let (settings, version) = self.settings_and_version(now).await?;
        Ok((SettingsInUse::from(settings.general.clone()), version))
    }
}

impl Why {
    fn at(received: Timestamp) -> Self {
        Self { received, records: BTreeSet::new(), cleared: None, observed: Vec::new(), is_more: false }
    }

    /// That it is looked at again: anything may be different.
    fn look(received: Timestamp) -> Self {
        Self { is_more: true, ..Self::at(received) }
    }

    fn add(all: &mut BTreeMap<DeploymentId, Self>, id: DeploymentId, concerned: Concerned) {
        let why = all.entry(id).or_insert_with(|| Self::at(concerned.received));
        why.received = why.received.max(concerned.received);
        why.records.insert(concerned.record.clone());
        why.cleared = why.cleared.take().or_else(|| concerned.cleared());
        if concerned.observed.is_some() {
            why.observed.push(concerned);
        } else {
            why.is_more = true;
        }
    }
}

/// Whether a deployment may land still.
fn is_open(state: &State) -> bool {
    landing(&state.summary).is_none() && !state.summary.status().is_terminal()
}

/// A place under each of its names.
fn same(place: &Place, in_use: &SettingsInUse) -> Vec<Place> {
    let services = in_use.names.services.same(&place.service);
    let environments = in_use.names.environments.same(&place.environment);
    let of_each = environments.into_iter().flat_map(|environment| {
        services.iter().map(move |service| Place { environment: environment.clone(), service: service.clone() })
    });
    of_each.collect()
}
