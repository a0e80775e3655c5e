//! One attempt to carry out what was decided: its transaction, and what the answer to it means.

use std::collections::HashMap;

use domain::Record;
use domain::ledger::commit::{Commit, Retimed};
use domain::ledger::recording::State;
use domain::listings::Listing;
use domain::live::{Place, ThingKey};
use store::items::cell::CellItem;
use store::items::event::EventItem;
use store::items::kept::ChangedItem;
use store::items::landings::LandingsItem;
use store::items::listing::ListingItem;
use store::items::log::LogItem;
use store::items::observed::ObservedItem;
use store::items::summary::SummaryItem;
use store::items::{from_item, to_item};
use store::keys::listings::listing_key;
use store::keys::{catalog_key, log_key};
use store::transaction::{Checked, Outcome, Transaction};
use store::{Key, StoreError, Table, WriteItems};

use crate::read_ahead::ReadAhead;
use crate::recorder::Recorder;

/// What became of an attempt.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// All of it is written.
    Committed,
    /// Nothing is: what it was decided from has changed. This is what stands there instead.
    Stale(Vec<Found>),
    /// Nothing is: some of its events, each by its place among them, are recorded already; what else has
    /// changed stands beside.
    RecordedBefore(Vec<(usize, Record)>, Vec<Found>),
    /// Nothing is: other transactions were at the same items.
    Contended,
}

/// What stands where an attempt expected something else.
#[derive(Debug)]
pub(crate) enum Found {
    /// The deployment's state; none when it has none.
    State(Box<Option<State>>),
    /// The cell of a place; none when it has none.
    Cell(Place, Box<Option<CellItem>>),
    /// When something landed in a place first; none when nothing is kept of it.
    Landings(Place, ThingKey, Box<Option<LandingsItem>>),
}

/// The conditional writes of a transaction, by where they stand in it.
#[derive(Default)]
struct Layout(HashMap<usize, Written>);

/// A conditional write.
enum Written {
    Record,
    Summary,
    Cell(Place),
    Landings(Place, ThingKey),
}

/// What was decided, as a transaction.
pub(crate) struct Drawn {
    /// The transaction.
    pub(crate) transaction: Transaction,
    layout: Layout,
    /// What exists once it is committed, and never ceases to.
    shown: Vec<Key>,
}

impl<S: WriteItems> Recorder<S> {
    /// Draws up the transaction of what was decided from what was read ahead, the cells of its places included.
    pub(crate) async fn draw(&self, commit: &Commit, ahead: &ReadAhead) -> Result<Drawn, StoreError> {
        let (mut transaction, mut layout) = (Transaction::default(), Layout::default());
        for record in &commit.records {
            layout.0.insert(transaction.len(), Written::Record);
            transaction.put_new(Table::History, to_item(&EventItem::new(record, self.retention))?);
        }
        let read = ahead.state.as_ref().map(|state| state.sequence);
        layout.0.insert(transaction.len(), Written::Summary);
        transaction.put_next(Table::State, to_item(&SummaryItem::new(&commit.state)?)?, SummaryItem::GUARD, read);
        for (place, change) in &commit.live {
            let cell = ahead.cells.get(place).and_then(Option::as_ref);
            let retirements = match ahead.retirements.get(&place.environment) {
                Some(retirements) => retirements.clone(),
                None => self.reader.retirements(&place.environment).await?,
            };
            let live = self.live_writes(place, change, (cell, &retirements), ahead.landings_of(place)).await?;
            let landings = live.landings.into_iter().map(|key| Written::Landings(place.clone(), key));
            let written = std::iter::once(Written::Cell(place.clone())).chain(landings);
            layout.0.extend((transaction.len()..).zip(written));
            transaction.append(live.writes);
        }
        for Retimed { place, key, timing } in &commit.retimed {
            // It is of this deployment alone, so the summary's condition guards it too.
            let key = log_key(place, key);
            let stored: Option<LogItem> = self.reader.get(Table::State, &key).await?;
            if let Some(stored) = stored {
                transaction.put(Table::State, to_item(&stored.timed(timing.as_ref()))?);
            }
        }
        let mut shown: Vec<Key> =
            commit.catalog.iter().map(catalog_key).filter(|key| !self.memory.exists(key)).collect();
        for key in &shown {
            transaction.put(Table::State, key.clone().into());
        }
        for listing in &commit.listings.removed {
            transaction.delete(Table::State, listing_key(listing));
        }
        let listed = commit.listings.added.iter().map(|listing| (listing, ListingItem::from(listing)));
        let listed = listed.filter(|(_, item): &(&Listing, ListingItem)| !self.memory.exists(&item.key));
        for (listing, item) in listed {
            transaction.put(Table::State, to_item(&item)?);
            if !listing.is_of_one() {
                shown.push(item.key);
            }
        }
        for observed in &commit.observed {
            transaction.put(Table::State, to_item(&ObservedItem::new(observed)?)?);
        }
        if let Some(last) = commit.records.last() {
            for changed in &commit.changed {
                let item =
                    ChangedItem::of(changed, &last.received.event.deployment_id, last.sequence, last.recorded_at);
                transaction.put(Table::State, to_item(&item)?);
            }
        }
        Ok(Drawn { transaction, layout, shown })
    }

    /// What became of what was decided, whose transaction ended so. What is committed is remembered.
    pub(crate) fn ended(&self, commit: &Commit, drawn: Drawn, outcome: Outcome) -> Result<Attempt, StoreError> {
        let attempt = drawn.layout.read(outcome)?;
        if let Attempt::Committed = attempt {
            self.memory.keep_existing(drawn.shown);
            self.memory.keep(commit.state.clone());
        }
        Ok(attempt)
    }
}

impl Layout {
    /// What the outcome of the transaction means.
    fn read(&self, outcome: Outcome) -> Result<Attempt, StoreError> {
        let checked = match outcome {
            Outcome::Committed => return Ok(Attempt::Committed),
            Outcome::Contended(_) => return Ok(Attempt::Contended),
            Outcome::Refused(checked) => checked,
        };
        let (mut recorded, mut found) = (Vec::new(), Vec::new());
        for (at, checked) in checked.into_iter().enumerate() {
            let Checked::Fails(item) = checked else { continue };
            found.push(match self.0.get(&at) {
                Some(Written::Record) => {
                    let item = item.ok_or_else(|| StoreError::unreadable("transact", "no old item"))?;
                    recorded.push((at, from_item::<EventItem>(item)?.record()?));
                    continue;
                }
                Some(Written::Summary) => {
                    let state = item.map(|item| from_item::<SummaryItem>(item)?.state()).transpose()?;
                    Found::State(Box::new(state))
                }
                Some(Written::Cell(place)) => Found::Cell(place.clone(), Box::new(item.map(from_item).transpose()?)),
                Some(Written::Landings(place, key)) => {
                    Found::Landings(place.clone(), key.clone(), Box::new(item.map(from_item).transpose()?))
                }
                None => continue,
            });
        }
        Ok(if recorded.is_empty() { Attempt::Stale(found) } else { Attempt::RecordedBefore(recorded, found) })
    }
}
