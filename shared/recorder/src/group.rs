//! The events of one deployment on their way into its history: which are tried together, and what follows
//! from how an attempt ended. It reads and writes nothing: [`next`](Group::next) says what is to be done,
//! and what came of it is given back.

use std::collections::HashSet;

use domain::ledger::commit::{Commit, commit};
use domain::ledger::recording::NotRecorded;
use domain::ledger::room::NoRoom;
use domain::{Record, Timestamp};
use store::keys::event_key;
use store::transaction::Transaction;
use store::{Key, StoreError};

use crate::attempt::{Attempt, Found};
use crate::read_ahead::ReadAhead;
use crate::recorded::{Numbered, NumberedResult, Receipt, Recorded, Refused};

/// How many events go into one transaction, if their writes do.
const EVENTS_PER_TRANSACTION: usize = 20;
/// How often a transaction is tried again. The pauses between add up to several seconds.
const RETRIES: u32 = 40;

/// The events of one deployment.
#[derive(Debug)]
pub(crate) struct Group {
    /// Those that were not tried yet, in order.
    waiting: Vec<Numbered>,
    /// Those of the transaction that is under way.
    chunk: Vec<Numbered>,
    /// How often that was tried again.
    retries: u32,
    /// What the next attempt is decided from.
    pub(crate) ahead: ReadAhead,
    results: Vec<NumberedResult>,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing: each event has its result.
    Done,
    /// To carry this out.
    Attempt(Box<Commit>),
    /// To look whether this event is recorded already, for it can't be recorded now.
    LookUp(Box<Numbered>, NotRecorded),
}

/// What is to be done before the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// To wait for this many retries, and then to read the state again.
    ReadingAgain(u32),
}

impl Group {
    /// The events of a deployment, of which this much was read ahead.
    pub(crate) fn new(events: Vec<Numbered>, ahead: ReadAhead) -> Self {
        Self { waiting: events, chunk: Vec::new(), retries: 0, ahead, results: Vec::new() }
    }

    /// What is to be done next. `now` is the time of recording.
    pub(crate) fn next(&mut self, now: Timestamp) -> Step {
        loop {
            if self.chunk.is_empty() {
                if self.waiting.is_empty() {
                    return Step::Done;
                }
                self.take_chunk();
            }
            let events = self.chunk.iter().map(|(_, received)| received.clone()).collect();
            match commit(self.ahead.state.as_ref(), events, now) {
                Ok(Some(commit)) if commit.writes_at_most() <= Transaction::MOST => {
                    return Step::Attempt(Box::new(commit));
                }
                Ok(Some(_)) => {
                    if let Some(alone) = self.take_fewer() {
                        return Step::LookUp(Box::new(alone), NoRoom::Corrections.into());
                    }
                }
                Ok(None) => self.chunk.clear(),
                // The others may still be recorded.
                Err((at, why)) => return Step::LookUp(Box::new(self.chunk.remove(at)), why),
            }
        }
    }

    /// The results, once there is nothing more to be done.
    pub(crate) fn into_results(self) -> Vec<NumberedResult> {
        self.results
    }

    /// There is no room for the events under way: fewer of them are tried, and if it is one alone, it is to be
    /// looked up.
    pub(crate) fn no_room(&mut self, why: NoRoom) -> Option<(Numbered, NotRecorded)> {
        self.take_fewer().map(|alone| (alone, why.into()))
    }

    /// Takes the next events that can go into one transaction. Two events with one key can't: the second
    /// waits for the next.
    fn take_chunk(&mut self) {
        let mut keys = HashSet::new();
        let waiting = std::mem::take(&mut self.waiting);
        (self.chunk, self.waiting) = waiting
            .into_iter()
            .partition(|(_, received)| keys.len() < EVENTS_PER_TRANSACTION && keys.insert(received.key.clone()));
        self.retries = 0;
    }

    /// Leaves the second half of the chunk for later. One event that is alone is taken out.
    fn take_fewer(&mut self) -> Option<Numbered> {
        let mut rest = self.chunk.split_off(self.chunk.len() / 2);
        if self.chunk.is_empty() && rest.len() == 1 {
            return rest.pop();
        }
        self.waiting.splice(0..0, rest);
        None
    }

    /// An event that can't be recorded now has been looked up.
    pub(crate) fn looked_up(
        &mut self,
        (index, received): Numbered,
        why: NotRecorded,
        stored: Result<Option<Record>, StoreError>,
    ) {
        let result = stored.map(|stored| match stored {
            Some(record) => Recorded::before(&received, &record, self.ahead.state.as_ref()),
            None => Recorded::Refused(Refused::NotRecorded(why)),
        });
        self.results.push((index, result));
    }

    /// An attempt has ended so.
    pub(crate) fn conclude(&mut self, commit: Commit, attempt: Attempt) -> Before {
        match attempt {
            Attempt::Committed => {
                let flags = &commit.state.summary.flags;
                for ((index, _), record) in self.chunk.drain(..).zip(&commit.records) {
                    let receipt =
                        Receipt { sequence: record.sequence, status: record.meaning.status, flags: flags.clone() };
                    self.results.push((index, Ok(Recorded::New(receipt))));
                }
                self.ahead = ReadAhead::of(Some(commit.state));
                return Before::Nothing;
            }
            Attempt::Stale(found) => self.ahead.update(found),
            Attempt::RecordedBefore(recorded, found) => {
                self.ahead.update(found);
                self.recorded_before(recorded);
            }
            Attempt::Contended => {}
        }
        if self.retries >= RETRIES {
            self.fail(&StoreError::busy("transact", "other writers were faster each time"));
            return Before::Nothing;
        }
        self.retries += 1;
        // The first retry is made at once, from what the failure handed back: two writers who met seldom
        // meet again. Where many write, that would be out of date by the time the pause is over.
        if self.retries > 1 && !self.chunk.is_empty() { Before::ReadingAgain(self.retries) } else { Before::Nothing }
    }

    /// Some of the events under way, each by its place among them, are recorded already.
    pub(crate) fn recorded_before(&mut self, recorded: Vec<(usize, Record)>) {
        for (at, record) in recorded.into_iter().rev() {
            let (index, received) = self.chunk.remove(at);
            let result = Recorded::before(&received, &record, self.ahead.state.as_ref());
            self.results.push((index, Ok(result)));
        }
    }

    /// Where the events under way stand if they were recorded before keys were of producers, each by its place among
    /// them; nothing of a deployment that has no event of then.
    pub(crate) fn former_keys(&self) -> impl Iterator<Item = (usize, Key)> {
        let state = self.ahead.state.as_ref().filter(|state| state.summary.heard.has_former_keys());
        let events = state.into_iter().flat_map(|_| self.chunk.iter().enumerate());
        events.map(|(at, (_, received))| (at, event_key(&received.event.deployment_id, &received.former_key())))
    }

    /// The events under way fail for this.
    pub(crate) fn fail(&mut self, error: &StoreError) {
        self.results.extend(self.chunk.drain(..).map(|(index, _)| (index, Err(error.clone()))));
    }
}

impl ReadAhead {
    fn update(&mut self, found: Vec<Found>) {
        for found in found {
            match found {
                Found::State(state) => self.state = *state,
                Found::Cell(place, cell) => {
                    self.cells.insert(place, *cell);
                }
                Found::Landings(place, key, landings) => {
                    self.landings.insert((place, key), *landings);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
