//! What was heard: the events that were recorded, each with its moment, and what was answered to each.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{fold, times};

/// A moment: a time and, within it, whether it is that of a clock that was not ahead. What fast clocks
/// report stands before all else of the second of its receipt.
pub(super) type Moment = (i64, bool);

/// A recorded event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// As it was sent.
    sent: Value,
    /// What decides between events that are equal in all else: an opaque text.
    pub(super) key: String,
    /// When it was recorded.
    pub(super) recorded: i64,
    pub(super) moment: Moment,
    /// More than five seconds ahead of its receipt.
    pub(super) skewed: bool,
}

impl Event {
    fn of(sent: &Value, occurred: Option<i64>, recorded: i64, key: &str) -> Self {
        let occurred = occurred.unwrap_or(recorded);
        let ahead = occurred > recorded;
        let moment = if ahead { (times::second_of(recorded), false) } else { (occurred, true) };
        Self { sent: sent.clone(), key: key.to_owned(), recorded, moment, skewed: occurred - recorded > 5000 }
    }

    /// A field of it that is text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.sent[field].as_str()
    }

    /// A field with any value; null where it has none.
    pub(super) fn field(&self, field: &str) -> &Value {
        &self.sent[field]
    }

    /// The service or the environment; `unknown` is no name.
    pub(super) fn name(&self, field: &str) -> Option<&str> {
        self.text(field).filter(|name| *name != "unknown")
    }

    /// A retirement says no status: it is over.
    pub(super) fn status(&self) -> &str {
        self.text("status").unwrap_or("COMPLETED")
    }

    pub(super) fn kind(&self) -> &str {
        self.text("type").unwrap_or("deployment")
    }

    /// About the deployment as a whole, which a stage is not and a teardown neither.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.kind(), "deployment" | "removal")
    }

    pub(super) fn attempt(&self) -> u64 {
        self.sent["attempt"].as_u64().unwrap_or(1)
    }

    pub(super) fn is_final(&self) -> bool {
        matches!(self.status(), "COMPLETED" | "FAILED" | "ROLLED_BACK" | "CANCELLED")
    }

    /// The place of its status among those of one moment.
    pub(super) fn rank(&self) -> usize {
        let ranks = ["PENDING", "IN_PROGRESS", "VALIDATING", "COMPLETED", "CANCELLED", "FAILED", "ROLLED_BACK"];
        ranks.iter().position(|status| *status == self.status()).expect("a status")
    }

    /// The total order of the events of a deployment.
    pub(super) fn order(&self) -> (u64, bool, Moment, usize, &str) {
        (self.attempt(), self.is_final(), self.moment, self.rank(), &self.key)
    }
}

/// What is answered to an event. A recorded one has its sequence, and the deployment's status and flags
/// after it.
#[derive(Debug, PartialEq)]
pub(super) enum Receipt {
    Recorded { sequence: usize, status: String, flags: Vec<&'static str> },
    Duplicate,
    Conflict,
}

/// What an event says: the first attempt is meant where none is named.
fn content(sent: &Value) -> Value {
    let mut content = sent.clone();
    if content["attempt"].is_null() {
        content["attempt"] = 1.into();
    }
    content
}

/// The id of the history that an event belongs to: of its deployment, of the environment that is retired, or of the
/// service of which a version is judged.
pub(super) fn id(sent: &Value) -> String {
    let text = |field: &str| sent[field].as_str().map(str::to_owned);
    // No story has an environment whose name an id can't have.
    let of_name = || match sent["type"].as_str() {
        Some("verdict") => format!("verdicts:{}", text("service").expect("a service")),
        _ => format!("environment:{}", text("environment").expect("an environment")),
    };
    text("deploymentId").unwrap_or_else(of_name)
}

/// The deployments, the environments that were retired and the services with verdicts, with all that was heard of them, in order of
/// arrival.
#[derive(Debug, Default, Clone)]
pub(super) struct Heard(BTreeMap<String, Vec<Event>>);

impl Heard {
    /// Hears an event, received at a time.
    pub(super) fn hear(&mut self, sent: &Value, occurred: Option<i64>, received: i64, key: &str) -> Receipt {
        let id = id(sent);
        let events = self.0.entry(id.clone()).or_default();
        let same = |event: &&Event| match sent["eventId"].as_str() {
            Some(event_id) => event.text("eventId") == Some(event_id),
            None => content(&event.sent) == content(sent),
        };
        if let Some(known) = events.iter().find(same) {
            return if content(&known.sent) == content(sent) { Receipt::Duplicate } else { Receipt::Conflict };
        }
        let event = Event::of(sent, occurred, received, key);
        let disagrees = |field: &str| {
            let other =
                events.iter().filter_map(|known| known.name(field)).find(|name| Some(*name) != event.name(field));
            event.name(field).is_some() && other.is_some()
        };
        if !is_verdict(&event) && (disagrees("service") || disagrees("environment")) {
            return Receipt::Conflict;
        }
        events.push(event);
        let (sequence, (status, flags)) = (events.len(), self.standing(&id));
        Receipt::Recorded { sequence, status, flags }
    }

    /// The status and the flags that a history has by now.
    pub(super) fn standing(&self, id: &str) -> (String, Vec<&'static str>) {
        let events = &self.0[id];
        if events.iter().any(is_of_no_deployment) {
            let skewed = events.iter().any(|event| event.skewed).then_some("CLOCK_SKEW");
            return ("COMPLETED".to_owned(), skewed.into_iter().collect());
        }
        let deployment = fold::fold(id, events);
        (deployment.status, deployment.flags)
    }

    /// The events of each deployment, by its id.
    pub(super) fn deployments(&self) -> impl Iterator<Item = (&String, &Vec<Event>)> {
        self.0.iter().filter(|(_, events)| !events.iter().any(is_of_no_deployment))
    }

    /// The retirements of an environment, each with the id of their history.
    pub(super) fn retirements(&self, environment: &str) -> impl Iterator<Item = (&String, &Event)> {
        let all = self.0.iter().flat_map(|(id, events)| events.iter().map(move |event| (id, event)));
        all.filter(move |(_, event)| is_retirement(event) && event.name("environment") == Some(environment))
    }

    /// The verdicts on versions of a service.
    pub(super) fn verdicts(&self, service: &str) -> impl Iterator<Item = &Event> {
        self.0.values().flatten().filter(move |event| is_verdict(event) && event.name("service") == Some(service))
    }

    /// When each event was recorded.
    pub(super) fn receipts(&self) -> Vec<i64> {
        self.0.values().flatten().map(|event| event.recorded).collect()
    }

    /// What had been recorded up to a time.
    pub(super) fn known_at(&self, time: i64) -> Self {
        let mut known = self.clone();
        known.0.retain(|_, events| {
            events.retain(|event| event.recorded <= time);
            !events.is_empty()
        });
        known
    }
}

fn is_retirement(event: &Event) -> bool {
    event.kind() == "retirement"
}

fn is_verdict(event: &Event) -> bool {
    event.kind() == "verdict"
}

fn is_of_no_deployment(event: &Event) -> bool {
    is_retirement(event) || is_verdict(event)
}
