//! The log of a place: what ran there at a time, as it was known at a time.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::live::as_of::LogEntry;
use domain::live::{Entry, LastAttempt, Live, Place, resolve_newest};

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::log::LogItem;
use crate::keys::{MISSES, log_partition};
use crate::pages::Pages;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

/// How many log entries are read at once.
const PAGE: usize = 20;

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
    /// Reads the next page; none when there is none. A page can be empty although another follows.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, StoreError> {
        let Some(page) = self.pages.next().await? else { return Ok(None) };
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

impl<S: ReadItems> Reader<S> {
    /// What ran in `place` at `as_of`, as it was known at `known_at`, and how the last deployment
    /// there had ended by then.
    ///
    /// # Errors
    /// When the log can't be read.
    pub async fn live_at(
        &self,
        place: &Place,
        as_of: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<(Live, Option<LastAttempt>), StoreError> {
        let mut landings = Vec::new();
        let mut log = self.log(place, Series::Landings, as_of, known_at);
        let live = loop {
            let page = log.next().await?;
            let whole = page.is_none();
            landings.extend(page.into_iter().flatten());
            if let Ok(live) = resolve_newest(&landings, whole) {
                break live;
            }
        };
        let mut misses = self.log(place, Series::Misses, as_of, known_at);
        let mut miss = None;
        while let Some(page) = misses.next().await? {
            miss = page.into_iter().next();
            if miss.is_some() {
                break;
            }
        }
        Ok((live, LastAttempt::of_newest(&landings, miss.as_ref())))
    }

    /// The entries of a log up to a time, that included, newest first.
    pub fn log(&self, place: &Place, series: Series, up_to: Timestamp, known_at: Option<Timestamp>) -> LogPages<'_, S> {
        let prefix = match series {
            Series::Landings => "",
            Series::Misses => MISSES,
        };
        // `~` sorts after `#`, which follows the time in each key: so `up_to` itself is included.
        let query = Query::of(Table::State, log_partition(place))
            .between(format!("{prefix}0"), format!("{prefix}{}~", up_to.sort_key()))
            .consistent()
            .descending()
            .limit(PAGE);
        LogPages { pages: self.pages(query), known_at }
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
