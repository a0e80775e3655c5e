//! What ran in a place over a time, read as far back as that takes, and no further than a bound.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::log::removals;
use domain::live::timeline::{Read, Timeline, Traced};
use domain::live::{Cell, Entry, Landings, Place, ThingKey};
use domain::{Moment, Region, Timestamp};
use futures_util::future::try_join;

use super::Reader;
use super::log::Series;
use crate::StoreError;
use crate::items::from_item;
use crate::items::log::LogItem;
use crate::keys::log_partition;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many entries of a log are read at once, of each series.
const PAGE: usize = 60;
/// After how many of a series none is read any more.
const MOST: usize = 200;
/// How many later ones are read to find what took the place of something.
const LATER: usize = 60;

/// Over which time a place is looked at, and as it was known when.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Since when.
    pub since: Timestamp,
    /// Up to when, that included.
    pub until: Timestamp,
    /// As it was known then; none where all counts that is known now.
    pub known_at: Option<Timestamp>,
}

/// A place, its cell as it is now, and when its environment was retired.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'p> {
    /// The place.
    pub place: &'p Place,
    /// Its cell.
    pub cell: &'p Cell,
    /// When its environment was retired, the earliest first.
    pub retirements: &'p [Moment],
}

/// What was read of a log.
struct Entries {
    changing: Vec<Entry>,
    whole: bool,
    misses: Vec<Entry>,
    misses_from: Timestamp,
}

/// What ran in a part of a place, by its region if it is one.
pub type OfPart = (Option<Region>, Timeline);

impl<S: ReadItems> Reader<S> {
    /// What ran in each part of a place: in each region that was named by then, or in all of it where none was. Reads
    /// a few pages of both series of the log, and what is kept of what landed.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn timelines(&self, of: Looked<'_>, span: Span) -> Result<Vec<OfPart>, StoreError> {
        let (read, misses) = try_join(
            self.read_until(of.place, Series::Landings, span, |read, whole| whole || reaches(of, read, span)),
            self.read_until(of.place, Series::Misses, span, |read, whole| {
                whole || read.last().is_some_and(|oldest| oldest.at <= span.since)
            }),
        )
        .await?;
        let removals = self.removals(of, span).await?;
        let (changing, whole) = read;
        let (misses, all_misses) = misses;
        let misses_from =
            if all_misses { span.since } else { misses.last().map_or(span.until, |oldest| oldest.at.plus_millis(1)) };
        let entries = Entries { changing: with(changing, removals, whole), whole, misses, misses_from };
        self.told(of, &entries, span).await
    }

    /// The same of what landed alone, as far back as the span reaches, if that takes no more than so many entries, by all
    /// that is known now. What failed after it had completed is not told.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn landed_over(&self, of: Looked<'_>, span: Span, most: usize) -> Result<Vec<OfPart>, StoreError> {
        // To trace all that was read takes long where it is much: only what may reach so far is traced.
        let is_enough = |read: &[Entry], whole: bool| {
            whole || read.last().is_some_and(|oldest| oldest.at <= span.since) && reaches(of, read, span)
        };
        let (changing, whole) = self.landings_back((of.place, of.cell), (span.until, most), is_enough).await?;
        let removals = self.removals(of, span).await?;
        let changing = with(changing, removals, whole);
        let entries = Entries { changing, whole, misses: Vec::new(), misses_from: span.since };
        self.told(of, &entries, span).await
    }

    /// The same around an ending in the past: what ran just before it, and what landed next after it; and whether all
    /// was read that did, so that what is not followed by anything still runs.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn timelines_around(
        &self,
        of: Looked<'_>,
        ending: Timestamp,
        span: Span,
    ) -> Result<(Vec<OfPart>, bool), StoreError> {
        let before = Span { until: ending, ..span };
        let later = Query::of(Table::State, log_partition(of.place))
            .between(format!("{}~", ending.sort_key()), format!("{}~", span.until.sort_key()))
            .consistent()
            .limit(LATER);
        let ((mut changing, whole), later) = try_join(
            self.read_until(of.place, Series::Landings, before, |read, whole| whole || reaches(of, read, span)),
            async { self.store().query(&later).await },
        )
        .await?;
        for item in later.items {
            let (_, stored) = from_item::<LogItem>(item)?.into_entry();
            if stored.holds(span.known_at) {
                changing.push(stored.entry);
            }
        }
        let removals = self.removals(of, span).await?;
        // Behind the last one that was read there may be others before these.
        let last = changing.iter().map(|entry| entry.at).max().filter(|_| later.next.is_some());
        let removals = removals.into_iter().filter(|removal| last.is_none_or(|last| removal.at <= last)).collect();
        let changing = with(changing, removals, whole);
        let entries = Entries { changing, whole, misses: Vec::new(), misses_from: span.since };
        Ok((self.told(of, &entries, span).await?, later.next.is_none()))
    }

    /// A series of a log from the end of a span back, until that is enough or too much; and whether it is all.
    async fn read_until(
        &self,
        place: &Place,
        series: Series,
        span: Span,
        is_enough: impl Fn(&[Entry], bool) -> bool,
    ) -> Result<(Vec<Entry>, bool), StoreError> {
        let log = self.log(place, series, span.until, span.known_at).of_pages(PAGE);
        let (entries, at_end) = log.until(MOST, is_enough).await?;
        // Of misses what is older than the span is of no concern.
        let whole =
            at_end || (series == Series::Misses && entries.last().is_some_and(|oldest| oldest.at <= span.since));
        Ok((entries, whole))
    }

    /// What the retirements of its environment are in the log of a place.
    async fn removals(&self, of: Looked<'_>, span: Span) -> Result<Vec<Entry>, StoreError> {
        let environment = &of.place.environment;
        let known = match span.known_at {
            Some(known) if !of.retirements.is_empty() => self.retirements_known_at(environment, known).await?,
            _ => of.retirements.to_vec(),
        };
        Ok(removals(environment, &known).filter(|removal| removal.at <= span.until).collect())
    }

    async fn told(&self, of: Looked<'_>, entries: &Entries, span: Span) -> Result<Vec<OfPart>, StoreError> {
        let Entries { changing, whole, misses, misses_from } = entries;
        let read = Read { changing, whole: *whole, misses, misses_from: *misses_from };
        let named = changing.iter().chain(misses).filter_map(|entry| entry.region.clone());
        let regions = regions(of, named, span);
        let parts: Vec<Option<Region>> =
            if regions.is_empty() { vec![None] } else { regions.into_iter().map(Some).collect() };
        let traced = parts.into_iter().map(|part| (Traced::of(part.as_ref(), read, span.since), part));
        let traced: Vec<(Traced, Option<Region>)> = traced.collect();
        let landings = self.landings_for(of, &traced, entries, span).await?;
        let told = traced.into_iter().map(|(traced, part)| {
            let timeline = traced.judged(part.as_ref(), |key| landings.get(key));
            (part, timeline)
        });
        Ok(told.collect())
    }

    /// What is kept of what landed; the log says it itself where it was read as a whole. What was known at a time
    /// only the log says.
    async fn landings_for(
        &self,
        of: Looked<'_>,
        traced: &[(Traced, Option<Region>)],
        entries: &Entries,
        span: Span,
    ) -> Result<BTreeMap<ThingKey, Landings>, StoreError> {
        if entries.whole {
            return Ok(Landings::of_log(&entries.changing));
        }
        let Some(kept) = of.cell.kept.filter(|_| span.known_at.is_none()) else { return Ok(BTreeMap::new()) };
        let keys: BTreeSet<ThingKey> = traced.iter().flat_map(|(traced, _)| traced.keys()).collect();
        let keys = keys.into_iter().filter(|key| kept.has(key)).map(|key| (of.place.clone(), key));
        let read = self.landings(keys.collect()).await?;
        Ok(read.into_iter().filter_map(|((_, key), item)| Some((key, item?.landings))).collect())
    }
}

