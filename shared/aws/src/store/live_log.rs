//! The live log of a place, and the cell that answers what runs there now.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::ledger::commit::{Commit, LogChange};
use domain::live::{Entry, LastAttempt, Live, Place, Tail, resolve_newest};

use super::Store;
use super::items::{CellItem, KeyItem, LogItem, MISS, cell_pk, from_item, log_pk, log_sk, to_item};
use super::read_ahead::Known;
use super::transaction::Transaction;
use crate::StoreError;

/// How many log entries are read at once.
const PAGE: i32 = 20;

/// Which entries of a log are meant.
#[derive(Debug, Clone, Copy)]
enum Series {
    /// Those that change what runs.
    Landings,
    /// Those that don't.
    Misses,
}

impl Store {
    /// Adds to `transaction` what `decided` changes in live logs and cells. Answers where in the
    /// transaction each cell stands.
    pub(super) async fn write_live(
        &self,
        transaction: &mut Transaction,
        decided: &Commit,
        known: &mut Known,
    ) -> Result<Vec<(usize, Place)>, StoreError> {
        let mut cells = Vec::new();
        for (place, change) in &decided.live {
            if !known.cells.contains_key(place) {
                let cell = self.read_cell(place).await?;
                known.cells.insert(place.clone(), cell);
            }
            let cell = known.cells.get(place).cloned().flatten();
            let tail = self.tail_after(place, change, cell.as_ref()).await?;
            let live = match tail.live() {
                Ok(live) => live,
                Err(_) => self.live_after(place, change).await?,
            };
            let revision = cell.as_ref().map(|cell| cell.revision);
            let item = CellItem {
                pk: cell_pk(place.environment.as_str()),
                sk: place.service.to_string(),
                live,
                tail,
                revision: revision.unwrap_or(0) + 1,
            };
            cells.push((transaction.len(), place.clone()));
            transaction.put_next(&self.tables.state, to_item(&item)?, "revision", revision)?;
            self.write_log(transaction, place, change).await?;
        }
        Ok(cells)
    }

    async fn write_log(
        &self,
        transaction: &mut Transaction,
        place: &Place,
        change: &LogChange,
    ) -> Result<(), StoreError> {
        let table = &self.tables.state;
        for superseded in &change.superseded {
            let (pk, sk) = (log_pk(place), log_sk(&superseded.entry));
            let known_from = if let Some(known_from) = superseded.known_from {
                known_from.millis()
            } else {
                let replaced = change.added.keys().any(|entry| log_sk(entry) == sk);
                if !replaced {
                    transaction.delete(table, &KeyItem { pk: pk.clone(), sk: sk.clone() })?;
                }
                let stored: Option<LogItem> = self.get(table, &pk, &sk).await?;
                stored.map_or(superseded.known_until.millis(), |item| item.known_from)
            };
            let item = LogItem {
                pk,
                sk: format!("{sk}#{}", superseded.by_sequence),
                entry: superseded.entry.clone(),
                known_from,
                known_until: Some(superseded.known_until.millis()),
            };
            transaction.put(table, to_item(&item)?)?;
        }
        for (entry, known_from) in &change.added {
            let item = LogItem {
                pk: log_pk(place),
                sk: log_sk(entry),
                entry: entry.clone(),
                known_from: known_from.millis(),
                known_until: None,
            };
            transaction.put(table, to_item(&item)?)?;
        }
        Ok(())
    }

    /// The newest part of a place's log once `change` is made. Adding needs only the cell; when
    /// entries are corrected the log is read.
    async fn tail_after(&self, place: &Place, change: &LogChange, cell: Option<&CellItem>) -> Result<Tail, StoreError> {
        let stored = change.superseded.iter().any(|superseded| superseded.known_from.is_none());
        let mut tail = if stored { Tail::default() } else { cell.map(|cell| cell.tail.clone()).unwrap_or_default() };
        if stored {
            for series in [Series::Landings, Series::Misses] {
                let mut log = self.log(place, series, Timestamp::MAX, None);
                while let Some(entries) = log.next().await? {
                    let holding = entries.into_iter().filter(|entry| !is_superseded(change, entry));
                    holding.for_each(|entry| tail.add(entry));
                    if tail.cut || (matches!(series, Series::Misses) && tail.miss.is_some()) {
                        break;
                    }
                }
            }
        }
        change.added.keys().for_each(|entry| tail.add(entry.clone()));
        Ok(tail)
    }

