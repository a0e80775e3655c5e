//! What the events of a stage report: how it stands, and what is its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::event::{Event, Failure, Metrics};
use crate::ledger::order::Order;
use crate::{EventKey, Moment, Status, Timestamp};

/// How one stage of one attempt stands, by its own events.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The greatest of its events.
    pub latest: Order,
    /// What the greatest of its events says went wrong: at most [`Report::ERROR_BYTES`].
    pub error: Option<Failure>,
    /// The earliest event that shows it worked on, and not only waiting.
    pub began: Option<Timestamp>,
    /// The duration that its ending reported, in seconds.
    pub(super) reported: Option<Placed<f64>>,
    /// The statuses it was reported in.
    pub seen: BTreeSet<Status>,
    /// Each figure, but for the duration, from the latest event that has it.
    pub(super) metrics: BTreeMap<String, Placed<f64>>,
    /// The link of the latest event that has one.
    pub(super) link: Option<Placed<(String, String)>>,
}

/// A value with the place of the event that reported it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// Where an event stands among the events of its stage: as its [`Order`] says, without the attempt, which is
/// the same for all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    closes: bool,
    pub(super) moment: Moment,
    pub(super) status: Status,
    pub(super) key: EventKey,
}

const DURATION: &str = "durationSeconds";

impl Report {
    /// How many bytes of an error are kept, as JSON text; what was cut ends with `…`.
    pub const ERROR_BYTES: usize = 512;
    /// How many bytes a link may have with its name, as JSON texts. A longer one is only in its event.
    pub const LINK_BYTES: usize = 512;

    pub(super) fn of(order: &Order, event: &Event) -> Self {
        let mut report = Self::nothing(order.clone());
        report.error = event.error.as_ref().map(shortened);
        report.fold(order, event);
        report
    }

    /// The report of an event that says no more than its status.
    pub(super) fn nothing(latest: Order) -> Self {
        let (began, reported, link) = (None, None, None);
        Self { latest, error: None, began, reported, seen: BTreeSet::new(), metrics: BTreeMap::new(), link }
    }

    pub(super) fn fold(&mut self, order: &Order, event: &Event) {
        let status = order.status();
        self.seen.insert(status);
        if !status.is_terminal() && status != Status::Pending {
            self.began = Some(self.began.map_or(order.occurred_at(), |began| began.min(order.occurred_at())));
        }
        if *order > self.latest {
            self.latest = order.clone();
            self.error = event.error.as_ref().map(shortened);
        }
        let place = Place::of(order);
        if let Some(seconds) = event.metrics.duration_seconds.filter(|_| status.is_terminal()) {
            keep(&mut self.reported, &place, seconds);
        }
        if let Ok(Value::Object(metrics)) = serde_json::to_value(&event.metrics) {
            for (name, value) in metrics.into_iter().filter(|(name, _)| name != DURATION) {
                let Some(value) = value.as_f64() else { continue };
                let mut kept = self.metrics.remove(&name);
                keep(&mut kept, &place, value);
                self.metrics.extend(kept.map(|kept| (name, kept)));
            }
        }
        let fits = |(name, link): &(&String, &String)| json_bytes(name) + json_bytes(link) <= Self::LINK_BYTES;
        if let Some((name, link)) = event.links.iter().find(fits) {
            keep(&mut self.link, &place, (name.clone(), link.clone()));
        }
    }

    /// When it ended; absent while it runs.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.latest.status().is_terminal().then(|| self.latest.occurred_at())
    }

    /// End minus beginning in seconds, or what the producer reported. Never negative.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<f64> {
        let ended = self.finished_at()?;
        let measured = self.began.map(|began| ended.seconds_since(began)).filter(|seconds| *seconds >= 0.0);
        measured.or_else(|| self.reported.as_ref().map(|reported| reported.value))
    }

    /// Its latest figures; none when nothing was measured. The duration is what its end reported.
    #[must_use]
    pub fn metrics(&self) -> Option<Metrics> {
        let figures = self.metrics.iter().map(|(name, figure)| (name.as_str(), figure.value));
        let all: BTreeMap<&str, f64> =
            figures.chain(self.reported.iter().map(|reported| (DURATION, reported.value))).collect();
        let metrics = serde_json::to_value(&all).and_then(serde_json::from_value::<Metrics>).ok()?;
        (!metrics.is_empty()).then_some(metrics)
    }

    /// Its link, with the name that it has.
    #[must_use]
    pub fn link(&self) -> Option<(&str, &str)> {
        self.link.as_ref().map(|link| (link.value.0.as_str(), link.value.1.as_str()))
    }
}

impl Place {
    pub(super) fn of(order: &Order) -> Self {
        Self::new(order.status(), order.moment(), order.key().clone())
    }

    pub(super) fn new(status: Status, moment: Moment, key: EventKey) -> Self {
        Self { closes: status.is_terminal(), moment, status, key }
    }
}

/// Keeps the value of the later place.
fn keep<T>(kept: &mut Option<Placed<T>>, place: &Place, value: T) {
    if kept.as_ref().is_none_or(|known| *place > known.place) {
        *kept = Some(Placed { place: place.clone(), value });
    }
}

/// An error that takes no more than [`Report::ERROR_BYTES`] as JSON texts.
fn shortened(error: &Failure) -> Failure {
    let code = error.code.as_deref().map(|code| cut(code, Report::ERROR_BYTES / 2));
    let room = Report::ERROR_BYTES - code.as_deref().map_or(0, json_bytes);
    Failure { message: error.message.as_deref().map(|message| cut(message, room)), code }
}

/// The beginning of a text that takes no more than so many bytes as JSON text.
fn cut(text: &str, most: usize) -> String {
    if json_bytes(text) <= most {
        return text.to_owned();
    }
    let mut room = most - json_bytes("…");
    let fits = |c: &char| match room.checked_sub(json_bytes(c.encode_utf8(&mut [0; 4])) - 2) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// How many bytes a text takes as JSON text, quotes included.
fn json_bytes(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |text| text.len())
}
