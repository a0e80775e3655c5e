//! The stages of a deployment, one for each attempt and name.
//!
//! What a stage's own events say of it is its [`report`]. That the deployment's own events name it is a
//! [`mention`]: from these alone a stage is inferred that has no events of its own. [`rows`] are both, as they
//! are shown.

pub mod failed;
pub mod mention;
pub mod report;
pub mod rows;
mod stored;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Event;
use crate::identifiers::StageName;
use crate::ledger::order::Order;

use mention::Mention;
use report::Report;

/// The stages that a summary keeps: the [`Stages::MOST`] greatest by (attempt, name).
///
/// Cutting by a key that never changes, rather than by age, keeps the fold independent of arrival:
/// a stage that was cut once can never belong to the greatest later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<Value>>", into = "Vec<Vec<Value>>")]
pub struct Stages(BTreeMap<(u32, StageName), Stage>);

/// What is known of one stage of one attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stage {
    /// What its own events report.
    pub report: Option<Report>,
    /// That the deployment's own events name it.
    pub mention: Option<Mention>,
}

impl Stages {
    /// How many stages a summary keeps.
    pub const MOST: usize = 100;

    /// Adds an event of a stage. Whether a stage was cut.
    pub(crate) fn fold(&mut self, name: &StageName, order: &Order, event: &Event) -> bool {
        let stage = self.0.entry((order.attempt(), name.clone())).or_default();
        match &mut stage.report {
            Some(report) => report.fold(order, event),
            None => stage.report = Some(Report::of(order, event)),
        }
        self.cut()
    }

    /// Adds that an event of the deployment names a stage. Whether a stage was cut.
    pub(crate) fn mention(&mut self, name: &StageName, order: &Order) -> bool {
        let stage = self.0.entry((order.attempt(), name.clone())).or_default();
        let mention = Mention::of(order);
        stage.mention = Some(stage.mention.take().map_or(mention, |known| known.with(mention)));
        self.cut()
    }

    fn cut(&mut self) -> bool {
        let is_full = self.0.len() > Self::MOST;
        if is_full {
            self.0.pop_first();
        }
        is_full
    }

    /// What the events of the stage of this attempt and name report.
    #[must_use]
    pub fn report(&self, attempt: u32, name: &StageName) -> Option<&Report> {
        self.0.get(&(attempt, name.clone()))?.report.as_ref()
    }

    /// What the events of stages report, by attempt and name.
    pub fn reports(&self) -> impl Iterator<Item = (u32, &StageName, &Report)> {
        self.0.iter().filter_map(|((attempt, name), stage)| Some((*attempt, name, stage.report.as_ref()?)))
    }

    /// The stages, by attempt and name.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &StageName, &Stage)> {
        self.0.iter().map(|((attempt, name), stage)| (*attempt, name, stage))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Keeps the value that the greater event reported.
pub(crate) fn keep_greatest<T>(kept: &mut Option<(Order, T)>, order: &Order, value: T) {
    if kept.as_ref().is_none_or(|(other, _)| order > other) {
        *kept = Some((order.clone(), value));
    }
}
