//! Which sets of dimensions have metrics.

use domain::follows::metric_sets::{Day, New};
use domain::follows::metrics::Dimensions;
use serde::{Deserialize, Serialize};

use crate::keys::{metric_count_key, metric_set_key};

/// That a set of dimensions has metrics, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSetItem {
    pk: String,
    sk: String,
    /// The day on which it was noted last that it has values.
    pub day: Day,
}

impl MetricSetItem {
    /// The item of a set that has values on this day.
    #[must_use]
    pub fn of(set: &Dimensions, day: Day) -> Self {
        let key = metric_set_key(set);
        Self { pk: key.partition, sk: key.sort, day }
    }
}

/// How many sets of dimensions were new on a day, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricCountItem {
    pk: String,
    sk: String,
    day: Day,
    new: u64,
    /// The number of this item: each change makes it one more.
    pub revision: u64,
}

impl MetricCountItem {
    /// The item that follows one, or the first.
    #[must_use]
    pub fn after(before: Option<u64>, new: New) -> Self {
        let key = metric_count_key();
        let count = new.count.try_into().unwrap_or(u64::MAX);
        Self { pk: key.partition, sk: key.sort, day: new.day, new: count, revision: before.unwrap_or(0) + 1 }
    }

    /// What it counts.
    #[must_use]
    pub fn counted(&self) -> New {
        New { day: self.day, count: usize::try_from(self.new).unwrap_or(usize::MAX) }
    }
}
