//! Deployments of which nothing was reported for long: they are over, or have stalled.

use std::collections::{BTreeMap, BTreeSet};

use domain::follows::digest::Held;
use domain::follows::notifications::{Notification, Transition};
use domain::follows::silence::{self, Silence};
use domain::follows::stuck::{Since, Told, is_silent, notification, silent_since};
use domain::live::{Cell, Place};
use domain::questions::pace::{Progress, can_have_stalled};
use domain::{DeploymentId, Environment, State};
use publisher::Publisher;
use recorder::Recorded;
use store::{StoreError, WriteItems};

use super::{Tick, Trouble};
use crate::expectations::place_of;
use crate::processor::{EventProcessor, Failed};

/// How many deployments are looked at at once.
pub(super) const AT_ONCE: usize = 500;
/// How many conclusions are recorded side by side.
const CONCLUSIONS: usize = 50;

/// What became of silent deployments, by environment.
#[derive(Default)]
pub(super) struct Found {
    pub(super) stuck: BTreeMap<Environment, u64>,
    pub(super) concluded: BTreeMap<Environment, u64>,
    /// What could not be recorded or notified.
    pub(super) trouble: Option<Failed>,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Concludes which of some deployments are over, and notifies of those that have newly stalled, and of those that go
    /// on. The environments are those in whose lists they stand.
    pub(super) async fn look_after(
        &self,
        tick: &Tick<'_>,
        deployments: &[(Environment, DeploymentId)],
    ) -> Result<Found, StoreError> {
        let listed_in: BTreeMap<&DeploymentId, &Environment> =
            deployments.iter().map(|(environment, id)| (id, environment)).collect();
        let listed = |state: &State| match listed_in.get(&state.summary.deployment_id) {
            Some(environment) => (*environment).clone(),
            None => state.summary.environment(),
        };
        let ids = deployments.iter().map(|(_, id)| id.clone()).collect();
        let states = self.recorder.reader().states(&ids).await?;
        let silent_since = silent_since(tick.now, self.processing.stuck_after);
        let silent: Vec<&State> = states.values().filter(|state| is_silent(state, silent_since)).collect();
        let may_have_stalled = |state: &&State| can_have_stalled(&state.summary, self.processing.stuck_after, tick.now);
        let late: Vec<&State> = states.values().filter(may_have_stalled).collect();
        let placed = silent.iter().chain(&late).map(|state| place_of(state)).filter(Place::is_known);
        let cells = self.recorder.reader().cells_of(&placed.collect()).await?;
        let mut over = self.over(&silent, &cells, tick).await?;
        let (mut found, mut trouble) = (Found::default(), Trouble::default());
        let ending: Vec<&State> =
            silent.iter().copied().filter(|state| over.contains_key(&state.summary.deployment_id)).collect();
        let mut ended: BTreeSet<&DeploymentId> = ending.iter().map(|state| &state.summary.deployment_id).collect();
        for some in ending.chunks(CONCLUSIONS) {
            // What is not concluded now is active, and is concluded by the next tick.
            if !tick.has_time() {
                break;
            }
            let concluded = self.conclude(some, &mut over, tick, &mut trouble).await;
            for (state, is_over) in some.iter().zip(concluded) {
                match is_over {
                    Some(true) => *found.concluded.entry(listed(state)).or_default() += 1,
                    Some(false) => {
                        ended.remove(&state.summary.deployment_id);
                    }
                    None => {}
                }
            }
        }
        let late = late.into_iter().filter(|state| !ended.contains(&state.summary.deployment_id)).collect();
        let late = Box::pin(self.progress_of(late, &cells, tick.now)).await?;
        let mut stuck: Vec<(&State, Progress)> =
            late.into_iter().filter(|(_, progress)| progress.is_stalled()).collect();
        for (state, _) in &stuck {
            *found.stuck.entry(listed(state)).or_default() += 1;
        }
        let told: BTreeMap<&DeploymentId, &Told> = tick.told.iter().map(|told| (&told.deployment_id, told)).collect();
        let here = deployments.iter().filter_map(|(_, id)| told.get(id).copied());
        let of_told: Vec<(&Told, Option<&State>)> = here.map(|told| (told, states.get(&told.deployment_id))).collect();
        trouble.note(self.notify_resumed(&of_told, &stuck, tick).await);
        let is_new = |state: &State| {
            let told = told.get(&state.summary.deployment_id);
            told.is_none_or(|told| told.since != state.summary.updated_at)
        };
        stuck.retain(|(state, _)| is_new(state) && self.processing.notify.notifies(&listed(state), Transition::Stuck));
        let stuck =
            stuck.into_iter().map(|(state, progress)| (state, Told::of(state, listed(state)), progress)).collect();
        trouble.note(self.notify_stuck(stuck, tick).await);
        found.trouble = trouble.0;
        Ok(found)
    }

