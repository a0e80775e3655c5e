//! The total order of a deployment's events.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{EventKey, Status, Timestamp, time::as_millis};

/// Where an event stands among the events of its deployment:
/// `(attempt, is terminal, occurredAt, rank of status, event key)`.
///
/// The order is total, so "the greatest" and "the earliest" do not depend on the order of arrival,
/// and seeing an event twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order(
    pub(crate) u32,
    pub(crate) Status,
    #[serde(with = "as_millis")] pub(crate) Timestamp,
    pub(crate) EventKey,
);

impl Order {
    /// The place of an event with these properties.
    #[must_use]
    pub fn new(attempt: u32, status: Status, occurred_at: Timestamp, key: EventKey) -> Self {
        Self(attempt, status, occurred_at, key)
    }

    /// The attempt that the event belongs to.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0
    }

    /// The status that the event reported.
    #[must_use]
    pub fn status(&self) -> Status {
        self.1
    }

    /// When it happened.
    #[must_use]
    pub fn occurred_at(&self) -> Timestamp {
        self.2
    }

    /// Whether it happened after `other`, whatever either ended: total, as the order itself is.
    #[must_use]
    pub fn is_later_than(&self, other: &Self) -> bool {
        (self.0, self.2, self.rank()) > (other.0, other.2, other.rank())
    }

    fn rank(&self) -> (u32, bool, Timestamp, Status, &EventKey) {
        (self.0, self.1.is_terminal(), self.2, self.1, &self.3)
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
