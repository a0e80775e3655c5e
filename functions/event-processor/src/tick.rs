//! Once a minute: how many deployments are active, which are stuck, and which are over although nobody
//! reported it.
//!
//! Environments are looked at in [chunks](chunk), side by side, and what is found is published chunk by chunk. A tick
//! that has no time left, or is cut off, goes on where it was with the next one: how far it came is noted after each
//! chunk. So however many environments there are, each has its turn.

mod chunk;
mod digests;
mod kept;
mod silent;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::follows::judged::LookAgain;
use domain::follows::metrics::{Datum, Tally};
use domain::follows::silence;
use domain::follows::stuck::Told;
use domain::{Environment, Settings, Timestamp};
use publisher::Publisher;
use recorder::TickPosition;
use store::WriteItems;
use tokio::time::Instant;

use crate::processor::{EventProcessor, Failed};

/// For how long a tick begins further chunks: of the function's thirty seconds, what is left is for the last of them,
/// and for drift.
const BEGINS_FOR: Duration = Duration::from_secs(20);

/// How much is looked at again in one tick; where there is more, the next ones go on.
const LOOKS: usize = 1000;

/// What a tick found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Deployments that have not ended.
    pub active: u64,
    /// Those of them that are stuck.
    pub stuck: u64,
    /// Deployments that nobody reported the end of, and that are over.
    pub concluded: u64,
    /// Environments that were looked at.
    pub visited: u64,
    /// All environments.
    pub environments: u64,
}

/// What holds for a whole tick.
struct Tick<'a> {
    now: Timestamp,
    until: Instant,
    settings: &'a Settings,
    /// After how long a silent deployment is given up; none where nothing is.
    abandoned_after: Option<Duration>,
    /// The environments that have gauges at zero too.
    watched: BTreeSet<Environment>,
    /// Those whose gauges were above zero.
    before: BTreeSet<Environment>,
    /// Of which deployments people were told that they stalled, and not yet that they go on.
    told: Vec<Told>,
}

impl Tick<'_> {
    fn has_time(&self) -> bool {
        Instant::now() < self.until
    }
}

/// The first of what went wrong: the rest goes on.
#[derive(Default)]
struct Trouble(Option<Failed>);

impl Trouble {
    /// What a step gave, if it went well.
    fn note<T>(&mut self, result: Result<T, impl Into<Failed>>) -> Option<T> {
        result.map_err(|error| self.0.get_or_insert(error.into())).ok()
    }

