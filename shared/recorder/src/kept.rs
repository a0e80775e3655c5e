//! Keeping what figures are counted from, day by day.

use std::collections::BTreeSet;

use domain::questions::delivery::OfDay;
use domain::questions::delivery::of_day::Basis;
use domain::settings::{Names, SettingsInUse};
use domain::{Day, Environment, Timestamp};
use store::items::kept::{ChangedItem, OfDayItem, ThroughItem};
use store::items::to_item;
use store::keys::kept::through_key;
use store::reader::kept::Notes;
use store::transaction::Transaction;
use store::{Key, ReadItems, StoreError, Table, WriteItems};

use crate::rebuilder::Rebuilder;
use crate::rebuilt::{Difference, Rebuilt, Repair};
use crate::recorder::Recorder;
use crate::retry::{transact, write_all};

const CONTENDED: &str = "kept figures were contended each time";
/// How long something that changes days is left alone: by then indexes have it, and whoever read before it is done.
const SETTLED_MILLIS: i64 = 5 * 60 * 1000;

/// What became of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is kept, and this is noted.
    Through(ThroughItem),
    /// It is not: another process was faster.
    Overtaken,
    /// It is not, and can't be: more happened on it than there is room for.
    TooMuch,
}

impl<S: WriteItems> Recorder<S> {
    /// Takes note of what changed days that are kept, such that these are made again; and forgets it then. What is noted
    /// now, or not yet indexed, is left for later. What is left of `notes` is what holds now; none where another process
    /// is at it.
    ///
    /// # Errors
    /// When it can't be written; to do it again is safe.
    pub async fn take_back(
        &self,
        mut notes: Notes,
        names: &Names,
        now: Timestamp,
    ) -> Result<Option<Notes>, StoreError> {
        let until = now.plus_millis(-SETTLED_MILLIS).millis();
        let (settled, fresh): (Vec<ChangedItem>, Vec<ChangedItem>) =
            notes.changed.into_iter().partition(|item| item.noted_at <= until);
        notes.changed = fresh;
        if settled.is_empty() {
            return Ok(Some(notes));
        }
        for (environment, item) in &mut notes.through {
            let Some(last) = Notes::unchanged_through(settled.iter(), environment, names) else { continue };
            if last < item.through {
                let lowered = ThroughItem::next(environment, last, item.basis.clone(), Some(item.revision));
                let mut transaction = Transaction::default();
                transaction.put_next(Table::State, to_item(&lowered)?, ThroughItem::GUARD, Some(item.revision));
                if !transact(self.reader.store(), &transaction, CONTENDED).await? {
                    return Ok(None);
                }
                *item = lowered;
            }
        }
        let forget = |transaction: &mut Transaction, item: &ChangedItem| {
            transaction.delete(Table::State, item.key());
            Ok(())
        };
        write_all(self.reader.store(), &settled, CONTENDED, forget).await?;
        Ok(Some(notes))
    }

    /// Keeps what happened in an environment on a day, the next one after those that are kept.
    ///
    /// # Errors
    /// When it can't be written; to do it again is safe.
    pub async fn keep(
        &self,
        environment: &Environment,
        (day, facts): (Day, &OfDay),
        basis: &Basis,
        read: Option<u64>,
    ) -> Result<Kept, StoreError> {
        let parts = OfDayItem::parts(environment, day, facts)?;
        if parts.len() > OfDayItem::MOST {
            return Ok(Kept::TooMuch);
        }
        let before = self.reader.day_items(environment, day).await?;
        let keys: BTreeSet<Key> = parts.iter().map(OfDayItem::key).collect();
        let through = ThroughItem::next(environment, day, basis.clone(), read);
        let mut transaction = Transaction::default();
        transaction.put_next(Table::State, to_item(&through)?, ThroughItem::GUARD, read);
        for part in &parts {
            transaction.put(Table::State, to_item(part)?);
        }
        for gone in before.iter().map(OfDayItem::key).filter(|key| !keys.contains(key)) {
            transaction.delete(Table::State, gone);
        }
        let is_kept = transact(self.reader.store(), &transaction, CONTENDED).await?;
        Ok(if is_kept { Kept::Through(through) } else { Kept::Overtaken })
    }
}

impl<S: ReadItems> Rebuilder<S> {
    /// Makes the days that are kept again, and compares: whoever changes one makes figures lie.
    pub(crate) async fn compare_days(&self, found: &mut Rebuilt) -> Result<(), StoreError> {
        let notes = self.reader.kept_notes().await?;
        if notes.through.is_empty() {
            return Ok(());
        }
        let version = self.reader.settings_as_of(Timestamp::MAX).await?;
        let settings = version.as_ref().map(|version| SettingsInUse::read(&version.document));
        let Ok(settings) = settings.transpose() else { return Ok(()) };
        let (settings, number) = (settings.unwrap_or_default(), version.map_or(0, |version| version.number));
        let Some(basis) = Basis::of(&settings) else { return Ok(()) };
        let first_days = self.reader.first_days().await?;
        for (environment, item) in notes.through.iter().filter(|(_, item)| item.basis == basis) {
            let unchanged = Notes::unchanged_through(notes.changed.iter(), environment, &settings.names);
            let last = unchanged.map_or(item.through, |unchanged| unchanged.min(item.through));
            let Some(first) = first_days.get(environment) else { continue };
            let making = self.reader.making(environment).await?;
            let mut items = Vec::new();
            for day in first.to(last) {
                let parts = self.reader.day_items(environment, day).await?;
                let stored = parts.iter().try_fold(OfDay::default(), |mut stored, part| {
                    stored.add(part.facts().ok()?);
                    Some(stored)
                });
                let expected = Box::pin(self.reader.of_day(&making, day, (&settings, number))).await?;
                // What can't be read is not what was recorded either.
                if expected.is_some() && expected != stored {
                    items.push(format!("figures of {environment} on {day}: stored, and not what was recorded says"));
                }
            }
            if !items.is_empty() {
                // They are made again then.
                found.add(Difference { items, repair: Repair::Remove(through_key(environment)) });
            }
        }
        Ok(())
    }
}

impl<S: WriteItems> Rebuilder<S> {
    /// Has all days made again: what they were made of was repaired.
    pub(crate) async fn make_days_again(&self) -> Result<(), StoreError> {
        let environments: Vec<Environment> = self.reader.kept_notes().await?.through.into_keys().collect();
        let forget = |transaction: &mut Transaction, environment: &Environment| {
            transaction.delete(Table::State, through_key(environment));
            Ok(())
        };
        write_all(self.reader.store(), &environments, CONTENDED, forget).await
    }
}
