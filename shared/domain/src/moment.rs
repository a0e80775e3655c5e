//! When something happened, as far as orders and answers are concerned: nothing happens after it was
//! received.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::time::as_millis;

/// The time of an event among others.
///
/// A sender's clock can run ahead. Where it says a time that had not come yet when the event was received,
/// the event stands at the whole second of its receipt, before anything else of that time: so what a right
/// clock reports next is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// The time.
    #[serde(with = "as_millis")]
    pub at: Timestamp,
    /// Whether the sender's clock was ahead, so that this is the time of the receipt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

impl Moment {
    /// How far a clock can be ahead without being called wrong, in milliseconds.
    pub const TOLERANCE_MILLIS: i64 = 5000;

    /// The moment of what happened at `occurred_at` as its sender says, and was recorded at `recorded_at`.
    #[must_use]
    pub fn new(occurred_at: Timestamp, recorded_at: Timestamp) -> Self {
        if occurred_at <= recorded_at {
            return Self::from(occurred_at);
        }
        Self { at: recorded_at.whole_second(), ahead: true }
    }

    /// Whether the clock of the sender was so far ahead that it is to be called wrong.
    #[must_use]
    pub fn is_skewed(occurred_at: Timestamp, recorded_at: Timestamp) -> bool {
        occurred_at > recorded_at.plus_millis(Self::TOLERANCE_MILLIS)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { at, ahead: false }
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, !self.ahead).cmp(&(other.at, !other.ahead))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ahead_of_its_receipt_stands_before_all_else_of_that_second() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let received = at("2026-03-01T12:00:00.700Z");
        assert_eq!(Moment::new(received, received), Moment { at: received, ahead: false });
        let ahead = Moment::new(at("2026-03-01T12:03:00Z"), received);
        assert_eq!(ahead, Moment { at: at("2026-03-01T12:00:00Z"), ahead: true });
        assert!(ahead < Moment::from(at("2026-03-01T12:00:00Z")));
        assert!(ahead > Moment::from(at("2026-03-01T11:59:59.999Z")));
        assert!(!Moment::is_skewed(received.plus_millis(5000), received));
        assert!(Moment::is_skewed(received.plus_millis(5001), received));
    }
}
