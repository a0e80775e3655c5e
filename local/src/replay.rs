//! `deployment-status-local replay`: the events of a file in random orders, each of which must give the same state.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use clap::Args;
use domain::{Received, Retention, Subject, Timestamp};
use recorder::{Recorded as Outcome, Recorder};
use sqlite::Sqlite;
use store::items::cell::CellItem;
use store::items::from_item;
use store::items::history::HistoryItem;
use store::keys::kept::FIGURES;
use store::query::Query;
use store::{AttributeValue, Item, Key, ReadItems as _, Reader, StoreError, Table};

use crate::output::print;

/// How often, and by which random order.
#[derive(Debug, Args)]
pub struct Replay {
    /// In how many random orders
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    shuffle: u64,
    /// The number of the first order: what differed is looked at again with it
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// An event, and when it was recorded.
type Recorded = (Received, Timestamp);

/// Items of the state by their keys, as much of them as does not depend on the order of arrival.
type State = BTreeMap<Key, BTreeMap<String, AttributeValue>>;

/// How many events come together at most.
const AT_ONCE: usize = 20;

impl Replay {
    /// Records the events of a file in memory, in the order in which they were recorded and then in random orders, and
    /// prints what differs. Answers whether nothing does. The file is only read.
    ///
    /// # Errors
    /// When there is no such file, or it can't be read.
    pub async fn run(&self, data: Option<&Path>) -> Result<bool, Box<dyn Error>> {
        let file = data.filter(|file| file.exists()).ok_or("replay needs --data with an existing file")?;
        let events = events(&Sqlite::open_as_it_is(file)?).await?;
        // Every event has one time of recording: that of the last. What follows from it must not depend on the order.
        let recorded_at = events.iter().map(|(_, recorded_at)| *recorded_at).max().unwrap_or(Timestamp::MIN);
        let mut expected: Option<State> = None;
        let mut differing = 0;
        for nth in 0..=self.shuffle {
            let order = self.seed.wrapping_add(nth).wrapping_sub(1);
            let mut shuffled = events.clone();
            if nth > 0 {
                fastrand::Rng::with_seed(order).shuffle(&mut shuffled);
            }
            let state = state(shuffled, recorded_at).await?;
            let Some(expected) = &expected else {
                expected = Some(state);
                continue;
            };
            let differences = differences(expected, &state);
            for difference in &differences {
                print(format_args!("different in order {order}: {difference}"));
            }
            differing += u64::from(!differences.is_empty());
        }
        let (events, orders) = (events.len(), self.shuffle);
        match differing {
            0 => print(format_args!(
                "Replayed {events} events in {orders} random orders: all of them give the same state."
            )),
            _ => print(format_args!(
                "Replayed {events} events in {orders} random orders: {differing} give another state."
            )),
        }
        Ok(differing == 0)
    }
}

/// The events of a file, in the order in which they were recorded.
async fn events(store: &Sqlite) -> Result<Vec<Recorded>, StoreError> {
    let partitions: BTreeSet<String> = store.keys(Table::History)?.into_iter().map(|key| key.partition).collect();
    let (reader, mut events) = (Reader::new(store.clone()), Vec::new());
    for partition in partitions {
        let mut pages = reader.pages(Query::of(Table::History, partition).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                if let HistoryItem::Recorded(record) = HistoryItem::of(item)? {
                    events.push((record.recorded_at, record.sequence, record.received));
                }
            }
        }
    }
    events.sort_by(|one, other| {
        let place = |event: &(Timestamp, u64, Received)| (event.0, event.2.event.deployment_id.clone(), event.1);
        place(one).cmp(&place(other))
    });
    Ok(events.into_iter().map(|(recorded_at, _, received)| (received, recorded_at)).collect())
}

/// The state after these events, in this order, all recorded at one time.
async fn state(events: Vec<Recorded>, recorded_at: Timestamp) -> Result<State, Box<dyn Error>> {
    let store = Sqlite::in_memory()?;
    let recorder = Recorder::new(store.clone(), Retention::FOREVER);
    let received = events.into_iter().map(|(received, _)| received);
    // What is live knows of a retirement that came later only when something else ends there: they come first.
    let is_retirement = |received: &Received| received.event.deployment_id.subject() == Subject::Environment;
    let (first, then): (Vec<Received>, Vec<Received>) = received.partition(is_retirement);
    for some in first.chunks(AT_ONCE).chain(then.chunks(AT_ONCE)) {
        for recorded in recorder.record(some.to_vec(), recorded_at).await {
            if let Outcome::Refused(refused) = recorded? {
                return Err(
                    format!("an event of the history is refused when it comes in another order: {refused:?}").into()
                );
            }
        }
    }
    let mut state = State::new();
    for key in store.keys(Table::State)? {
        let Some(item) = store.get(Table::State, &key).await? else { continue };
        if is_of_arrival(&key, &item) {
            continue;
        }
        let mut kept: BTreeMap<String, AttributeValue> =
            item.clone().into_inner().into_iter().filter(|(name, _)| !OF_ARRIVAL.contains(&name.as_str())).collect();
        if kept.contains_key(CellItem::CELL) {
            let Some(cell) = from_item::<CellItem>(item)?.cell.whatever_the_order() else { continue };
            kept.insert(CellItem::CELL.to_owned(), AttributeValue::S(serde_json::to_string(&cell)?));
        }
        state.insert(key, kept);
    }
    Ok(state)
}

/// What records arrival itself: numbers and hashes of a chain, a cell's count of writes, and when an entry of a log came to
/// be known.
const OF_ARRIVAL: [&str; 5] = ["sequence", "headHash", "recordedAt", "revision", "knownFrom"];

/// Whether an item says what was known in between: copies of entries that were corrected, notes of what came late, and
/// names that are never taken back.
fn is_of_arrival(key: &Key, item: &Item) -> bool {
    let never_taken_back = ["CATALOG", "REGIONS#", "RELEASES", "NAMED#"];
    let is_note = key.partition == FIGURES || item.get("knownUntil").is_some();
    is_note || never_taken_back.iter().any(|prefix| key.partition.starts_with(prefix))
}

fn differences(expected: &State, found: &State) -> Vec<String> {
    let keys: BTreeSet<&Key> = expected.keys().chain(found.keys()).collect();
    let differing = keys.into_iter().filter(|key| expected.get(*key) != found.get(*key));
    let said = |key: &Key| {
        let Key { partition, sort } = key;
        format!("{partition} {sort}: {:?} in the order of recording, {:?} in this", expected.get(key), found.get(key))
    };
    differing.map(said).collect()
}
