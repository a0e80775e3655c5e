//! Recording: history and state in one transaction per deployment, and what to do when it fails.
//!
//! Each write is conditional: a history event on there being none with its key, a summary on the
//! sequence that was read, a live cell on its revision. So whatever happens between reading and
//! writing, and however often a message is delivered, a transaction takes effect once and on what it
//! was decided from, or not at all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::ledger::commit::{Commit, commit};
use domain::ledger::recording::{NoRoom, Received, Record};
use domain::{DeploymentId, Status, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::join_all;

use super::Store;
use super::items::{EventItem, KeyItem, SummaryItem, catalog_key, deployment_pk, event_sk, from_item, to_item};
use super::read_ahead::Known;
use super::transaction::{Committed, Refused, Transaction};
use crate::StoreError;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded now.
    New {
        /// Its number.
        sequence: u64,
        /// The deployment's status after it.
        status: Status,
    },
    /// It was recorded before.
    Duplicate {
        /// Its number.
        sequence: u64,
        /// The deployment's status now.
        status: Status,
    },
    /// Another event with the same key and other content was recorded before.
    Conflict {
        /// That event's number.
        sequence: u64,
    },
    /// There is no room for it, for the reason given.
    Refused(NoRoom),
}

/// How many events go into one transaction, if their writes do.
const EVENTS_PER_TRANSACTION: usize = 20;
/// How many writes a transaction has room for.
const WRITES_PER_TRANSACTION: usize = 100;
/// How often a contended transaction is tried. The pauses between add up to several seconds.
const TRIES: u32 = 40;

type Results = Vec<Result<Recorded, StoreError>>;
/// Events of one deployment, each with its place among the results.
pub(super) type Group = Vec<(usize, Received)>;

impl Store {
    /// Records events, each deployment's together and in the order given, deployments side by side.
    /// One result for each event, in order; an error means that its event may or may not be
    /// recorded, and that sending it again is safe.
    pub async fn record(&self, received: Vec<Received>, now: Timestamp) -> Results {
        let count = received.len();
        let mut groups: BTreeMap<DeploymentId, Group> = BTreeMap::new();
        for (index, received) in received.into_iter().enumerate() {
            groups.entry(received.event.deployment_id.clone()).or_default().push((index, received));
        }
        // What panics here for one event must not take the others along: without what would have
        // been read, each group finds out by itself.
        let mut known = match AssertUnwindSafe(self.read_known(&groups)).catch_unwind().await {
            Ok(Ok(known)) => known,
            Err(_) => HashMap::new(),
            Ok(Err(error)) => {
                return (0..count).map(|_| Err(error.clone())).collect();
            }
        };
        let recording = groups.into_iter().map(|(id, group)| {
            let known = known.remove(&id).unwrap_or_default();
            self.record_group_safely(group, known, now)
        });
        let mut results: Vec<Option<Result<Recorded, StoreError>>> = (0..count).map(|_| None).collect();
        for (index, result) in join_all(recording).await.into_iter().flatten() {
            results[index] = Some(result);
        }
        let missing = || Err(StoreError::unreadable("record", "an event was left without a result"));
        results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
    }

    /// Records the events of one deployment. If that panics they are tried one by one, so that the
    /// one to blame fails alone.
    async fn record_group_safely(
        &self,
        group: Group,
        known: Known,
        now: Timestamp,
    ) -> Vec<(usize, Result<Recorded, StoreError>)> {
        let recording = AssertUnwindSafe(self.record_group(group.clone(), known, now));
        if let Ok(results) = recording.catch_unwind().await {
            return results;
        }
        let mut results = Vec::new();
        for (index, received) in group {
            self.memory().states.remove(&received.event.deployment_id);
            let recording = self.record_group(vec![(index, received)], Known::default(), now);
            let panicked = |_| vec![(index, Err(StoreError::panicked("record")))];
            results.extend(AssertUnwindSafe(recording).catch_unwind().await.unwrap_or_else(panicked));
        }
        results
    }

