//! Keeping metrics within their bounds: those of services that nobody asks for are left out, and what is beyond counts
//! under `other`.
//!
//! What is known is read once by a process, and after that a set that is new costs one write. Processes that note new
//! sets at once notice each other, so that the bounds are those of the installation.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use domain::Settings;
use domain::Timestamp;
use domain::follows::metric_sets::{Judged, MetricSets, chosen, day_of, is_over, of_services, within};
use domain::follows::metrics::{Datum, Dimensions, Tally};
use publisher::Publisher;
use store::{StoreError, WriteItems, backoff};

use crate::processor::EventProcessor;

/// How often it is tried to note new sets, where other processes do it too.
const TRIES: u32 = 20;
/// How many sets that are over are forgotten at once.
const FORGOTTEN: usize = 500;

/// What a process knows of the sets that have metrics.
#[derive(Debug, Clone)]
pub(crate) struct KnownSets {
    sets: Arc<MetricSets>,
    revision: Option<u64>,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// These values within the bounds of the settings, and how many sets are beyond.
    ///
    /// # Errors
    /// When what is known of metrics can't be read or written; to try again is safe.
    pub(crate) async fn bounded(
        &self,
        data: Vec<Datum>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Vec<Datum>, StoreError> {
        let data = of_services(data, |service| settings.has_metrics(service));
        let is_listed = |name: &domain::Environment| settings.environment(name).is_some();
        let wanted = chosen(&data, |name| self.processing.notify.names(name) || is_listed(name));
        if wanted.is_empty() {
            return Ok(data);
        }
        let Judged { beyond, .. } = self.noted(&wanted, settings, now).await?;
        let mut data = within(data, &beyond);
        let mut tally = Tally::default();
        tally.add_refused_sets(beyond.len(), now);
        data.extend(tally.data());
        Ok(data)
    }

    /// What is decided of these sets, once that is noted.
    async fn noted(
        &self,
        wanted: &BTreeSet<Dimensions>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Judged, StoreError> {
        let today = day_of(now);
        for tries in 0..TRIES {
            let known = match self.known_sets() {
                Some(known) => known,
                None => self.read_sets(now).await?,
            };
            let judged = known.sets.judge(wanted, settings.metric_bounds(), today);
            if judged.note.is_empty() {
                self.remember_sets(Some(known));
                return Ok(judged);
            }
            let noted = self.recorder.note_metric_sets(&judged.note, today, judged.new, known.revision).await;
            if let Ok(Some(revision)) = noted {
                let sets = Arc::unwrap_or_clone(known.sets).with(&judged, today);
                self.remember_sets(Some(KnownSets { sets: Arc::new(sets), revision: Some(revision) }));
                return Ok(judged);
            }
            // Another process was faster, or nobody knows what became of it: what is known is read again.
            self.remember_sets(None);
            noted?;
            self.recorder.reader().store().pause(backoff::pause(tries)).await;
        }
        Err(StoreError::busy("metric sets", "other processes were faster each time"))
    }

    fn known_sets(&self) -> Option<KnownSets> {
        self.metric_sets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember_sets(&self, known: Option<KnownSets>) {
        *self.metric_sets.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    async fn read_sets(&self, now: Timestamp) -> Result<KnownSets, StoreError> {
        let today = day_of(now);
        let noted = self.recorder.reader().metric_sets().await?;
        let over = noted.sets.iter().filter(|(_, day)| is_over(*day, today)).map(|(set, _)| set.clone());
        let over: Vec<Dimensions> = over.take(FORGOTTEN).collect();
        if !over.is_empty() {
            self.recorder.forget_metric_sets(&over).await?;
        }
        let new = noted.count.as_ref().map(store::items::metric_sets::MetricCountItem::counted).unwrap_or_default();
        let sets = Arc::new(MetricSets::known(noted.sets, new, today));
        Ok(KnownSets { sets, revision: noted.count.map(|count| count.revision) })
    }
}