    fn end(self) -> Result<(), Failed> {
        self.0.map_or(Ok(()), Err)
    }
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Sends digests, concludes what is over, publishes gauges, notifies of what is newly stuck, looks for drift once an
    /// hour, and keeps what figures are counted from of days that are over.
    ///
    /// Gauges are published for the environments that the rules of notifications name, zero included; for
    /// others, and retired ones, while they are above zero, and once more at zero: each gauge is a metric that
    /// is paid for.
    ///
    /// # Errors
    /// When something could not be read, recorded or published: the first of it. The rest was done, and the next tick
    /// does it.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, Failed> {
        let began = Instant::now();
        let mut trouble = Trouble::default();
        let settings = self.settings(now).await.map_err(|error| {
            tracing::error!(%error, "the settings can't be read; nothing is given up meanwhile");
        });
        let abandoned_after = settings.as_ref().ok().map(|s| silence::abandoned_after(s.general.abandon_after_days));
        let has_settings = settings.is_ok();
        let settings = settings.unwrap_or_default();
        let state = self.recorder.reader().tick_state().await?;
        trouble.note(self.send_digests(state.held, &settings.general, now).await);
        trouble.note(Box::pin(self.look_again(state.looks, &settings.general, now)).await);
        let mut environments = self.recorder.reader().environments().await?;
        let known: BTreeSet<&Environment> = environments.iter().collect();
        let mut told = state.stalled;
        // What left its environment, which is no longer one, is looked at with the first.
        for gone in told.iter_mut().filter(|told| !known.contains(&told.environment)) {
            gone.environment = environments.first().cloned().unwrap_or_else(|| gone.environment.clone());
        }
        let named = environments.iter().filter(|environment| self.processing.notify.names(environment));
        let mut watched: BTreeSet<Environment> = named.cloned().collect();
        if !watched.is_empty() {
            let named: Vec<Environment> = watched.iter().cloned().collect();
            for retired in self.recorder.reader().retired(&named).await? {
                watched.remove(&retired);
            }
        }
        if let Some(position) = &state.position {
            environments = position.resume(environments);
        }
        let tick = Tick {
            now,
            until: began + BEGINS_FOR,
            settings: &settings.general,
            abandoned_after,
            watched,
            before: state.gauged,
            told,
        };
        let mut ticked = Ticked { environments: environments.len() as u64, ..Ticked::default() };
        let mut other = Vec::new();
        let mut chunks = environments.chunks(chunk::ENVIRONMENTS).peekable();
        let mut is_first = true;
        while let Some(chunk) = chunks.next_if(|_| is_first || tick.has_time()) {
            is_first = false;
            let looked = Box::pin(self.look_at(&tick, chunk, &mut trouble)).await;
            let is_last = chunks.peek().is_none();
            ticked.add(&looked);
            let mut data = looked.gauges(&tick);
            if is_last {
                data.extend(ticked.of_itself(began.elapsed(), now));
            }
            let position = match chunk.last() {
                Some(last) if !is_last => TickPosition::After(last),
                _ if is_last && (ticked.environments > chunk.len() as u64 || state.position.is_some()) => {
                    TickPosition::Done
                }
                _ => TickPosition::Unchanged,
            };
            let counted = self.count_gauges(data, is_last, &mut other, &tick).await;
            let before: BTreeSet<_> = tick.before.iter().filter(|name| looked.has(name)).cloned().collect();
            // What was not published is to be published at zero still.
            let above = if trouble.note(counted).is_some() { looked.above() } else { before.clone() };
            trouble.note(self.recorder.remember_gauged(&above, &before, position).await);
        }
        if chunks.peek().is_some() || environments.is_empty() {
            let data = ticked.of_itself(began.elapsed(), now);
            let counted = self.count_gauges(data, true, &mut other, &tick).await;
            trouble.note(counted);
        }
        if ticked.visited < ticked.environments {
            tracing::warn!(?ticked, "the tick did not come to all environments; the next one goes on there");
        }
        // Last, so that nothing else waits for it; in a box, as its future is large.
        trouble.note(Box::pin(self.look_for_drift(now)).await);
        if has_settings {
            trouble.note(Box::pin(self.keep_days(&tick, &environments)).await);
        }
        trouble.end()?;
        Ok(ticked)
    }

    /// Tells what is news of what was to be looked at again.
    async fn look_again(&self, mut looks: Vec<LookAgain>, settings: &Settings, now: Timestamp) -> Result<(), Failed> {
        if looks.is_empty() {
            return Ok(());
        }
        // Of many each has its turn.
        let minute = usize::try_from(now.minute().millis() / 60_000).unwrap_or_default();
        let first = minute.wrapping_mul(LOOKS) % looks.len();
        looks.rotate_left(first);
        looks.truncate(LOOKS);
        let (news, over) = Box::pin(self.look_again_at(&looks, now)).await?;
        self.send(Default::default(), news, settings, now).await?;
        self.recorder.forget_looks(&over).await?;
        Ok(())
    }

    /// Publishes gauges within the bounds. Those of `other` are of all chunks, so they wait for the last one.
    async fn count_gauges(
        &self,
        data: Vec<Datum>,
        is_last: bool,
        other: &mut Vec<Datum>,
        tick: &Tick<'_>,
    ) -> Result<(), Failed> {
        let data = self.bounded(data, tick.settings, tick.now).await?;
        let (mut data, of_other): (Vec<Datum>, Vec<Datum>) =
            data.into_iter().partition(|datum| !(datum.metric.is_gauge() && datum.dimensions.is_other()));
        other.extend(of_other);
        if is_last {
            let mut sums = Tally::default();
            for datum in other.drain(..) {
                sums.add_all(&datum, datum.dimensions.clone());
            }
            data.extend(sums.data());
        }
        if !data.is_empty() {
            self.publisher.metrics(data).await?;
        }
        Ok(())
    }
}

impl Ticked {
    fn add(&mut self, looked: &chunk::Looked) {
        self.active += looked.active();
        self.stuck += looked.stuck();
        self.concluded += looked.concluded;
        self.visited += looked.visited();
    }

    /// How far the tick came, and how long that took.
    fn of_itself(&self, took: Duration, now: Timestamp) -> Vec<Datum> {
        let mut tally = Tally::default();
        #[expect(clippy::cast_precision_loss, reason = "numbers of environments")]
        let coverage =
            if self.environments == 0 { 100.0 } else { 100.0 * self.visited as f64 / self.environments as f64 };
        tally.add_tick(coverage, took.as_secs_f64(), now);
        tally.data()
    }
}
