//! Events of a story as they arrive: in some order, in batches of some size, with duplicates.

use std::collections::BTreeSet;

use domain::ledger::received::Received;
use domain::{DeploymentId, Retention, identifiers::Identifier as _};
use recorder::{Recorded, Recorder};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

/// When all of a story is received, in seconds after noon: nothing in it happened later.
pub(super) const RECEIVED: i64 = 5000;

/// An event of a story.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// What somebody reports.
    Reported(Value),
    /// What a tick concluded, which no door takes.
    Concluded(Box<Received>),
}

impl Event {
    /// The deployment; none of a retirement.
    fn deployment(&self) -> Option<&str> {
        match self {
            Self::Reported(event) => event["deploymentId"].as_str(),
            Self::Concluded(received) => Some(received.event.deployment_id.as_str()),
        }
    }
}

pub(super) fn reported(events: &[Value]) -> Vec<Event> {
    events.iter().cloned().map(Event::Reported).collect()
}

/// A world that heard these, in this order.
pub(super) async fn heard(events: &[Event], batch: usize) -> World {
    let world = World::new().await;
    // Another instance than the one that takes reports: each finds that the other was faster.
    let concluding = Recorder::new(world.embedded.store(), Retention::FOREVER);
    for chunk in in_batches(&concluded_after_the_first(events), batch) {
        match chunk {
            Batch::Reported(events) => report(&world, &events, RECEIVED).await,
            Batch::Concluded(received) => {
                for recorded in concluding.record(received, at(RECEIVED)).await {
                    assert!(matches!(recorded.unwrap(), Recorded::New(_) | Recorded::Duplicate(_)));
                }
            }
        }
    }
    world
}

/// Posts these at once.
pub(super) async fn report(world: &World, events: &[Value], received: i64) {
    let answer = world.post_at(&json!(events), at(received)).await;
    for receipt in answer.body.as_array().unwrap() {
        assert!(matches!(receipt["outcome"].as_str(), Some("recorded" | "duplicate")), "{receipt}");
    }
}

/// What is concluded, once all the events are heard, by a tick at some seconds after noon.
pub(super) async fn concluded(events: &[Event], seconds: i64) -> Vec<Event> {
    let world = World::new().await;
    for event in events {
        let Event::Reported(event) = event else { continue };
        report(&world, std::slice::from_ref(event), 100).await;
    }
    tick(&world, seconds).await;
    let mut concluded = Vec::new();
    let ids: BTreeSet<&str> = events.iter().filter_map(Event::deployment).collect();
    for id in ids {
        let trail = world.reader().trail(&DeploymentId::parse(id).unwrap()).await.unwrap();
        let own = trail.records.into_iter().filter(|record| record.received.producer == "deployment-status");
        concluded.extend(own.map(|record| Event::Concluded(Box::new(record.received))));
    }
    assert!(!concluded.is_empty(), "nothing is silent");
    concluded
}

/// The clock's event, at some seconds after noon.
pub(super) async fn tick(world: &World, seconds: i64) {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(seconds), "region": "eu-central-1", "resources": ["arn:aws:events:eu-central-1:1:rule/tick"], "detail": {},
    });
    world.processor.handle(&event.to_string(), at(seconds)).await.unwrap();
}

/// The same order, but for conclusions of deployments that nobody has heard of yet: nothing is concluded of
/// these.
fn concluded_after_the_first(events: &[Event]) -> Vec<Event> {
    let (mut known, mut waiting, mut ordered) = (BTreeSet::new(), Vec::new(), Vec::new());
    for event in events {
        match event {
            Event::Concluded(_) if !event.deployment().is_some_and(|id| known.contains(id)) => waiting.push(event),
            Event::Concluded(_) => ordered.push(event.clone()),
            Event::Reported(_) => {
                ordered.push(event.clone());
                known.extend(event.deployment());
                let (now, later) =
                    waiting.into_iter().partition(|waits: &&Event| waits.deployment() == event.deployment());
                let now: Vec<&Event> = now;
                ordered.extend(now.into_iter().cloned());
                waiting = later;
            }
        }
    }
    ordered
}

enum Batch {
    Reported(Vec<Value>),
    Concluded(Vec<Received>),
}

fn in_batches(events: &[Event], size: usize) -> Vec<Batch> {
    let alike = events.chunk_by(|a, b| matches!(a, Event::Reported(_)) == matches!(b, Event::Reported(_)));
    let batch = |events: &[Event]| {
        let mut batch = (Vec::new(), Vec::new());
        for event in events {
            match event {
                Event::Reported(event) => batch.0.push(event.clone()),
                Event::Concluded(received) => batch.1.push(Received::clone(received)),
            }
        }
        if batch.1.is_empty() { Batch::Reported(batch.0) } else { Batch::Concluded(batch.1) }
    };
    alike.flat_map(|alike| alike.chunks(size)).map(batch).collect()
}
