//! One run of a deployment: when it began and ended, and how long it took.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ledger::order::Order;
use crate::time::as_millis;
use crate::{Status, Timestamp};

/// One run of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The earliest event that shows it under way: a lone ending does not say when it began.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// The latest event that ended it.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The latest event that completed it.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// The duration that its ending reported, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<(Order, f64)>,
    /// The statuses it was reported in, by what was said of the whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub seen: BTreeSet<Status>,
}

impl Attempt {
    /// End minus beginning in seconds; or what the producer reported when only the end is known, or
    /// when the clocks of its senders disagree. Never negative.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<f64> {
        let measured = self.ended.zip(self.began).map(|(ended, began)| ended.seconds_since(began));
        let reported = self.ended.and(self.reported.as_ref()).map(|(_, seconds)| *seconds);
        measured.filter(|seconds| *seconds >= 0.0).or(reported)
    }

    /// Seconds from `committed_at` to the attempt's completion. Never negative.
    #[must_use]
    pub fn lead_time_seconds(&self, committed_at: Timestamp) -> Option<f64> {
        self.completed.map(|completed| completed.seconds_since(committed_at)).filter(|seconds| *seconds >= 0.0)
    }

    /// Whether it ended before it began, by what was said of the whole: a stage, such as cleaning up,
    /// may well follow the end, whether or not the whole had waited before.
    #[must_use]
    pub fn is_skewed(&self) -> bool {
        let begun = self.seen.iter().any(|status| !status.is_terminal() && *status != Status::Pending);
        begun && self.ended.zip(self.began).is_some_and(|(ended, began)| ended < began)
    }
}
