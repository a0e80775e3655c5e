//! The log of a place, as it is stored.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::live::as_of::LogEntry;
use domain::live::{Cell, Entry, Place};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::log::LogItem;
use crate::keys::{MISSES, log_partition};
use crate::pages::Pages;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many log entries are read at once: what runs, and what ran before, is mostly said by a few.
const PAGE: usize = 12;
/// How many are read at once where the first ones do not say it.
const LATER_PAGES: usize = 200;

/// How many landings are read at once where it is known that those of a cell are too few.
const BACK: usize = 60;

/// Which entries of a log are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Those that change what runs.
    Landings,
    /// Those that don't.
    Misses,
}

/// A log, read newest first, page by page: the entries that hold, or held at a time of knowledge.
#[derive(Debug)]
pub struct LogPages<'s, S> {
    pages: Pages<'s, S>,
    known_at: Option<Timestamp>,
}

impl<S: ReadItems> LogPages<'_, S> {
    /// The same log, with a first page of so many entries.
    #[must_use]
    pub fn of_pages(mut self, entries: usize) -> Self {
        self.pages.grow(entries);
        self
    }

    /// Whether the last page was read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.pages.is_at_end()
    }

    /// What is read until it is enough, of which it is told what was read and whether that is all, or until so many
    /// entries were read; and whether that is all.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn until(
        mut self,
        most: usize,
        is_enough: impl Fn(&[Entry], bool) -> bool,
    ) -> Result<(Vec<Entry>, bool), StoreError> {
        let mut entries = Vec::new();
        while let Some(page) = self.next().await? {
            entries.extend(page);
            if is_enough(&entries, self.is_at_end()) || entries.len() >= most {
                break;
            }
        }
        Ok((entries, self.is_at_end()))
    }

    /// Reads the next page; none when there is none. A page can be empty although another follows.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, StoreError> {
        let Some(page) = self.pages.next().await? else { return Ok(None) };
        self.pages.grow(LATER_PAGES);
        let mut entries = Vec::new();
        for item in page.items {
            let (_, stored) = from_item::<LogItem>(item)?.into_entry();
            if stored.holds(self.known_at) {
                entries.push(stored.entry);
            }
        }
        // Keys of corrected entries end in a sequence, so they can sort among those of their moment.
        entries.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Some(entries))
    }
}

/// The entries of a series up to a time, that included, newest first.
pub(super) fn of_log(place: &Place, series: Series, up_to: Timestamp) -> Query {
    let prefix = match series {
        Series::Landings => "",
        Series::Misses => MISSES,
    };
    // `~` sorts after `#`, which follows the time in each key: so `up_to` itself is included.
    Query::of(Table::State, log_partition(place))
        .between(format!("{prefix}0"), format!("{prefix}{}~", up_to.sort_key()))
        .descending()
}

impl<S: ReadItems> Reader<S> {
    /// The entries of a log up to a time, that included, newest first.
    pub fn log(&self, place: &Place, series: Series, up_to: Timestamp, known_at: Option<Timestamp>) -> LogPages<'_, S> {
        let query = of_log(place, series, up_to).consistent().limit(PAGE);
        LogPages { pages: self.pages(query), known_at }
    }

    /// The newest landings of a place up to a time, as far back as that takes, or until so many were read; and whether
    /// these are all. Where what stands in its cell is enough, nothing is read.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn landings_back(
        &self,
        (place, cell): (&Place, &Cell),
        (up_to, most): (Timestamp, usize),
        is_enough: impl Fn(&[Entry], bool) -> bool,
    ) -> Result<(Vec<Entry>, bool), StoreError> {
        let whole = !cell.tail.cut;
        let tail: Vec<Entry> = cell.tail.landings.iter().filter(|entry| entry.at <= up_to).cloned().collect();
        if is_enough(&tail, whole) {
            return Ok((tail, whole));
        }
        self.log(place, Series::Landings, up_to, None).of_pages(BACK).until(most, is_enough).await
    }

    /// All entries of a log up to a time, that included, that hold, or held at a time of knowledge.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn entries(
        &self,
        place: &Place,
        up_to: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<Entry>, StoreError> {
        let stored = self.whole_log(place).await?.into_values().filter(|stored| stored.holds(known_at));
        Ok(stored.map(|stored| stored.entry).filter(|entry| entry.at <= up_to).collect())
    }

    /// The whole log of a place, by sort key.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn whole_log(&self, place: &Place) -> Result<BTreeMap<String, LogEntry>, StoreError> {
        let mut log = BTreeMap::new();
        let mut pages = self.pages(Query::of(Table::State, log_partition(place)).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let (sort, entry) = from_item::<LogItem>(item)?.into_entry();
                log.insert(sort, entry);
            }
        }
        Ok(log)
    }
}
