//! Once a minute: how many deployments are active, and which are stuck.

use domain::follows::metrics::{Dimensions, Metric, Tally};
use domain::follows::notifications::Transition;
use domain::follows::stuck::{is_stuck, notification, silent_since};
use domain::{Environment, State, Timestamp};
use publisher::Publisher;
use store::{StoreError, WriteItems};

use crate::{EventProcessor, Failed};

/// How many deployments are read at once.
const PAGE: usize = 50;

/// What a tick found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticked {
    pub(crate) active: u64,
    pub(crate) stuck: u64,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Publishes gauges for each environment, zero included, and notifies of what is newly stuck.
    pub(crate) async fn tick(&self, now: Timestamp) -> Result<Ticked, Failed> {
        let mut ticked = Ticked::default();
        let mut tally = Tally::default();
        for environment in self.recorder.reader().environments().await? {
            let active = self.recorder.reader().count_active(&environment).await?;
            let stuck = self.stuck(&environment, now).await?;
            self.notify_stuck(&environment, &stuck).await?;
            ticked.active += active;
            ticked.stuck += stuck.len() as u64;
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
        Ok(ticked)
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
