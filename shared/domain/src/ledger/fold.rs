//! The fold: how one more event changes what is known of its deployment.
//!
//! Every rule here takes a maximum, a minimum or a union, so the result does not depend on the order
//! in which events arrive, and an event seen twice changes nothing.

use serde_json::{Map, Value};

use crate::event::{Event, Kind};
use crate::ledger::order::Order;
use crate::ledger::stages::keep_greatest;
use crate::ledger::summary::{Ending, Flag, Outcome, Summary};
use crate::{EventKey, Status, Timestamp};

impl Summary {
    /// Adds one event that happened at `occurred_at` and has not been folded before.
    pub fn fold(&mut self, event: &Event, key: &EventKey, occurred_at: Timestamp) {
        let order = Order::new(event.attempt, event.status, occurred_at, key.clone());
        self.started_at = self.started_at.min(occurred_at);
        self.updated_at = self.updated_at.max(occurred_at);
        self.committed_at = [self.committed_at, event.committed_at].into_iter().flatten().min();
        self.fold_values(event, &order);
        self.fold_attempt(event, &order);
        match event.kind {
            Kind::Stage => {
                let name = event.stage.clone().unwrap_or_else(crate::StageName::unknown);
                if self.stages.fold(&name, &order, event.metrics.duration_seconds) {
                    self.flags.insert(Flag::StagesTruncated);
                }
            }
            Kind::Deployment | Kind::Removal | Kind::Incident => self.fold_outcome(event, &order),
        }
        if self.attempts.get(&self.attempt()).is_some_and(crate::ledger::summary::Attempt::is_skewed) {
            self.flags.insert(Flag::ClockSkew);
        } else {
            self.flags.remove(&Flag::ClockSkew);
        }
    }

    fn fold_values(&mut self, event: &Event, order: &Order) {
        let named = object(&event.named);
        for (name, flag) in [
            ("service", Flag::ServiceDisagrees),
            ("environment", Flag::EnvironmentDisagrees),
            ("version", Flag::VersionDisagrees),
        ] {
            if self.named.get(name).zip(named.get(name)).is_some_and(|(known, new)| known != new) {
                self.flags.insert(flag);
            }
        }
        self.named.keep_earliest(order, named);

        let mut latest: Map<String, Value> =
            object(&event.metrics).into_iter().map(|(name, value)| (format!("metrics.{name}"), value)).collect();
        if event.kind == Kind::Stage {
            // A stage's duration is the stage's own.
            latest.remove("metrics.durationSeconds");
        }
        if !event.links.is_empty() {
            latest.insert("links".into(), object(&event.links).into());
        }
        if let Some(notes) = &event.notes {
            latest.insert("notes".into(), notes.as_str().into());
        }
        if let Some(metadata) = &event.metadata {
            latest.insert("metadata".into(), metadata.clone().into());
        }
        self.latest.keep_latest(order, latest);

        if let Some(stage) = &event.stage {
            // Of the events that name a stage the latest counts; that some speak of an end does not.
            let place = Order::new(order.attempt(), Status::InProgress, order.occurred_at(), order.3.clone());
            keep_greatest(&mut self.stage, &place, stage.clone());
        }
    }

    fn fold_attempt(&mut self, event: &Event, order: &Order) {
        let attempt = self.attempts.entry(event.attempt).or_default();
        let at = order.occurred_at();
        if !event.status.is_terminal() {
            attempt.began = Some(attempt.began.map_or(at, |began| began.min(at)));
        }
        if event.kind == Kind::Stage {
            return;
        }
        attempt.seen.insert(event.status);
        if event.status.is_terminal() {
            attempt.ended = attempt.ended.max(Some(at));
            if let Some(seconds) = event.metrics.duration_seconds {
                keep_greatest(&mut attempt.reported, order, seconds);
            }
        }
        if event.status == Status::Completed {
            attempt.completed = attempt.completed.max(Some(at));
        }
    }

    fn fold_outcome(&mut self, event: &Event, order: &Order) {
        let is_greater = |outcome: &Outcome| match event.kind {
            // What was resolved can break out again, and nobody counts the times.
            Kind::Incident => order.is_later_than(&outcome.order),
            _ => *order > outcome.order,
        };
        if self.outcome.as_ref().is_none_or(is_greater) {
            self.outcome = Some(Outcome { order: order.clone(), error: event.error.clone() });
        }
        if event.status.is_terminal() {
            self.endings.insert(Ending {
                order: order.clone(),
                removal: event.kind == Kind::Removal,
                rollback_to: event.rollback_to.clone(),
            });
        }
    }
}

/// The fields of a value that is an object.
fn object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}
