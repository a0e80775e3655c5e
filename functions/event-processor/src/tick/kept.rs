//! Days that are over: what figures are counted from is kept of each, so that a year is read in a moment.

use domain::Environment;
use domain::questions::delivery::of_day::Basis;
use domain::settings::SettingsInUse;
use publisher::Publisher;
use recorder::kept::Kept;
use store::reader::kept::Notes;
use store::{StoreError, WriteItems};

use super::Tick;
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Keeps the days of these environments that are over and not kept yet, the earliest first, for as long as a tick has
    /// time. The next one goes on.
    pub(super) async fn keep_days(&self, tick: &Tick<'_>, environments: &[Environment]) -> Result<(), Failed> {
        let (settings, version) = self.settings_in_use(tick.now).await?;
        let Some(basis) = Basis::of(&settings) else { return Ok(()) };
        let notes = self.recorder.reader().kept_notes().await?;
        let Some(mut notes) = self.recorder.take_back(notes, &settings.names, tick.now).await? else { return Ok(()) };
        for environment in environments {
            if !tick.has_time() {
                break;
            }
            Box::pin(self.keep_days_of(environment, &mut notes, &basis, tick, (&settings, version))).await?;
        }
        Ok(())
    }

    async fn keep_days_of(
        &self,
        environment: &Environment,
        notes: &mut Notes,
        basis: &Basis,
        tick: &Tick<'_>,
        (settings, version): (&SettingsInUse, u64),
    ) -> Result<(), StoreError> {
        let reader = self.recorder.reader();
        let noted = notes.through.remove(environment);
        let mut read = noted.as_ref().map(|item| item.revision);
        let next = match noted.filter(|item| item.basis == *basis) {
            Some(item) => Some(item.through.next()),
            None => reader.first_day(environment).await?,
        };
        let Some(mut day) = next else { return Ok(()) };
        // What changed just now may not be in the indexes yet.
        let unchanged = Notes::unchanged_through(notes.changed.iter(), environment, &settings.names);
        let is_due =
            |day: domain::Day| day.is_over_for_good(tick.now) && unchanged.is_none_or(|unchanged| day <= unchanged);
        if !is_due(day) {
            return Ok(());
        }
        let making = reader.making(environment).await?;
        while is_due(day) && tick.has_time() {
            let kept = match Box::pin(reader.of_day(&making, day, (settings, version))).await? {
                Some(facts) => self.recorder.keep(environment, (day, &facts), basis, read).await?,
                None => Kept::TooMuch,
            };
            match kept {
                Kept::Through(item) => read = Some(item.revision),
                Kept::Overtaken => return Ok(()),
                Kept::TooMuch => {
                    tracing::error!(%environment, %day, "more ended on a day than is counted; figures end before it");
                    return Ok(());
                }
            }
            day = day.next();
        }
        Ok(())
    }
}
