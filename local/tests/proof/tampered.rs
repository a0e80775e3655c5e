//! Random tamperings of a file by whoever can write it and computes all hashes anew, and the summaries: by its anchors
//! each is found, also after a rebuild; and the verifier of the documentation finds the same in an export.

use std::fs;

use domain::anchors::Anchor;
use domain::export::Export;
use domain::identifiers::Identifier as _;
use domain::ledger::recording::append;
use domain::{DeploymentId, Received, Retention, State, Timestamp};
use fastrand::Rng;
use serde_json::{Value, json};
use store::items::event::EventItem;
use store::items::summary::SummaryItem;
use store::items::to_item;
use store::keys::{event_key, summary_key};
use store::transaction::Transaction;
use store::{AttributeValue, Key, ReadItems as _, Reader, Table, WriteItems as _};

use super::histories::{DAY, HOUR, History, cases, first_day, history, received};
use super::python;
use crate::listener::program::run_on;

/// What was tampered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    History,
    State,
    Anchors,
}

type Told = (Received, Timestamp);

async fn told(history: &History, id: &DeploymentId) -> Vec<Told> {
    let records = Reader::new(history.store()).trail(id).await.unwrap().records;
    records.into_iter().map(|record| (record.received, record.recorded_at)).collect()
}

/// Puts a chain in place of another, with all hashes and the summary as they would have been.
async fn forge(history: &History, id: &DeploymentId, chain: Vec<Told>) {
    let store = history.store();
    let mut removing = Transaction::default();
    for (received, _) in told(history, id).await {
        removing.delete(Table::History, event_key(id, &received.key));
    }
    store.transact(removing).await.unwrap();
    let (mut state, mut writing): (Option<State>, _) = (None, Transaction::default());
    for (received, recorded_at) in chain {
        let (record, after) = append(state.as_ref(), received, recorded_at);
        writing.put(Table::History, to_item(&EventItem::new(&record, Retention::FOREVER)).unwrap());
        state = Some(after);
    }
    match state {
        Some(state) => writing.put(Table::State, to_item(&SummaryItem::new(&state).unwrap()).unwrap()),
        None => writing.delete(Table::State, summary_key(id)),
    }
    store.transact(writing).await.unwrap();
}

fn rewritten(told: &Told, random: &mut Rng) -> Told {
    let mut event: Value = serde_json::from_str(&told.0.payload).unwrap();
    event["notes"] = json!(format!("something else {}", random.u32(..)));
    let mut other = told.0.clone();
    other.event = serde_json::from_value(event).unwrap();
    other.payload = other.event.canonical().unwrap();
    other.payload_hash = domain::json::sha256_hex(&other.payload);
    (other, told.1)
}

