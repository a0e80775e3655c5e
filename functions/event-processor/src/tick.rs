//! Once a minute: how many deployments are active, and which are stuck.

use aws::StoreError;
use aws::publisher::Publisher;
use domain::follows::metrics::{Dimensions, Metric, Tally};
use domain::follows::notifications::{Notification, Transition};
use domain::{Environment, State, Timestamp};

use crate::EventProcessor;

/// How many deployments are read at once.
const PAGE: usize = 50;

/// What a tick found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticked {
    pub(crate) active: u64,
    pub(crate) stuck: u64,
}

impl<P: Publisher> EventProcessor<P> {
    /// Publishes gauges for each environment, zero included, and tells what is newly stuck.
    pub(crate) async fn tick(&self, now: Timestamp) -> Result<Ticked, StoreError> {
        let mut ticked = Ticked::default();
        let mut tally = Tally::default();
        for environment in self.store.environments().await? {
            let active = self.store.count_active(&environment).await?;
            let stuck = self.stuck(&environment, now).await?;
            self.tell_stuck(&environment, &stuck).await?;
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

    /// Deployments that have not ended and were last heard of too long ago.
    async fn stuck(&self, environment: &Environment, now: Timestamp) -> Result<Vec<State>, StoreError> {
        let millis = i64::try_from(self.processing.stuck_after.as_millis()).unwrap_or(i64::MAX);
        let silent_since = now.plus_millis(-millis);
        let mut stuck = Vec::new();
        // One that began at this very moment counts too: in its key the id follows the time.
        let mut position = silent_since.plus_millis(1).sort_key();
        loop {
            let (states, next) = self.store.active(environment, &position, PAGE).await?;
            stuck.extend(states.into_iter().filter(|state| state.summary.updated_at <= silent_since));
            match next {
                Some(next) => position = next,
                None => return Ok(stuck),
            }
        }
    }

    /// Told before it is remembered: a crash in between tells it twice, with the same `dedupeId`,
    /// rather than never.
    async fn tell_stuck(&self, environment: &Environment, stuck: &[State]) -> Result<(), StoreError> {
        if !self.processing.notify.notifies(environment, Transition::Stuck) {
            return Ok(());
        }
        for state in stuck {
            if !self.store.told_stuck(state).await? {
                self.publisher.notify(vec![notification(state)]).await?;
                self.store.remember_told_stuck(state).await?;
            }
        }
        Ok(())
    }
}

fn notification(state: &State) -> Notification {
    let summary = &state.summary;
    Notification {
        transition: Transition::Stuck,
        deployment_id: summary.deployment_id.clone(),
        service: summary.service(),
        environment: summary.environment(),
        version: summary.version(),
        attempt: summary.attempt(),
        at: summary.updated_at,
        status: summary.status(),
        error: None,
        record: None,
    }
}