/// The regions of a place that had been named by the end of a span, besides those that these entries name. What was
/// known at a time only the entries say.
fn regions(of: Looked<'_>, named: impl Iterator<Item = Region>, span: Span) -> BTreeSet<Region> {
    let before = of.cell.regions.iter().filter(|(_, region)| region.named.moment.at <= span.until);
    let before = before.map(|(name, _)| name.clone()).filter(|_| span.known_at.is_none());
    named.chain(before).collect()
}

/// Whether entries say what ran since the beginning of a span, in whichever part: also in that of a region which none of
/// them names.
fn reaches(of: Looked<'_>, newest_first: &[Entry], span: Span) -> bool {
    let regions = regions(of, newest_first.iter().filter_map(|entry| entry.region.clone()), span);
    let read = Read { changing: newest_first, whole: false, misses: &[], misses_from: Timestamp::MIN };
    let reaches = |part: Option<&Region>| Traced::of(part, read, span.since).reaches();
    if regions.is_empty() { reaches(None) } else { regions.iter().all(|region| reaches(Some(region))) }
}

/// Entries and removals, newest first; without those removals before which there may be entries that were not read.
fn with(mut entries: Vec<Entry>, removals: Vec<Entry>, whole: bool) -> Vec<Entry> {
    let oldest = entries.iter().min().cloned();
    let reached = |removal: &Entry| whole || oldest.as_ref().is_some_and(|oldest| removal > oldest);
    entries.extend(removals.into_iter().filter(reached));
    entries.sort_unstable_by(|a, b| b.cmp(a));
    entries
}
