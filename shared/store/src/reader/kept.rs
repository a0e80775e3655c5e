//! What figures are counted from over a long time: the days that are kept, and since when the rest is to be read.

use std::collections::BTreeMap;

use domain::questions::delivery::of_day::Basis;
use domain::questions::delivery::{Hours, OfDay, Window};
use domain::settings::{Names, SettingsInUse};
use domain::{Day, Environment, Timestamp};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::kept::{ChangedItem, OfDayItem, ThroughItem};
use crate::keys::kept::{CHANGED, FIGURES, THROUGH, days_between, days_partition, through_key};
use crate::keys::text;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::{SORT, Table};

/// How many deployments and incidents one answer counts at most: with more, reading them would take longer than a caller
/// waits.
pub const MOST: usize = 20_000;
/// How many it counts at most of days that are kept.
pub const MOST_KEPT: usize = 50_000;
/// How many environments are read at once.
const AT_ONCE: usize = 16;

/// What is noted of kept figures.
#[derive(Debug, Default)]
pub struct Notes {
    /// Until which day they are kept, by environment.
    pub through: BTreeMap<Environment, ThroughItem>,
    /// Since when they are to be made again.
    pub changed: Vec<ChangedItem>,
}

impl Notes {
    /// The last day before anything is to be made again of an environment, under any of its names; none where nothing is.
    pub fn unchanged_through<'n>(
        changed: impl Iterator<Item = &'n ChangedItem>,
        environment: &Environment,
        names: &Names,
    ) -> Option<Day> {
        let same = names.environments.same(environment);
        let concerns = |item: &&ChangedItem| item.environment().is_none_or(|changed| same.contains(&changed));
        changed.filter(concerns).map(|item| item.since.before()).min()
    }
}

/// The days of a window that are kept, and the rest.
#[derive(Debug, Default)]
pub struct Kept {
    /// What happened on the days that are kept.
    pub facts: OfDay,
    /// The rest: since when which environments are to be read.
    pub rest: BTreeMap<Timestamp, Vec<Environment>>,
}

impl<S: ReadItems> Reader<S> {
    /// All that is noted of kept figures.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn kept_notes(&self) -> Result<Notes, StoreError> {
        let mut notes = Notes::default();
        let mut pages = self.pages(Query::of(Table::State, FIGURES).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let Some(sort) = text(&item, SORT) else { continue };
                if sort.starts_with(THROUGH) {
                    let through: ThroughItem = from_item(item)?;
                    notes.through.extend(through.environment().map(|environment| (environment, through)));
                } else if sort.starts_with(CHANGED) {
                    notes.changed.push(from_item(item)?);
                }
            }
        }
        Ok(notes)
    }

    /// What happened in environments in a window, on the days that are kept; and since when the rest is to be read. Of a
    /// window of two weeks or less nothing is kept that would save much. None where more happened than is counted.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn kept(
        &self,
        environments: &[Environment],
        window: &Window,
        settings: &SettingsInUse,
    ) -> Result<Option<Kept>, StoreError> {
        let all = || BTreeMap::from([(window.from(), environments.to_vec())]);
        let Some(basis) = Basis::of(settings).filter(|_| window.hours() > Hours::FORTNIGHT && !environments.is_empty())
        else {
            return Ok(Some(Kept { rest: all(), ..Kept::default() }));
        };
        let Some(notes) = self.notes_of(environments).await? else {
            return Ok(Some(Kept { rest: all(), ..Kept::default() }));
        };
        let first = Day::of(window.from());
        // What landed on a day must not be watched beyond the window's end.
        let watched = Day::of(window.to().plus_millis(-Day::LONGEST_WATCH_MILLIS)).before();
        let mut kept = Kept::default();
        let mut days = Vec::new();
        for environment in environments {
            let made = notes.through.get(environment).filter(|item| item.basis == basis).map(|item| item.through);
            let unchanged = Notes::unchanged_through(notes.changed.iter(), environment, &settings.names);
            let last = made.map(|made| made.min(watched).min(unchanged.unwrap_or(made))).filter(|last| *last >= first);
            let since = last.map_or(window.from(), Day::end);
            kept.rest.entry(since).or_default().push(environment.clone());
            days.extend(last.map(|last| (environment.clone(), last)));
        }
        let reads =
            days.into_iter().map(|(environment, last)| async move { self.days(&environment, first, last).await });
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some(facts) = reads.try_next().await? {
            kept.facts.add(facts);
            if kept.facts.ended.len() > MOST_KEPT {
                return Ok(None);
            }
        }
        Ok(Some(kept))
    }

    /// What is kept of some days, both included.
    async fn days(&self, environment: &Environment, first: Day, last: Day) -> Result<OfDay, StoreError> {
        let (first, last) = days_between(first, last);
        let mut facts = OfDay::default();
        let mut pages = self.pages(Query::of(Table::State, days_partition(environment)).between(first, last));
        while let Some(page) = pages.next().await? {
            for item in page.items {
                facts.add(from_item::<OfDayItem>(item)?.facts()?);
            }
            if facts.ended.len() > MOST_KEPT {
                break;
            }
        }
        Ok(facts)
    }

    /// What is kept of one day, part by part.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn day_items(&self, environment: &Environment, day: Day) -> Result<Vec<OfDayItem>, StoreError> {
        let (first, last) = days_between(day, day);
        let query = Query::of(Table::State, days_partition(environment)).between(first, last).consistent();
        let (mut pages, mut items) = (self.pages(query), Vec::new());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                items.push(from_item(item)?);
            }
        }
        Ok(items)
    }

    /// What is noted of these environments; none while so much is changed that it does not stand on one page.
    async fn notes_of(&self, environments: &[Environment]) -> Result<Option<Notes>, StoreError> {
        // These first: whoever makes days again takes note of that before it forgets what changed them.
        let changed = Query::of(Table::State, FIGURES).prefix(CHANGED).consistent();
        let changed = self.store().query(&changed).await?;
        if changed.next.is_some() {
            return Ok(None);
        }
        let keys = environments.iter().map(through_key).collect();
        let through = self.store().batch_get(Table::State, keys).await?;
        let mut notes = Notes::default();
        for item in through {
            let through: ThroughItem = from_item(item)?;
            notes.through.extend(through.environment().map(|environment| (environment, through)));
        }
        for item in changed.items {
            notes.changed.push(from_item(item)?);
        }
        Ok(Some(notes))
    }
}