    /// What runs once `change` is made, when the tail alone can't tell.
    async fn live_after(&self, place: &Place, change: &LogChange) -> Result<Live, StoreError> {
        let added: Vec<&Entry> = change.added.keys().filter(|entry| entry.effect.changes_live()).collect();
        let mut stored: Vec<Entry> = Vec::new();
        let mut log = self.log(place, Series::Landings, Timestamp::MAX, None);
        loop {
            let page = log.next().await?;
            let whole = page.is_none();
            // Older than what was read there may be stored entries that are newer than an added one.
            let oldest = page.as_ref().and_then(|page| page.last()).cloned();
            stored.extend(page.into_iter().flatten().filter(|entry| !is_superseded(change, entry)));
            if oldest.is_none() && !whole {
                continue;
            }
            let reached = added.iter().filter(|entry| oldest.as_ref().is_none_or(|oldest| **entry >= oldest));
            let mut landings: Vec<Entry> = stored.iter().chain(reached.copied()).cloned().collect();
            landings.sort_unstable_by(|a, b| b.cmp(a));
            landings.dedup();
            if let Ok(live) = resolve_newest(&landings, whole) {
                return Ok(live);
            }
        }
    }

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
        let last = landings.first().max(miss.as_ref()).map(LastAttempt::from);
        Ok((live, last))
    }

    pub(super) async fn read_cell(&self, place: &Place) -> Result<Option<CellItem>, StoreError> {
        self.get(&self.tables.state, &cell_pk(place.environment.as_str()), place.service.as_str()).await
    }

    fn log<'a>(&'a self, place: &Place, series: Series, up_to: Timestamp, known_at: Option<Timestamp>) -> Log<'a> {
        let (prefix, end) = match series {
            Series::Landings => (String::new(), "~"),
            Series::Misses => (MISS.to_owned(), "~"),
        };
        // `~` sorts after `#`, which follows the time in each key: so `up_to` itself is included.
        Log {
            store: self,
            pk: log_pk(place),
            from: format!("{prefix}0"),
            to: format!("{prefix}{}{end}", up_to.sort_key()),
            known_at,
            start: None,
            done: false,
        }
    }
}

/// Whether a stored entry is one that `change` corrects.
fn is_superseded(change: &LogChange, entry: &Entry) -> bool {
    change.superseded.iter().any(|superseded| superseded.known_from.is_none() && superseded.entry == *entry)
}

/// A log, read newest first, page by page: the entries that hold, or held at a time of knowledge.
struct Log<'a> {
    store: &'a Store,
    pk: String,
    from: String,
    to: String,
    known_at: Option<Timestamp>,
    start: Option<super::Item>,
    done: bool,
}

impl Log<'_> {
    async fn next(&mut self) -> Result<Option<Vec<Entry>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let query = self
            .store
            .query(&self.store.tables.state)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(self.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(self.to.clone()))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(PAGE)
            .set_exclusive_start_key(self.start.take());
        let answer = query.send().await.map_err(|error| StoreError::call("Query", error))?;
        self.start = answer.last_evaluated_key;
        self.done = self.start.is_none();
        let mut entries = Vec::new();
        for item in answer.items.into_iter().flatten() {
            let item: LogItem = from_item(item)?;
            let holds = match self.known_at {
                None => item.known_until.is_none(),
                Some(at) => item.known_from <= at.millis() && item.known_until.is_none_or(|until| until > at.millis()),
            };
            if holds {
                entries.push(item.entry);
            }
        }
        // Keys of corrected entries end in a sequence, so they can sort among those of their moment.
        entries.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Some(entries))
    }
}