/// Tampers somehow, and says how.
async fn tamper(history: &History, random: &mut Rng) -> (What, String) {
    let ids: Vec<DeploymentId> = {
        let keys = history.store().keys(Table::History).unwrap();
        let ids = keys.iter().filter_map(|key| store::keys::id_of_partition(&key.partition).ok());
        ids.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let id = ids[random.usize(..ids.len())].clone();
    let mut chain = told(history, &id).await;
    let at = random.usize(..chain.len());
    let kind = random.u8(..12);
    let how = match kind {
        0 => {
            chain.remove(at);
            "an event is deleted"
        }
        1 => {
            chain.truncate(at);
            "a chain is truncated"
        }
        2 | 3 => {
            chain[at] = rewritten(&chain[at], random);
            "an event is rewritten"
        }
        4 => {
            let other = received(
                json!({"deploymentId": id, "eventId": "put-in", "status": "COMPLETED", "type": if id.as_str().starts_with("incident:") { "incident" } else { "deployment" },
                    "environment": "production", "occurredAt": chain[at].1}),
                chain[at].1,
            );
            chain.insert(at, (other, chain[at].1));
            "an event is put in"
        }
        5 if chain.len() > 1 => {
            let other = (at + 1) % chain.len();
            let (one, two) = (chain[at].0.clone(), chain[other].0.clone());
            (chain[at].0, chain[other].0) = (two, one);
            "two events are swapped"
        }
        6 => {
            for (_, recorded_at) in &mut chain {
                *recorded_at = recorded_at.plus_millis(-1);
            }
            "all was recorded earlier"
        }
        7 => {
            let id = DeploymentId::parse("forged").unwrap();
            let at = first_day().plus_millis(random.i64(0..3 * DAY));
            let event = json!({"deploymentId": id, "status": "COMPLETED", "service": "cart", "environment": "production",
                "version": "6.6.6", "occurredAt": at});
            forge(history, &id, vec![(received(event, at), at)]).await;
            return (What::History, "a deployment is put in".to_owned());
        }
        8 => {
            // Without any hash.
            let store = history.store();
            let key = event_key(&id, &chain[at].0.key);
            let mut item = store.get(Table::History, &key).await.unwrap().unwrap();
            let name = ["producer", "hash", "previousHash", "payloadHash", "occurredAt"][random.usize(..5)];
            let value = match item.get(name) {
                Some(AttributeValue::N(number)) => AttributeValue::N((number.parse::<i64>().unwrap() + 1).to_string()),
                _ => AttributeValue::S("someone".to_owned()),
            };
            item.insert(name.to_owned(), value);
            let mut transaction = Transaction::default();
            transaction.put(Table::History, item);
            store.transact(transaction).await.unwrap();
            return (What::History, format!("{name} of an event is altered"));
        }
        9 => {
            edit_state(history, random).await;
            return (What::State, "the state is edited".to_owned());
        }
        10 => return (What::Anchors, edit_anchors(history, random)),
        _ => {
            chain.clear();
            "all events of a deployment are deleted"
        }
    };
    forge(history, &id, chain).await;
    (What::History, format!("{id} {at}: {how}"))
}

/// Alters an item of the state, or removes it.
async fn edit_state(history: &History, random: &mut Rng) {
    let store = history.store();
    let keys: Vec<Key> = store.keys(Table::State).unwrap().into_iter().collect();
    let key = keys[random.usize(..keys.len())].clone();
    let mut item = store.get(Table::State, &key).await.unwrap().unwrap();
    let mut transaction = Transaction::default();
    match item.get("summary") {
        Some(AttributeValue::S(summary)) if random.bool() => {
            let other = summary.replace("production", "prodigious").replace("staging", "stagnant");
            item.insert("summary".to_owned(), AttributeValue::S(other));
            transaction.put(Table::State, item);
        }
        _ => transaction.delete(Table::State, key),
    }
    store.transact(transaction).await.unwrap();
}

/// Alters an anchor, or removes one that is not the last.
fn edit_anchors(history: &History, random: &mut Rng) -> String {
    let mut files: Vec<_> = fs::read_dir(history.anchors()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let at = random.usize(..files.len());
    let mut anchor: Anchor = serde_json::from_str(&fs::read_to_string(&files[at]).unwrap()).unwrap();
    let how = match random.u8(..6) {
        0 if at + 1 < files.len() => {
            fs::remove_file(&files[at]).unwrap();
            return format!("anchor {at} is removed");
        }
        1 if !anchor.leaves.is_empty() => {
            let leaf = random.usize(..anchor.leaves.len());
            anchor.leaves[leaf].head = domain::json::sha256_hex("forged");
            "a head is altered"
        }
        2 if !anchor.leaves.is_empty() => {
            anchor.leaves.pop();
            anchor.record.size -= 1;
            "a leaf is removed"
        }
        3 => {
            anchor.record.root = domain::json::sha256_hex("forged");
            anchor.hash = anchor.record.hash();
            "the root is altered, and the hash with it"
        }
        4 => {
            let text = fs::read_to_string(&files[at]).unwrap();
            fs::write(&files[at], &text[..text.len() / 2]).unwrap();
            return format!("anchor {at} is cut");
        }
        _ => {
            anchor.record.closed_until = anchor.record.closed_until.plus_millis(-HOUR);
            "the time is altered"
        }
    };
    fs::write(&files[at], anchor.text()).unwrap();
    format!("anchor {at}: {how}")
}

/// What our verifier and that of the documentation say of an export: nothing where there can be none.
fn verify_export(history: &History, how: &str) -> Option<bool> {
    let (code, text) = run_on(&history.file, &["export"]);
    if code != Some(0) {
        return None;
    }
    let (series, mut wrong) = local::anchors::read(&history.anchors()).unwrap();
    wrong.extend(Export::read(&text).unwrap().verify(&series));
    let first = wrong.iter().map(|wrong| wrong.day.clone()).min();
    let (code, first_of_other) = python::verify(&text, &history.anchors());
    assert_eq!(code, Some(if wrong.is_empty() { 0 } else { 5 }), "{how}: {wrong:?}");
    assert_eq!(first_of_other, first, "{how}: {wrong:?}");
    Some(wrong.is_empty())
}

#[tokio::test]
async fn each_of_many_random_tamperings_is_found_also_after_a_rebuild() {
    let mut tried = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..cases(16, 1000) {
        let history = history(seed).await;
        let mut random = Rng::with_seed(seed);
        let (what, how) = tamper(&history, &mut random).await;
        let how = format!("{seed}: {how}");
        *tried.entry(format!("{what:?}")).or_default() += 1;
        let (code, printed) = run_on(&history.file, &["verify"]);
        assert_eq!(code, Some(5), "{how}: {printed}");
        if let Some(is_right) = verify_export(&history, &how) {
            assert_eq!(is_right, what == What::State, "{how}");
        }
        let (_, rebuilt) = run_on(&history.file, &["rebuild", "--write"]);
        let (code, printed) = run_on(&history.file, &["verify"]);
        if what == What::State {
            // History said how it was.
            assert_eq!(code, Some(0), "{how}: {rebuilt}{printed}");
        } else {
            assert!(code == Some(5) && printed.contains("The first day that is wrong: "), "{how}: {rebuilt}{printed}");
        }
    }
    println!("{tried:?}");
}
