//! Some environments at once: their deployments that have not ended, and their gauges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::follows::metrics::{Datum, Dimensions, Metric, Tally};
use domain::follows::stuck::silent_since;
use domain::questions::pace::LEAST_SECONDS;
use domain::{DeploymentId, Environment};
use futures_util::StreamExt as _;
use futures_util::stream;
use publisher::Publisher;
use store::position::{deployment_at, time_of};
use store::{StoreError, WriteItems};

use super::{Tick, Trouble};
use crate::processor::EventProcessor;

/// How many environments a chunk has: their gauges fit into one PutMetricData.
pub(super) const ENVIRONMENTS: usize = 250;
/// How many of them are looked at side by side.
const AT_ONCE: usize = 32;

/// What was found in some environments.
#[derive(Default)]
pub(super) struct Looked {
    /// Of each environment that could be looked at: how many deployments are active, and how many of them stuck.
    counts: BTreeMap<Environment, Counts>,
    /// How many were concluded to be over.
    pub(super) concluded: u64,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    active: u64,
    stuck: u64,
}

/// Deployments of an environment: how many have not ended, and which of them began so long ago that they can be
/// silent.
type Active = (u64, Vec<DeploymentId>);

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Looks at some environments. What goes wrong in one of them, or with what is found, stops nothing else.
    pub(super) async fn look_at(&self, tick: &Tick<'_>, environments: &[Environment], trouble: &mut Trouble) -> Looked {
        let mut looked = Looked::default();
        let mut silent = Vec::new();
        // Owned, because a stream of borrowed ones can't be sent between threads.
        let environments: Vec<Environment> = environments.to_vec();
        let looking = environments.into_iter().map(|environment| async move {
            let active = self.active_in(&environment, tick).await;
            (environment, active)
        });
        let mut found: Vec<_> = stream::iter(looking).buffer_unordered(AT_ONCE).collect().await;
        // The earliest of a minute come by themselves: which these are does not depend on who answers first.
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (environment, active) in found {
            let Some((active, ids)) = trouble.note(active) else { continue };
            looked.counts.insert(environment.clone(), Counts { active, stuck: 0 });
            // What people were told of is looked at although it has ended, or stands in another list now.
            let told = tick.told.iter().filter(|told| told.environment == environment);
            let listed: BTreeSet<&DeploymentId> = ids.iter().collect();
            let told: Vec<DeploymentId> =
                told.map(|told| &told.deployment_id).filter(|id| !listed.contains(id)).cloned().collect();
            silent.extend(ids.into_iter().chain(told).map(|id| (environment.clone(), id)));
        }
        for some in silent.chunks(super::silent::AT_ONCE) {
            if let Some(found) = trouble.note(self.look_after(tick, some).await) {
                looked.concluded += found.concluded.values().sum::<u64>();
                looked.add(&found.concluded, |counts, n| counts.active = counts.active.saturating_sub(n));
                looked.add(&found.stuck, |counts, n| counts.stuck += n);
                if let Some(error) = found.trouble {
                    trouble.0.get_or_insert(error);
                }
            }
        }
        looked
    }

    async fn active_in(&self, environment: &Environment, tick: &Tick<'_>) -> Result<Active, StoreError> {
        let positions = self.recorder.reader().active_positions(environment).await?;
        // What began later than that can't have been silent for too long, whatever is expected.
        let silence = self.processing.stuck_after.min(Duration::from_secs_f64(LEAST_SECONDS));
        let silent_since = silent_since(tick.now, silence);
        let silent = positions.iter().filter(|position| time_of(position) <= silent_since);
        let silent = silent.map(|position| deployment_at(position)).collect::<Result<_, _>>()?;
        Ok((positions.len() as u64, silent))
    }
}

impl Looked {
    fn add(&mut self, numbers: &BTreeMap<Environment, u64>, add: impl Fn(&mut Counts, u64)) {
        for (environment, number) in numbers {
            if let Some(counts) = self.counts.get_mut(environment) {
                add(counts, *number);
            }
        }
    }

    pub(super) fn active(&self) -> u64 {
        self.counts.values().map(|counts| counts.active).sum()
    }

    pub(super) fn stuck(&self) -> u64 {
        self.counts.values().map(|counts| counts.stuck).sum()
    }

    /// How many environments were looked at.
    pub(super) fn visited(&self) -> u64 {
        self.counts.len() as u64
    }

    pub(super) fn has(&self, environment: &Environment) -> bool {
        self.counts.contains_key(environment)
    }

    /// The environments whose gauges are above zero.
    pub(super) fn above(&self) -> BTreeSet<Environment> {
        let above = self.counts.iter().filter(|(_, counts)| counts.active > 0 || counts.stuck > 0);
        above.map(|(environment, _)| environment.clone()).collect()
    }

    /// The gauges of those that are watched, are above zero, or were.
    pub(super) fn gauges(&self, tick: &Tick<'_>) -> Vec<Datum> {
        let above = self.above();
        let mut tally = Tally::default();
        for (environment, counts) in &self.counts {
            if ![&tick.watched, &above, &tick.before].iter().any(|gauged| gauged.contains(environment)) {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "a count of deployments")]
            let gauges =
                [(Metric::ActiveDeployments, counts.active as f64), (Metric::StuckDeployments, counts.stuck as f64)];
            for (metric, value) in gauges {
                tally.add(metric, Dimensions::Environment(environment.clone()), tick.now, value);
            }
        }
        tally.data()
    }
}
