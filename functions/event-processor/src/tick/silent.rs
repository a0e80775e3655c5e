//! Deployments of which nothing was reported for long: they are over, or stuck.

use std::collections::{BTreeMap, BTreeSet};

use domain::follows::digest::Held;
use domain::follows::notifications::{Notification, Transition};
use domain::follows::silence::{self, Silence};
use domain::follows::stuck::{is_stuck, notification, silent_since};
use domain::live::{Cell, Place};
use domain::{DeploymentId, Environment, State};
use publisher::Publisher;
use recorder::Recorded;
use store::{StoreError, WriteItems};

use super::{Tick, Trouble};
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
    /// Concludes which of some deployments are over, and notifies of those that are newly stuck. The environments are
    /// those in whose lists they stand.
    pub(super) async fn look_after(
        &self,
        tick: &Tick<'_>,
        deployments: &[(Environment, DeploymentId)],
    ) -> Result<Found, StoreError> {
        let silent_since = silent_since(tick.now, self.processing.stuck_after);
        let listed_in: BTreeMap<&DeploymentId, &Environment> =
            deployments.iter().map(|(environment, id)| (id, environment)).collect();
        let listed = |state: &State| match listed_in.get(&state.summary.deployment_id) {
            Some(environment) => (*environment).clone(),
            None => state.summary.environment(),
        };
        let ids = deployments.iter().map(|(_, id)| id.clone()).collect();
        let mut silent = self.recorder.reader().states(&ids).await?;
        silent.retain(|_, state| is_stuck(state, silent_since));
        let mut over = self.over(&silent, tick).await?;
        let (mut found, mut trouble) = (Found::default(), Trouble::default());
        let mut stuck: Vec<&State> = silent.values().filter(|s| !over.contains_key(&s.summary.deployment_id)).collect();
        let ending: Vec<&State> = silent.values().filter(|s| over.contains_key(&s.summary.deployment_id)).collect();
        for some in ending.chunks(CONCLUSIONS) {
            // What is not concluded now is active, and is concluded by the next tick.
            if !tick.has_time() {
                break;
            }
            let concluded = self.conclude(some, &mut over, tick, &mut trouble).await;
            for (state, is_over) in some.iter().zip(concluded) {
                match is_over {
                    Some(true) => *found.concluded.entry(listed(state)).or_default() += 1,
                    Some(false) => stuck.push(state),
                    None => {}
                }
            }
        }
        for state in &stuck {
            *found.stuck.entry(listed(state)).or_default() += 1;
        }
        let notifies = |state: &&State| self.processing.notify.notifies(&listed(state), Transition::Stuck);
        stuck.retain(notifies);
        trouble.note(self.notify_stuck(&stuck, tick).await);
        found.trouble = trouble.0;
        Ok(found)
    }

    /// Which of these silent deployments are over, and why.
    async fn over(
        &self,
        silent: &BTreeMap<DeploymentId, State>,
        tick: &Tick<'_>,
    ) -> Result<BTreeMap<DeploymentId, Silence>, StoreError> {
        let reader = self.recorder.reader();
        let place =
            |state: &State| Place { environment: state.summary.environment(), service: state.summary.service() };
        let placed = silent.values().filter(|state| state.summary.has_place());
        let cells = reader.cells_of(&placed.map(place).collect()).await?;
        let overtaking = |state: &State| {
            let cell: Option<&Cell> = cells.get(&place(state)).filter(|_| state.summary.has_place());
            let landings = cell.map_or(&[][..], |cell| &cell.tail.landings);
            silence::overtaking(state, landings).cloned().collect::<Vec<DeploymentId>>()
        };
        let later: BTreeSet<DeploymentId> = silent.values().flat_map(overtaking).collect();
        let later = reader.states(&later).await?;
        let why = |state: &State| {
            let overtook = |id: &DeploymentId| later.get(id).is_some_and(|other| silence::overtook(other, state));
            let superseded = overtaking(state).into_iter().find(overtook).map(Silence::Superseded);
            let is_abandoned =
                || tick.abandoned_after.is_some_and(|after| silence::is_abandoned(state, after, tick.now));
            superseded.or_else(|| is_abandoned().then_some(Silence::Abandoned))
        };
        Ok(silent.iter().filter_map(|(id, state)| Some((id.clone(), why(state)?))).collect())
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
    async fn notify_stuck(&self, stuck: &[&State], tick: &Tick<'_>) -> Result<(), Failed> {
        let new = self.recorder.not_notified_stuck(stuck).await?;
        let new: Vec<(&State, Notification)> = new.into_iter().map(|state| (state, notification(state))).collect();
        let (alone, more) = self.in_pace(new, tick.now, |(_, notification)| notification.transition);
        if !alone.is_empty() {
            let (states, notifications): (Vec<&State>, Vec<Notification>) = alone.into_iter().unzip();
            self.publisher.notify(notifications).await?;
            self.recorder.remember_stuck_notified(&states).await?;
        }
        let held: Vec<(&State, Held)> =
            more.into_iter().map(|(state, notification)| (state, Held::of(&notification, tick.now))).collect();
        self.recorder.hold_stuck(&held).await?;
        Ok(())
    }
}
