//! The stages of a deployment, one for each attempt and name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::identifiers::StageName;
use crate::ledger::order::Order;
use crate::{Status, Timestamp};

/// The stages that a summary keeps: the [`Stages::MOST`] greatest by (attempt, name).
///
/// Cutting by a key that never changes, rather than by age, keeps the fold independent of arrival:
/// a stage that was cut once can never belong to the greatest later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Row>", into = "Vec<Row>")]
pub struct Stages(BTreeMap<(u32, StageName), Stage>);

/// How one stage of one attempt stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The greatest of its events.
    pub latest: Order,
    /// The earliest event that shows it under way.
    pub began: Option<Timestamp>,
    /// The duration that its ending reported, in seconds.
    pub reported: Option<(Order, f64)>,
    /// The statuses it was reported in.
    pub seen: BTreeSet<Status>,
}

type Row = (StageName, u32, Order, Option<i64>, BTreeSet<Status>, Option<(Order, f64)>);

impl Stages {
    /// How many stages a summary keeps.
    pub const MOST: usize = 100;

    /// Adds a stage event; says whether a stage was cut.
    pub fn fold(&mut self, name: &StageName, order: &Order, reported: Option<f64>) -> bool {
        let stage = self.0.entry((order.attempt(), name.clone())).or_insert_with(|| Stage {
            latest: order.clone(),
            began: None,
            reported: None,
            seen: BTreeSet::new(),
        });
        stage.fold(order, reported);
        if self.0.len() > Self::MOST {
            self.0.pop_first();
            return true;
        }
        false
    }

    /// The stage of this attempt and name.
    #[must_use]
    pub fn get(&self, attempt: u32, name: &StageName) -> Option<&Stage> {
        self.0.get(&(attempt, name.clone()))
    }

    /// The stages in the order in which they began, or ended where the beginning is not known.
    #[must_use]
    pub fn in_order(&self) -> Vec<(u32, &StageName, &Stage)> {
        let mut rows: Vec<_> = self.0.iter().map(|((attempt, name), stage)| (*attempt, name, stage)).collect();
        rows.sort_by_key(|(attempt, name, stage)| {
            (*attempt, stage.began.unwrap_or(stage.latest.occurred_at()), (*name).clone())
        });
        rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Stage {
    fn fold(&mut self, order: &Order, reported: Option<f64>) {
        self.seen.insert(order.status());
        if !order.status().is_terminal() {
            self.began = Some(self.began.map_or(order.occurred_at(), |began| began.min(order.occurred_at())));
        } else if let Some(seconds) = reported {
            keep_greatest(&mut self.reported, order, seconds);
        }
        if *order > self.latest {
            self.latest = order.clone();
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
        measured.or_else(|| self.reported.as_ref().map(|(_, seconds)| *seconds))
    }
}

/// Keeps the value that the greater event reported.
pub(crate) fn keep_greatest<T>(kept: &mut Option<(Order, T)>, order: &Order, value: T) {
    if kept.as_ref().is_none_or(|(other, _)| order > other) {
        *kept = Some((order.clone(), value));
    }
}

impl From<Vec<Row>> for Stages {
    fn from(rows: Vec<Row>) -> Self {
        let stage = |(name, attempt, latest, began, seen, reported): Row| {
            ((attempt, name), Stage { latest, began: began.map(Timestamp::from_millis), reported, seen })
        };
        Self(rows.into_iter().map(stage).collect())
    }
}

impl From<Stages> for Vec<Row> {
    fn from(stages: Stages) -> Self {
        let row = |((attempt, name), stage): ((u32, StageName), Stage)| {
            (name, attempt, stage.latest, stage.began.map(Timestamp::millis), stage.seen, stage.reported)
        };
        stages.0.into_iter().map(row).collect()
    }
}