    /// Which of these silent deployments are over, and why.
    async fn over(
        &self,
        silent: &[&State],
        cells: &BTreeMap<Place, Cell>,
        tick: &Tick<'_>,
    ) -> Result<BTreeMap<DeploymentId, Silence>, StoreError> {
        let reader = self.recorder.reader();
        let overtaking = |state: &State| {
            let cell: Option<&Cell> = cells.get(&place_of(state)).filter(|_| state.summary.has_place());
            let landings = cell.map_or(&[][..], |cell| &cell.tail.landings);
            silence::overtaking(state, landings).cloned().collect::<Vec<DeploymentId>>()
        };
        let later: BTreeSet<DeploymentId> = silent.iter().copied().flat_map(overtaking).collect();
        let later = reader.states(&later).await?;
        let why = |state: &State| {
            let overtook = |id: &DeploymentId| later.get(id).is_some_and(|other| silence::overtook(other, state));
            let superseded = overtaking(state).into_iter().find(overtook).map(Silence::Superseded);
            let is_abandoned =
                || tick.abandoned_after.is_some_and(|after| silence::is_abandoned(state, after, tick.now));
            superseded.or_else(|| is_abandoned().then_some(Silence::Abandoned))
        };
        Ok(silent.iter().filter_map(|state| Some((state.summary.deployment_id.clone(), why(state)?))).collect())
    }

    /// Records that deployments are over. Answers of each whether it is; none where that could not be recorded.
    async fn conclude(
        &self,
        ending: &[&State],
        why: &mut BTreeMap<DeploymentId, Silence>,
        tick: &Tick<'_>,
        trouble: &mut Trouble,
    ) -> Vec<Option<bool>> {
        let mut is_over = vec![Some(false); ending.len()];
        let (mut numbers, mut conclusions) = (Vec::new(), Vec::new());
        for (number, state) in ending.iter().enumerate() {
            let Some(why) = why.remove(&state.summary.deployment_id) else { continue };
            match silence::conclusion(state, &why, tick.now) {
                Ok(received) => {
                    numbers.push(number);
                    conclusions.push(received);
                }
                Err(errors) => tracing::error!(?errors, "a conclusion contradicts itself"),
            }
        }
        for (number, result) in numbers.into_iter().zip(self.recorder.record(conclusions, tick.now).await) {
            is_over[number] = match trouble.note(result) {
                Some(Recorded::New(_) | Recorded::Duplicate(_)) => Some(true),
                // Its history is full: it is concluded in vain once a minute, and stays stuck.
                Some(Recorded::Refused(why)) => {
                    let id = ending[number].summary.deployment_id.as_str();
                    tracing::warn!(deployment_id = id, ?why, "not concluded");
                    Some(false)
                }
                None => None,
            };
        }
        is_over
    }

    /// Each is sent before that is remembered: a crash in between sends it twice, with the same `dedupeId`, rather
    /// than never. What is too much for single notifications is held for a digest, and remembered with that.
    async fn notify_stuck(&self, stuck: Vec<(&State, Told, Progress)>, tick: &Tick<'_>) -> Result<(), Failed> {
        let states: Vec<&State> = stuck.iter().map(|(state, ..)| *state).collect();
        let new = self.recorder.not_notified_stuck(&states).await?;
        let new: BTreeSet<&DeploymentId> = new.into_iter().map(|state| &state.summary.deployment_id).collect();
        let new = stuck.into_iter().filter(|(state, ..)| new.contains(&state.summary.deployment_id));
        let new = new.map(|(state, told, progress)| (state, told, notification(state, &progress))).collect();
        let (alone, more) = self.in_pace(new, tick.now, |(_, _, notification)| notification.transition);
        if !alone.is_empty() {
            let (remembered, notifications): (Vec<(&State, Told)>, Vec<Notification>) =
                alone.into_iter().map(|(state, told, notification)| ((state, told), notification)).unzip();
            self.publisher.notify(notifications).await?;
            self.recorder.remember_stuck_notified(&remembered).await?;
        }
        let held = more.into_iter().map(|(state, told, notification)| {
            let held = Held::of(&notification, tick.now);
            (state, told, held)
        });
        self.recorder.hold_stuck(&held.collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Says of those of which people were told that they stalled, that they go on; in the same order of steps.
    async fn notify_resumed(
        &self,
        told: &[(&Told, Option<&State>)],
        stuck: &[(&State, Progress)],
        tick: &Tick<'_>,
    ) -> Result<(), Failed> {
        // What was heard of since, and has stalled again, is told as that.
        let again: BTreeSet<&DeploymentId> = stuck.iter().map(|(state, _)| &state.summary.deployment_id).collect();
        let (mut forgotten, mut resumed) = (Vec::new(), Vec::new());
        for (told, state) in told.iter().filter(|(told, _)| !again.contains(&told.deployment_id)) {
            match told.since(*state, &self.processing.notify) {
                Since::Nothing => {}
                Since::Over => forgotten.push((*told, None)),
                Since::GoesOn(notification) => resumed.push((*told, *notification)),
            }
        }
        let (alone, more) = self.in_pace(resumed, tick.now, |(_, notification)| notification.transition);
        if !alone.is_empty() {
            let (alone, notifications): (Vec<&Told>, Vec<Notification>) = alone.into_iter().unzip();
            self.publisher.notify(notifications).await?;
            forgotten.extend(alone.into_iter().map(|told| (told, None)));
        }
        forgotten.extend(more.into_iter().map(|(told, notification)| (told, Some(Held::of(&notification, tick.now)))));
        self.recorder.forget_stalled(&forgotten).await?;
        Ok(())
    }
}
