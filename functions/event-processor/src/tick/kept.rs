//! Days that are over: what figures are counted from is kept of each, so that a year is read in a moment.

use std::collections::BTreeMap;

use domain::questions::delivery::of_day::Basis;
use domain::settings::SettingsInUse;
use domain::{Day, Environment};
use futures_util::stream::{self, StreamExt as _};
use publisher::Publisher;
use recorder::kept::Kept;
use store::reader::kept::Notes;
use store::{StoreError, WriteItems};

use super::Tick;
use crate::processor::{EventProcessor, Failed};

/// How many environments are looked at side by side.
const AT_ONCE: usize = 8;

/// The days of an environment that are not kept yet.
struct Due {
    environment: Environment,
    next: Day,
    last: Day,
    /// The number of what is noted of the days before.
    revision: Option<u64>,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Keeps the days of these environments that are over and not kept yet, the earliest first, for as long as a tick has
    /// time. The next one goes on.
    pub(super) async fn keep_days(&self, tick: &Tick<'_>, environments: &[Environment]) -> Result<(), Failed> {
        let (settings, version) = self.settings_in_use(tick.now).await?;
        let Some(basis) = Basis::of(&settings) else { return Ok(()) };
        let reader = self.recorder.reader();
        let notes = reader.kept_notes().await?;
        let Some(notes) = self.recorder.take_back(notes, &settings.names, tick.now).await? else { return Ok(()) };
        let kept = |environment| notes.through.get(environment).filter(|item| item.basis == basis);
        let first = if environments.iter().all(|environment| kept(environment).is_some()) {
            BTreeMap::default()
        } else {
            reader.first_days().await?
        };
        let due = environments.iter().filter_map(|environment| {
            let next = kept(environment).map(|item| item.through.next()).or_else(|| first.get(environment).copied())?;
            // What changed just now may not be in the indexes yet.
            let unchanged = Notes::unchanged_through(notes.changed.iter(), environment, &settings.names);
            let last = Day::last_over_for_good(tick.now);
            let last = unchanged.map_or(last, |unchanged| unchanged.min(last));
            let revision = notes.through.get(environment).map(|item| item.revision);
            (next <= last).then(|| Due { environment: environment.clone(), next, last, revision })
        });
        let keeping = due.map(|due| Box::pin(self.keep_days_of(due, &basis, tick, (&settings, version))));
        let mut keeping = stream::iter(keeping.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        // What goes wrong in one of them keeps no other from its turn.
        let mut wrong = None;
        while let Some(kept) = keeping.next().await {
            wrong = wrong.or(kept.err());
        }
        wrong.map_or(Ok(()), |error| Err(error.into()))
    }

    async fn keep_days_of(
        &self,
        Due { environment, next, last, mut revision }: Due,
        basis: &Basis,
        tick: &Tick<'_>,
        in_use: (&SettingsInUse, u64),
    ) -> Result<(), StoreError> {
        if !tick.has_time() {
            return Ok(());
        }
        let reader = self.recorder.reader();
        let making = reader.making(&environment).await?;
        for day in next.to(last) {
            let kept = match Box::pin(reader.of_day(&making, day, in_use)).await? {
                Some(facts) => self.recorder.keep(&environment, (day, &facts), basis, revision).await?,
                None => Kept::TooMuch,
            };
            match kept {
                Kept::Through(item) => revision = Some(item.revision),
                Kept::Overtaken => return Ok(()),
                Kept::TooMuch => {
                    tracing::error!(%environment, %day, "more ended on a day than is counted; figures end before it");
                    return Ok(());
                }
            }
            if !tick.has_time() {
                return Ok(());
            }
        }
        Ok(())
    }
}
