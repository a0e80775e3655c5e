//! What landed in a place up to a time, read as far as a comparison needs it.

use std::collections::{BTreeMap, BTreeSet};

use domain::Region;
use domain::Timestamp;
use domain::live::log_key::LogKey;
use domain::live::thing::Thing;
use domain::live::{Cell, Entry, Landings, Place, ThingKey};
use domain::questions::compare::Between;
use futures_util::future::try_join_all;

use super::Reader;
use super::log::Series;
use crate::StoreError;
use crate::items::landings::LandingsItem;
use crate::port::ReadItems;

/// What landed in a place up to a time, as far as it was read.
#[derive(Debug, Clone)]
pub struct Landed {
    up_to: Timestamp,
    /// The newest entries of its log that change what runs, newest first.
    newest_first: Vec<Entry>,
    /// Whether they are all.
    whole: bool,
    /// The landings of things that were looked at, or of all where the log is whole.
    of_things: BTreeMap<ThingKey, Landings>,
}

/// A place, its cell as it is now, and the things whose first landing there is asked for.
#[derive(Debug)]
pub struct Asked<'p> {
    /// The place.
    pub place: &'p Place,
    /// Its cell.
    pub cell: &'p Cell,
    /// The things.
    pub things: Vec<Thing>,
    /// Up to when.
    pub up_to: Timestamp,
}

impl Landed {
    /// Of a place of which nothing is asked.
    #[must_use]
    pub fn unread() -> Self {
        Self { up_to: Timestamp::MAX, newest_first: Vec::new(), whole: false, of_things: BTreeMap::new() }
    }

    /// What the tail of a cell says.
    fn of_tail(cell: &Cell, up_to: Timestamp) -> Self {
        let newest_first = cell.tail.landings.iter().filter(|entry| entry.at <= up_to).cloned().collect();
        Self::of(newest_first, !cell.tail.cut, up_to)
    }

    fn of(newest_first: Vec<Entry>, whole: bool, up_to: Timestamp) -> Self {
        let of_things = if whole { Landings::of_log(&newest_first) } else { BTreeMap::new() };
        Self { up_to, newest_first, whole, of_things }
    }

    /// When a thing landed first in a region; without one, in any part of the place.
    #[must_use]
    pub fn first(&self, thing: &Thing, region: Option<&Region>) -> Option<LogKey> {
        let landings = |key: &ThingKey| self.of_things.get(key);
        let first = match region {
            Some(_) => Landings::first(thing, region, landings),
            None => Landings::first_anywhere(thing, landings),
        };
        first.filter(|first| first.moment.at <= self.up_to).cloned()
    }

    /// The newest entries that were read of a region, newest first; without one, of all parts of the place. And
    /// whether they are all.
    #[must_use]
    pub fn newest_first(&self, region: Option<&Region>) -> (Vec<Entry>, bool) {
        let speaking = self.newest_first.iter().filter(|entry| region.is_none() || entry.speaks_for(region));
        (speaking.cloned().collect(), self.whole)
    }

    /// Whether it was read as far back as is to be counted.
    #[must_use]
    pub fn reaches(&self, between: &Between) -> bool {
        between.is_within(&self.newest_first, self.whole)
    }
}

impl<S: ReadItems> Reader<S> {
    /// What landed in places, so that the first landing of each thing that is asked for is known. At most one round
    /// trip for all of them, and none where the cells say it.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn landed(&self, asked: &[Asked<'_>]) -> Result<Vec<Landed>, StoreError> {
        let mut keys = BTreeSet::new();
        for Asked { place, cell, things, .. } in asked.iter().filter(|asked| asked.cell.tail.cut) {
            let kept = cell.kept.unwrap_or_default();
            let of_place = things.iter().flat_map(Thing::keys).filter(|key| kept.has(key));
            keys.extend(of_place.map(|key| ((*place).clone(), key)));
        }
        let read = self.landings(keys).await?;
        try_join_all(asked.iter().map(|asked| self.landed_in(asked, &read))).await
    }

    async fn landed_in(
        &self,
        Asked { place, cell, things, up_to }: &Asked<'_>,
        read: &BTreeMap<(Place, ThingKey), Option<LandingsItem>>,
    ) -> Result<Landed, StoreError> {
        let mut landed = Landed::of_tail(cell, *up_to);
        if !cell.tail.cut {
            return Ok(landed);
        }
        // By its version alone nothing is found where only landings of commits are kept. And nothing is kept beside a
        // cell of an earlier version.
        let by_version = things.iter().any(|thing| thing.commit.is_none() && thing.is_known());
        if !things.is_empty() && cell.kept.is_none_or(|kept| kept.commits && by_version) {
            // In a box: there is a future for each place, and few of them read.
            let mut log = Box::pin(self.entries(place, *up_to, None)).await?;
            log.sort_unstable_by(|a, b| b.cmp(a));
            return Ok(Landed::of(log, true, *up_to));
        }
        let keys = things.iter().flat_map(Thing::keys);
        let found = keys.filter_map(|key| {
            let item = read.get(&((*place).clone(), key.clone()))?.as_ref()?;
            Some((key, item.landings.clone()))
        });
        landed.of_things = found.collect();
        Ok(landed)
    }

    /// What had landed in a place, as far as was known at a time. The whole log is read.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn landed_as_known(
        &self,
        place: &Place,
        up_to: Timestamp,
        known_at: Timestamp,
    ) -> Result<Landed, StoreError> {
        let mut log = self.entries(place, up_to, Some(known_at)).await?;
        log.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Landed::of(log, true, up_to))
    }

    /// The same, with one page of the log.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn landed_further(&self, place: &Place, landed: Landed) -> Result<Landed, StoreError> {
        let mut log = self.log(place, Series::Landings, landed.up_to, None).of_pages(PAGE);
        let newest_first = log.next().await?.unwrap_or_default();
        let whole = log.is_at_end();
        Ok(Landed { newest_first, whole, ..landed })
    }
}

/// How many entries are read where the tail of a cell does not reach far enough.
const PAGE: usize = 100;
