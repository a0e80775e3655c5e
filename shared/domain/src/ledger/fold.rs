//! The fold: how one more event changes what is known of its deployment.
//!
//! Every rule here takes a maximum, a minimum or a union, so the result does not depend on the order
//! in which events arrive, and an event seen twice changes nothing.

use serde_json::{Map, Value};

use crate::event::{Event, Kind};
use crate::ledger::agreement::UNKNOWN;
use crate::ledger::attempt::Attempt;
use crate::ledger::flag::Flag;
use crate::ledger::order::Order;
use crate::ledger::received::Received;
use crate::ledger::stages::keep_greatest;
use crate::ledger::summary::{Ending, Outcome, Summary};
use crate::{EventKey, Moment, Status, Subject};

impl Summary {
    /// Adds one event that happened at `moment` and has not been folded before.
    pub fn fold(&mut self, event: &Event, key: &EventKey, moment: impl Into<Moment>) {
        let order = Order::new(event, moment.into(), key.clone());
        self.updated_at = self.updated_at.max(order.occurred_at());
        self.committed_at = [self.committed_at, event.committed_at].into_iter().flatten().min();
        self.commits.add(&event.commits);
        self.fold_values(event, &order);
        self.fold_attempt(event, &order);
        self.fold_start(event, &order);
        match event.kind {
            Kind::Stage => {
                let name = event.stage.clone().unwrap_or_else(crate::StageName::unknown);
                if self.stages.fold(&name, &order, event) {
                    self.flags.insert(Flag::StagesTruncated);
                }
            }
            Kind::Deployment | Kind::Removal | Kind::Incident => self.fold_outcome(event, &order),
            Kind::Teardown => {
                self.teardowns.insert(order);
            }
            Kind::Retirement => {
                self.retired.insert(order.moment());
            }
            // Who said so is known to whoever records it: see `Mark`. What a note says is among the values.
            // What was observed stands in the log of its place: see `Observed`.
            Kind::Verdict | Kind::Note | Kind::Observation => {}
        }
        self.flag(
            Flag::ClockSkew,
            self.clock_ahead || self.attempts.get(&self.attempt()).is_some_and(Attempt::is_skewed),
        );
        self.flag(Flag::MetadataTruncated, self.latest.metadata().is_truncated());
        self.flag(Flag::PlaceUnknown, self.deployment_id.subject() == Subject::Deployment && !self.has_place());
    }

    /// Notes who reported an event that is folded.
    pub(crate) fn hear(&mut self, received: &Received) {
        self.heard.add(&received.event, &received.producer, received.is_keyed_by_producer());
        let of_deployment = self.deployment_id.subject() == Subject::Deployment;
        self.flag(Flag::ProducerDisagrees, of_deployment && self.heard.kinds().len() > 1);
    }

    fn flag(&mut self, flag: Flag, holds: bool) {
        if holds {
            self.flags.insert(flag);
        } else {
            self.flags.remove(&flag);
        }
    }

    /// When it was first worked on: waiting is not yet working.
    fn fold_start(&mut self, event: &Event, order: &Order) {
        if order.is_concluded() {
            return;
        }
        let works = event.status != Status::Pending && !is_of_afterwards(event.kind);
        let from = if works { &mut self.started_at } else { &mut self.waiting_from };
        *from = [*from, Some(order.occurred_at())].into_iter().flatten().min();
    }

    fn fold_values(&mut self, event: &Event, order: &Order) {
        let mut named = object(&event.named);
        if event.kind == Kind::Verdict {
            // Its other names are those of one version among many.
            named.retain(|name, _| name == "service");
        }
        if event.kind == Kind::Observation {
            // What is observed of a deployment can name what it likes: it counts only where that is the deployment's.
            named.retain(|name, _| event.of.is_none() && (name == "service" || name == "environment"));
        }
        // Unknown is no name.
        for name in ["service", "environment"] {
            if named.get(name).is_some_and(|value| value == UNKNOWN) {
                named.remove(name);
            }
        }
        let provisional: Map<String, Value> =
            event.provisional.iter().filter_map(|name| named.remove_entry(name.as_str())).collect();
        self.provisional.keep_earliest(order, provisional);
        let replacing: Map<String, Value> =
            event.replaces.keys().filter_map(|name| named.remove_entry(name.as_str())).collect();
        self.replaced.keep_latest(order, replacing);
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

        if is_of_afterwards(event.kind) && event.kind != Kind::Note {
            return;
        }
        // What a stage reports is the stage's own.
        if event.kind != Kind::Stage && self.latest.fold(order, event) {
            self.flags.insert(Flag::LinksTruncated);
        }
        if let Some(stage) = event.stage.as_ref().filter(|_| event.kind != Kind::Note) {
            // Of the events that name a stage the latest counts; that some speak of an end does not.
            keep_greatest(&mut self.stage, &order.as_progress(), stage.clone());
            if event.kind == Kind::Deployment && self.stages.mention(stage, order) {
                self.flags.insert(Flag::StagesTruncated);
            }
        }
    }

    fn fold_attempt(&mut self, event: &Event, order: &Order) {
        // What this system concludes says nothing of how the attempt went.
        if is_of_afterwards(event.kind) || order.is_concluded() {
            return;
        }
        let attempt = self.attempts.entry(event.attempt).or_default();
        let at = order.occurred_at();
        if !event.status.is_terminal() && event.status != Status::Pending {
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
        if event.status.is_terminal() && !order.is_concluded() {
            self.endings.insert(Ending {
                order: order.clone(),
                removal: event.kind == Kind::Removal,
                rollback_to: event.rollback_to.clone(),
            });
        }
    }
}

/// Whether an event says what became of something afterwards, and nothing of how it went.
fn is_of_afterwards(kind: Kind) -> bool {
    matches!(kind, Kind::Teardown | Kind::Note | Kind::Retirement | Kind::Verdict | Kind::Observation)
}

/// The fields of a value that is an object.
fn object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}
