//! Once a minute: how many deployments are active, which are stuck, and which are over although nobody
//! reported it.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::follows::metrics::{Dimensions, Metric, Tally};
use domain::follows::notifications::Transition;
use domain::follows::silence::{self, Silence};
use domain::follows::stuck::{is_stuck, notification, silent_since};
use domain::live::Place;
use domain::{Environment, State, Timestamp};
use publisher::Publisher;
use recorder::Recorded;
use store::{StoreError, WriteItems};

use crate::processor::{EventProcessor, Failed};

/// How many deployments are read at once.
const PAGE: usize = 50;

/// What a tick found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Deployments that have not ended.
    pub active: u64,
    /// Those of them that are newly stuck.
    pub stuck: u64,
    /// Deployments that nobody reported the end of, and that are over.
    pub concluded: u64,
}

/// Of the deployments that are silent: those that are still active, and how many are over.
struct Concluded {
    stuck: Vec<State>,
    concluded: u64,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Concludes what is over, publishes gauges, notifies of what is newly stuck, and looks for drift once an hour.
    ///
    /// Gauges are published for the environments that the rules of notifications name, zero included; for
    /// others, and retired ones, while they are above zero, and once more at zero: each gauge is a metric that
    /// is paid for.
    ///
    /// # Errors
    /// When something could not be read, recorded or published; the next tick does it.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, Failed> {
        let abandoned_after = match self.settings(now).await {
            Ok(settings) => Some(silence::abandoned_after(settings.general.abandon_after_days)),
            Err(error) => {
                tracing::error!(%error, "the settings can't be read; nothing is given up meanwhile");
                None
            }
        };
        let mut ticked = Ticked::default();
        let mut tally = Tally::default();
        let (before, mut above) = (self.recorder.reader().gauged().await?, BTreeSet::new());
        let environments = self.recorder.reader().environments().await?;
        let watched = environments.iter().filter(|environment| self.processing.notify.names(environment));
        let watched: Vec<Environment> = watched.cloned().collect();
        let retired =
            if watched.is_empty() { BTreeSet::new() } else { self.recorder.reader().retired(&watched).await? };
        for environment in environments {
            let active = self.recorder.reader().count_active(&environment).await?;
            let silent = self.stuck(&environment, now).await?;
            let Concluded { stuck, concluded } = self.conclude(silent, abandoned_after, now).await?;
            let active = active.saturating_sub(concluded);
            self.notify_stuck(&environment, &stuck).await?;
            ticked.active += active;
            ticked.stuck += stuck.len() as u64;
            ticked.concluded += concluded;
            if active > 0 || !stuck.is_empty() {
                above.insert(environment.clone());
            }
            let watched = watched.contains(&environment) && !retired.contains(&environment);
            if !watched && ![&above, &before].iter().any(|gauged| gauged.contains(&environment)) {
                continue;
            }
            let dimensions = Dimensions::Environment(environment);
            #[expect(clippy::cast_precision_loss, reason = "a count of deployments")]
            let gauges = [(Metric::ActiveDeployments, active as f64), (Metric::StuckDeployments, stuck.len() as f64)];
            for (metric, value) in gauges {
                tally.add(metric, dimensions.clone(), now, value);
            }
        }
        let data = tally.data();
        if !data.is_empty() {
            self.publisher.metrics(data).await?;
        }
        self.recorder.remember_gauged(&above, &before).await?;
        // Last, so that nothing else waits for it; in a box, as its future is large.
        Box::pin(self.look_for_drift(now)).await?;
        Ok(ticked)
    }

    /// Records of deployments that are silent what is concluded of them. Answers those that are still active.
    async fn conclude(
        &self,
        silent: Vec<State>,
        abandoned_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Concluded, Failed> {
        let (mut stuck, mut over, mut conclusions) = (Vec::new(), Vec::new(), Vec::new());
        for state in silent {
            match self.silence(&state, abandoned_after, now).await? {
                Some(why) => match silence::conclusion(&state, &why, now) {
                    Ok(received) => {
                        conclusions.push(received);
                        over.push(state);
                    }
                    Err(errors) => {
                        tracing::error!(?errors, "a conclusion contradicts itself");
                        stuck.push(state);
                    }
                },
                None => stuck.push(state),
            }
        }
        let mut concluded = 0;
        for (state, result) in over.into_iter().zip(self.recorder.record(conclusions, now).await) {
            match result? {
                Recorded::New(_) | Recorded::Duplicate(_) => concluded += 1,
                // Its history is full: it is concluded in vain once a minute, and stays stuck.
                Recorded::Refused(why) => {
                    tracing::warn!(deployment_id = state.summary.deployment_id.as_str(), ?why, "not concluded");
                    stuck.push(state);
                }
            }
        }
        Ok(Concluded { stuck, concluded })
    }

    /// Why a silent deployment is over, if it is.
    async fn silence(
        &self,
        state: &State,
        abandoned_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Option<Silence>, StoreError> {
        let (summary, reader) = (&state.summary, self.recorder.reader());
        let place = Place { environment: summary.environment(), service: summary.service() };
        let cell = if summary.has_place() { reader.cell_item(&place).await? } else { None };
        if let Some(cell) = cell {
            for id in silence::overtaking(state, &cell.cell.tail.landings) {
                let completed = reader.state(id).await?;
                if completed.is_some_and(|completed| silence::overtook(&completed, state)) {
                    return Ok(Some(Silence::Superseded(id.clone())));
                }
            }
        }
        let abandoned = abandoned_after.is_some_and(|after| silence::is_abandoned(state, after, now));
        Ok(abandoned.then_some(Silence::Abandoned))
    }

    /// The deployments of an environment that are stuck.
    async fn stuck(&self, environment: &Environment, now: Timestamp) -> Result<Vec<State>, StoreError> {
        let silent_since = silent_since(now, self.processing.stuck_after);
        let mut stuck = Vec::new();
        // One that began at this very moment counts too: in its key the id follows the time.
        let mut position = silent_since.plus_millis(1).sort_key();
        loop {
            let (states, next) = self.recorder.reader().active(environment, &position, PAGE).await?;
            stuck.extend(states.into_iter().filter(|state| is_stuck(state, silent_since)));
            match next {
                Some(next) => position = next,
                None => return Ok(stuck),
            }
        }
    }

    /// Each is sent before that is remembered: a crash in between sends it twice, with the same
    /// `dedupeId`, rather than never.
    async fn notify_stuck(&self, environment: &Environment, stuck: &[State]) -> Result<(), Failed> {
        if !self.processing.notify.notifies(environment, Transition::Stuck) {
            return Ok(());
        }
        for state in stuck {
            if !self.recorder.stuck_notified(state).await? {
                self.publisher.notify(vec![notification(state)]).await?;
                self.recorder.remember_stuck_notified(state).await?;
            }
        }
        Ok(())
    }
}
