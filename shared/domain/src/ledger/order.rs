//! The total order of a deployment's events.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Event, OWN_SOURCE};
use crate::moment::Moment;
use crate::{EventKey, Status, Timestamp};

/// Where an event stands among the events of its deployment:
/// `(attempt, closes, moment, rank of status, event key)`.
///
/// The order is total, so "the greatest" and "the earliest" do not depend on the order of arrival,
/// and seeing an event twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    attempt: u32,
    status: Status,
    moment: Moment,
    key: EventKey,
    /// Whether it is a conclusion of this system, and not a report.
    concluded: bool,
}

impl Order {
    /// The place of an event that happened at this moment.
    #[must_use]
    pub fn new(event: &Event, moment: Moment, key: EventKey) -> Self {
        let concluded = event.source.as_str() == OWN_SOURCE;
        Self { attempt: event.attempt, status: event.status, moment, key, concluded }
    }

    /// The attempt that the event belongs to.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The status that the event reported.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// When it happened.
    #[must_use]
    pub fn occurred_at(&self) -> Timestamp {
        self.moment.at
    }

    /// When it happened, and whether that is only known by its receipt.
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The key of the event.
    #[must_use]
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// Whether this system concluded it, because nobody reported an end: any reported ending counts for more.
    #[must_use]
    pub fn is_concluded(&self) -> bool {
        self.concluded
    }

    /// Whether it happened after `other`, whatever either ended: total, as the order itself is.
    #[must_use]
    pub fn is_later_than(&self, other: &Self) -> bool {
        self.by_time() > other.by_time()
    }

    /// The same place, but for what it ended: of the events of an attempt the latest is the greatest then.
    #[must_use]
    pub fn as_progress(&self) -> Self {
        Self { status: Status::InProgress, ..self.clone() }
    }

    fn by_time(&self) -> (u32, Moment, Status, &EventKey) {
        (self.attempt, self.moment, self.status, &self.key)
    }

    fn rank(&self) -> (u32, bool, Moment, Status, &EventKey) {
        let closes = self.status.is_terminal() && !self.concluded;
        (self.attempt, closes, self.moment, self.status, &self.key)
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How an order that is ahead, or concluded, is marked where it is stored.
const AHEAD: &str = "AHEAD";
const CONCLUDED: &str = "CONCLUDED";

/// Stored as `[attempt, status, milliseconds, key]`, with a mark behind where it is not of the usual kind.
impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let marks: Vec<&str> = [(self.moment.ahead, AHEAD), (self.concluded, CONCLUDED)]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, mark)| *mark)
            .collect();
        let mut tuple = serializer.serialize_tuple(4 + marks.len())?;
        tuple.serialize_element(&self.attempt)?;
        tuple.serialize_element(&self.status)?;
        tuple.serialize_element(&self.moment.at.millis())?;
        tuple.serialize_element(&self.key)?;
        for mark in marks {
            tuple.serialize_element(mark)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Stored)
    }
}

struct Stored;

impl<'de> Visitor<'de> for Stored {
    type Value = Order;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attempt, a status, milliseconds and an event key")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Order, A::Error> {
        let missing = || A::Error::custom("an order has four elements at least");
        let attempt = seq.next_element()?.ok_or_else(missing)?;
        let status = seq.next_element()?.ok_or_else(missing)?;
        let at = Timestamp::from_millis(seq.next_element()?.ok_or_else(missing)?);
        let key = seq.next_element()?.ok_or_else(missing)?;
        let (mut ahead, mut concluded) = (false, false);
        while let Some(mark) = seq.next_element::<String>()? {
            match mark.as_str() {
                AHEAD => ahead = true,
                CONCLUDED => concluded = true,
                other => return Err(A::Error::custom(format!("{other:?} is no mark of an order"))),
            }
        }
        Ok(Order { attempt, status, moment: Moment { at, ahead }, key, concluded })
    }
}
