//! What ran in a place at a time, as it was known at a time.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::cell::InRegion;
use domain::live::log::removals;
use domain::live::log_key::LogKey;
use domain::live::resolve::{Resolved, resolve_both};
use domain::live::{Attempt, Cell, Entry, Live, Place, ThingKey};
use domain::{Moment, Region, Timestamp};

use super::Reader;
use super::log::Series;
use crate::StoreError;
use crate::port::ReadItems;

/// A part of a place that a question is about: one of its regions, or, where none is named, all of it.
pub(super) type Part = Option<Region>;

/// What ran in a part of a place.
pub(super) struct InPart<'p> {
    pub(super) place: &'p Place,
    pub(super) cell: &'p Cell,
    pub(super) part: Part,
    pub(super) resolved: Resolved,
}

impl<S: ReadItems> Reader<S> {
    /// The cell of a place in an environment that was retired at these times. What it knew nothing of was told
    /// since it was written: mostly that is the last that is heard of the place.
    ///
    /// # Errors
    /// When the log can't be read.
    pub async fn cell_now(&self, place: &Place, cell: Cell, retirements: &[Moment]) -> Result<Cell, StoreError> {
        if let Some(cell) = cell.retired(retirements) {
            return Ok(cell);
        }
        let mut log = self.entries(place, Timestamp::MAX, None).await?;
        log.extend(removals(&place.environment, retirements));
        Ok(Cell::of_log(&log).0)
    }

    /// The cell of a place as it was at `as_of`, as it was known at `known_at`, given its cell and when its
    /// environment was retired. It has no tail.
    ///
    /// # Errors
    /// When the log can't be read.
    pub async fn cell_at(
        &self,
        place: &Place,
        (cell, retirements): (&Cell, &[Moment]),
        as_of: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<Cell, StoreError> {
        let before = |moment: &Moment| moment.at <= as_of;
        if let Some(known) = known_at {
            // What had landed, as far as was known then, only the log says.
            let mut log = self.entries(place, as_of, known_at).await?;
            if !retirements.is_empty() {
                let known = self.retirements_known_at(&place.environment, known).await?;
                log.extend(removals(&place.environment, &known).filter(|entry| before(&entry.moment())));
            }
            return Ok(Cell::of_log(&log).0);
        }
        let removals: Vec<Entry> =
            removals(&place.environment, retirements).filter(|entry| before(&entry.moment())).collect();
        let named = cell.regions.iter().filter(|(_, region)| region.named.moment.at <= as_of);
        let named: BTreeMap<&Region, &LogKey> = named.map(|(name, region)| (name, &region.named)).collect();
        let parts: Vec<Part> = named.keys().map(|region| Some((*region).clone())).chain([None]).collect();
        let settled =
            |part: &Part| cell.settled(part.as_ref(), as_of).filter(|_| cell.retirements == retirements.len());
        let (settled, open): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|part| (settled(&part), part)).partition(|(s, _)| s.is_some());
        let settled = settled.into_iter().filter_map(|(answer, part)| Some((part, answer?)));
        let open =
            self.read_back(place, cell, open.into_iter().map(|(_, part)| part).collect(), as_of, &removals).await?;
        let mut then = Cell { kept: cell.kept, ..Cell::empty() };
        for (part, (live, last)) in settled.chain(open) {
            if let Some((region, named)) = part.and_then(|region| Some((region.clone(), *named.get(&region)?))) {
                then.regions.insert(region, InRegion { named: named.clone(), live, last });
            } else {
                (then.live, then.last) = (live, last);
            }
        }
        Ok(then)
    }

    /// What ran in parts of a place at a time, and the newest attempt by then, from the log.
    async fn read_back(
        &self,
        place: &Place,
        cell: &Cell,
        parts: Vec<Part>,
        as_of: Timestamp,
        removals: &[Entry],
    ) -> Result<Vec<(Part, (Live, Option<Attempt>))>, StoreError> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let last = self.attempts(place, &parts, as_of).await?;
        let resolved = self.resolved(place, &parts, as_of, (removals, |_| true)).await?;
        let resolved = parts.iter().cloned().zip(resolved);
        let resolved = resolved.map(|(part, resolved)| InPart { place, cell, part, resolved });
        let lives = self.judged(resolved.collect()).await?;
        Ok(parts.into_iter().zip(lives.into_iter().zip(last)).collect())
    }

    /// What ran in each part, by those of the entries up to a time that count, and by these removals beside
    /// them.
    pub(super) async fn resolved(
        &self,
        place: &Place,
        parts: &[Part],
        up_to: Timestamp,
        (removals, counts): (&[Entry], impl Fn(&Entry) -> bool),
    ) -> Result<Vec<Resolved>, StoreError> {
        let mut log = self.log(place, Series::Landings, up_to, None);
        let mut landings: BTreeSet<Entry> = BTreeSet::new();
        loop {
            let page = log.next().await?;
            let whole = page.is_none();
            landings.extend(page.into_iter().flatten().filter(&counts));
            // Older than what was read there may be others.
            let reached = |entry: &&Entry| whole || landings.first().is_some_and(|oldest| *entry > oldest);
            let reached: BTreeSet<&Entry> = landings.iter().chain(removals.iter().filter(reached)).collect();
            let of_part = |part: &Part| {
                let speaking = reached.iter().rev().filter(|entry| entry.speaks_for(part.as_ref()));
                resolve_both(&speaking.copied().collect::<Vec<_>>(), whole)
            };
            if let Ok(resolved) = parts.iter().map(of_part).collect() {
                return Ok(resolved);
            }
        }
    }

    /// What ran, with what each landing was, by what is kept of the things that landed. One round trip for all.
    pub(super) async fn judged(&self, resolved: Vec<InPart<'_>>) -> Result<Vec<Live>, StoreError> {
        let mut keys = BTreeSet::new();
        for InPart { place, cell, resolved, .. } in &resolved {
            let kept = cell.kept.unwrap_or_default();
            let of_place = resolved.keys().into_iter().filter(|key| kept.has(key));
            keys.extend(of_place.map(|key| ((*place).clone(), key)));
        }
        let read = self.landings(keys).await?;
        let lives = resolved.into_iter().map(|InPart { place, cell, part, resolved }| {
            if cell.kept.is_none() {
                return resolved.live;
            }
            let found = |key: &ThingKey| read.get(&(place.clone(), key.clone())).and_then(Option::as_ref);
            resolved.judged(part.as_ref(), |key| found(key).map(|item| &item.landings))
        });
        Ok(lives.collect())
    }

    /// The newest attempt in each part up to a time.
    async fn attempts(
        &self,
        place: &Place,
        parts: &[Part],
        up_to: Timestamp,
    ) -> Result<Vec<Option<Attempt>>, StoreError> {
        let mut last: Vec<Option<Attempt>> = vec![None; parts.len()];
        for series in [Series::Landings, Series::Misses] {
            let mut log = self.log(place, series, up_to, None);
            while let Some(page) = log.next().await? {
                for entry in &page {
                    let Some(attempt) = Attempt::of(entry) else { continue };
                    let spoken_for = parts.iter().zip(&mut last).filter(|(part, _)| entry.speaks_for(part.as_ref()));
                    spoken_for.for_each(|(_, last)| *last = last.take().max(Some(attempt.clone())));
                }
                // Older ones are the newest of no part any more.
                let oldest = page.last().map(LogKey::of);
                if oldest
                    .is_some_and(|oldest| last.iter().all(|last| last.as_ref().is_some_and(|l| l.ending >= oldest)))
                {
                    break;
                }
            }
        }
        Ok(last)
    }
}
