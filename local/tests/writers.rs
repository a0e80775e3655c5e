//! Many who report at once, and what was acknowledged to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::client::{Answer, Client};

/// An event: its deployment, and its id.
pub(crate) type Event = (String, String);

/// Writers, each with a deployment after the other. Two of them deploy to the same place.
pub(crate) struct Writers {
    threads: Vec<JoinHandle<()>>,
    written: Arc<Written>,
}

/// What became of what they sent.
#[derive(Debug, Default)]
pub(crate) struct Written {
    stop: AtomicBool,
    acknowledged: Mutex<BTreeSet<Event>>,
    refused: Mutex<Vec<Answer>>,
    /// Not answered: these may be recorded or not.
    unanswered: Mutex<BTreeSet<Event>>,
}

impl Writers {
    /// They report until they are stopped, or the connection ends. Their deployments begin with this name.
    pub(crate) fn start(address: &str, name: &str, count: usize) -> Self {
        let written = Arc::<Written>::default();
        let threads = (0..count).map(|writer| {
            let (address, name, written) = (address.to_owned(), name.to_owned(), Arc::clone(&written));
            std::thread::spawn(move || {
                let Ok(mut client) = Client::connect(&address) else { return };
                for number in 0.. {
                    // A deployment has a thousand events at most.
                    let id = format!("{name}-{}-{writer}", number / 500);
                    let event = (id, format!("e-{number}"));
                    if written.stop.load(Ordering::Relaxed) || !written.send(&mut client, event) {
                        return;
                    }
                }
            })
        });
        Self { threads: threads.collect(), written }
    }

    /// What was acknowledged by now.
    pub(crate) fn acknowledged(&self) -> BTreeSet<Event> {
        self.written.acknowledged()
    }

    /// What was answered otherwise by now.
    pub(crate) fn refused(&self) -> Vec<Answer> {
        self.written.refused()
    }

    /// What became of it all, once the last of them has ended.
    pub(crate) fn stop(self) -> Arc<Written> {
        self.written.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        self.written
    }
}

impl Written {
    /// What was answered with 201.
    pub(crate) fn acknowledged(&self) -> BTreeSet<Event> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// What was answered otherwise.
    pub(crate) fn refused(&self) -> Vec<Answer> {
        self.refused.lock().unwrap().clone()
    }

    /// Whether there was an answer.
    fn send(&self, client: &mut Client, event: Event) -> bool {
        match client.report(&report(&event)) {
            Err(_) => drop(self.unanswered.lock().unwrap().insert(event)),
            Ok(Answer { status: 201, .. }) => drop(self.acknowledged.lock().unwrap().insert(event)),
            Ok(refused) => {
                self.refused.lock().unwrap().push(refused);
                return true;
            }
        }
        self.unanswered.lock().unwrap().is_empty()
    }

    /// Sends again what was not answered, as a writer does. Then it is recorded too.
    pub(crate) fn send_again(&self, client: &mut Client) {
        for event in std::mem::take(&mut *self.unanswered.lock().unwrap()) {
            let answer = client.report(&report(&event)).unwrap();
            assert!(matches!(answer.status, 200 | 201), "{event:?}: {answer:?}");
            self.acknowledged.lock().unwrap().insert(event);
        }
    }
}

fn report((id, event): &Event) -> Value {
    let pair = id.bytes().last().unwrap_or_default() / 2;
    json!({
        "deploymentId": id, "eventId": event, "service": format!("service-{pair}"), "environment": "production",
        "status": "IN_PROGRESS", "version": "1"
    })
}

/// Checks that all of these are there, and nothing of their deployments twice.
pub(crate) fn assert_kept(client: &mut Client, acknowledged: &BTreeSet<Event>) {
    let mut deployments = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (id, event) in acknowledged {
        deployments.entry(id).or_default().insert(event);
    }
    for (id, events) in deployments {
        let items = client.items(&format!("/v1/deployments/{id}/events?limit=100")).unwrap();
        let all: Vec<&str> = items.iter().map(|item| item["event"]["eventId"].as_str().unwrap()).collect();
        let found: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), found.len(), "{id}: nothing is there twice");
        let lost: Vec<_> = events.difference(&found).collect();
        assert!(lost.is_empty(), "{id}: lost: {lost:?}");
    }
}