    /// Records the events of one deployment.
    async fn record_group(
        &self,
        group: Group,
        mut known: Known,
        now: Timestamp,
    ) -> Vec<(usize, Result<Recorded, StoreError>)> {
        let mut results = Vec::new();
        let mut waiting = group;
        while !waiting.is_empty() {
            // Two events with one key can't be in one transaction: the second waits for the next.
            let mut keys = HashSet::new();
            let (chunk, rest): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|(_, received)| keys.len() < EVENTS_PER_TRANSACTION && keys.insert(received.key.clone()));
            waiting = rest;
            results.extend(self.record_chunk(chunk, &mut waiting, &mut known, now).await);
        }
        results
    }

    /// Records events with distinct keys of one deployment in one transaction, without those that
    /// turn out to be known. Events that the transaction has no room for go back to the front of
    /// `waiting`; one that even alone has none is refused.
    async fn record_chunk(
        &self,
        mut chunk: Group,
        waiting: &mut Group,
        known: &mut Known,
        now: Timestamp,
    ) -> Vec<(usize, Result<Recorded, StoreError>)> {
        let mut results = Vec::new();
        let mut tries = 0;
        while !chunk.is_empty() {
            let events = chunk.iter().map(|(_, received)| received.clone()).collect();
            let decided = match commit(known.state.as_ref(), events, now) {
                Ok(Some(decided)) => decided,
                Ok(None) => break,
                Err(no_room) => {
                    // Those before the last may still fit.
                    if let Some((index, received)) = chunk.pop() {
                        results.push((index, self.when_no_room(&received, no_room, known).await));
                    }
                    continue;
                }
            };
            if decided.writes() > WRITES_PER_TRANSACTION {
                let rest = chunk.split_off(chunk.len() / 2);
                if let ([], [(index, received)]) = (chunk.as_slice(), rest.as_slice()) {
                    results.push((*index, self.when_no_room(received, NoRoom::Corrections, known).await));
                } else {
                    waiting.splice(0..0, rest);
                }
                continue;
            }
            match self.try_commit(&decided, &mut chunk, known, &mut results).await {
                Ok(true) => {
                    for ((index, _), record) in chunk.drain(..).zip(&decided.records) {
                        let status = record.meaning.status;
                        results.push((index, Ok(Recorded::New { sequence: record.sequence, status })));
                    }
                    self.memory().remember(decided.state.clone());
                    known.state = Some(decided.state);
                }
                Ok(false) if tries < TRIES => {
                    tries += 1;
                    if let Err(error) = self.look_again(tries, &chunk, known).await {
                        results.extend(fail_all(&mut chunk, &error));
                    }
                }
                Ok(false) => {
                    let busy = StoreError::busy("TransactWriteItems", "other writers were faster each time");
                    results.extend(fail_all(&mut chunk, &busy));
                }
                Err(error) => {
                    // What became of the transaction is not known, so nothing may be remembered.
                    if let Some((_, received)) = chunk.first() {
                        self.memory().states.remove(&received.event.deployment_id);
                    }
                    results.extend(fail_all(&mut chunk, &error));
                }
            }
        }
        results
    }

    /// What becomes of an event that there is no room for: it may be known already.
    async fn when_no_room(&self, received: &Received, no_room: NoRoom, known: &Known) -> Result<Recorded, StoreError> {
        let pk = deployment_pk(received.event.deployment_id.as_str());
        let stored: Option<EventItem> = self.get(&self.tables.history, &pk, &event_sk(&received.key)).await?;
        let Some(stored) = stored else { return Ok(Recorded::Refused(no_room)) };
        Ok(known_already(received, &stored.record()?, known))
    }

    /// Makes ready for another try. The first is made at once from what the failure handed back:
    /// two writers who met seldom meet again. Where many write, that would be old by the time the
    /// pause is over, so from then on it is read after the pause.
    async fn look_again(&self, tries: u32, chunk: &Group, known: &mut Known) -> Result<(), StoreError> {
        let Some((_, received)) = chunk.first().filter(|_| tries > 1) else { return Ok(()) };
        pause(tries).await;
        known.state = self.state(&received.event.deployment_id).await?;
        known.cells.clear();
        Ok(())
    }

    /// Tries to carry out what was decided. When the answer is false, `known` is what the answer
    /// showed instead, and events that are known already have moved from `chunk` to `results`.
    async fn try_commit(
        &self,
        decided: &Commit,
        chunk: &mut Group,
        known: &mut Known,
        results: &mut Vec<(usize, Result<Recorded, StoreError>)>,
    ) -> Result<bool, StoreError> {
        let mut transaction = Transaction::default();
        for record in &decided.records {
            transaction.put_new(&self.tables.history, to_item(&EventItem::new(record, self.retention))?)?;
        }
        let summary_at = transaction.len();
        let expected = known.state.as_ref().map(|state| state.sequence);
        transaction.put_next(&self.tables.state, to_item(&SummaryItem::new(&decided.state)?)?, "sequence", expected)?;
        let cells = self.write_live(&mut transaction, decided, known).await?;
        let catalog = self.write_catalog(&mut transaction, decided)?;

        let refused = match self.transact(transaction).await? {
            Committed::Yes => {
                self.memory().remember_catalog(catalog);
                known.cells.clear();
                return Ok(true);
            }
            Committed::Contended(_) => return Ok(false),
            Committed::No(refused) => refused,
        };
        let mut duplicates = Vec::new();
        for (at, refusal) in refused.into_iter().enumerate() {
            let Refused::By(item) = refusal else { continue };
            if at < summary_at {
                let item = item.ok_or_else(|| StoreError::unreadable("TransactWriteItems", "no old item"))?;
                duplicates.push((at, from_item::<EventItem>(item)?.record()?));
            } else if at == summary_at {
                known.state = item.map(|item| from_item::<SummaryItem>(item)?.state()).transpose()?;
            } else if let Some((_, place)) = cells.iter().find(|(cell_at, _)| *cell_at == at) {
                known.cells.insert(place.clone(), item.map(from_item).transpose()?);
            }
        }
        for (at, record) in duplicates.into_iter().rev() {
            let (index, received) = chunk.remove(at);
            results.push((index, Ok(known_already(&received, &record, known))));
        }
        Ok(false)
    }

    /// Adds what the deployment shows to exist and what is not known to be there yet.
    fn write_catalog(
        &self,
        transaction: &mut Transaction,
        decided: &Commit,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut written = Vec::new();
        for (pk, sk) in decided.catalog.iter().map(catalog_key) {
            if !self.memory().catalog.contains(&(pk.clone(), sk.clone())) {
                transaction.put(&self.tables.state, to_item(&KeyItem { pk: pk.clone(), sk: sk.clone() })?)?;
                written.push((pk, sk));
            }
        }
        Ok(written)
    }
}

/// What becomes of an event whose key is taken by `record`.
fn known_already(received: &Received, record: &Record, known: &Known) -> Recorded {
    let sequence = record.sequence;
    if received.payload_hash != record.received.payload_hash {
        return Recorded::Conflict { sequence };
    }
    let status = known.state.as_ref().map_or(record.meaning.status, |state| state.summary.status());
    Recorded::Duplicate { sequence, status }
}

/// The same failure for each event of a chunk.
fn fail_all(chunk: &mut Group, error: &StoreError) -> Vec<(usize, Result<Recorded, StoreError>)> {
    chunk.drain(..).map(|(index, _)| (index, Err(error.clone()))).collect()
}

/// A pause before another try: random, so that writers who met do not meet again, and longer each
/// time up to half a second ("full jitter").
pub(super) async fn pause(tries: u32) {
    let most = 5u64.saturating_mul(1 << tries.min(7)).min(500);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=most))).await;
}
