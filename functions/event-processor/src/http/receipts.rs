//! Recording what was read of a request, and what becomes of it as its answer.

use std::collections::BTreeSet;

use api::{ElementReceipt, Outcome, Problem, Receipt, Response};
use domain::event::Name;
use domain::ledger::received::Received;
use domain::questions::lookalike::look_alike;
use domain::{Environment, RejectionReason, Timestamp};
use formats::{Arrival, Decision, Element, Settings};
use publisher::Publisher;
use recorder::{Recorded, Refused};
use store::{StoreError, WriteItems};

use super::busy;
use crate::problem::problem;
use crate::processor::{EventProcessor, Failed};

/// A readable event, or the answer that it gets without being recorded.
pub(crate) type Readable = Result<Received, ElementReceipt>;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// What is recorded of an event, or how it is answered without that.
    pub(crate) fn readable(element: Element, settings: &Settings, arrival: Arrival<'_>) -> Readable {
        match formats::judge(element, settings, arrival).decision {
            Decision::Record(received) => Ok(*received),
            Decision::Ignore(reason) => Err(ElementReceipt::Accepted(Receipt::ignored(&reason.to_string()))),
            Decision::Reject(rejection) => Err(ElementReceipt::Refused(problem(rejection))),
        }
    }

    pub(super) async fn record_one(
        &self,
        readable: Readable,
        now: Timestamp,
    ) -> Result<Result<Receipt, Problem>, Failed> {
        let (mut receipts, failed) = self.record_each(vec![readable], now).await;
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok(match receipts.pop() {
            Some(ElementReceipt::Accepted(receipt)) => Ok(receipt),
            Some(ElementReceipt::Refused(problem)) => Err(problem),
            None => Err(Problem::new(500, "no result")),
        })
    }

    /// Records what is readable; one receipt for each, in order. What fails hides none of its neighbours that was
    /// recorded.
    pub(crate) async fn record_all(
        &self,
        readings: Vec<Readable>,
        now: Timestamp,
    ) -> Result<Vec<ElementReceipt>, Failed> {
        let (receipts, failed) = self.record_each(readings, now).await;
        let accepted = receipts.iter().any(|receipt| matches!(receipt, ElementReceipt::Accepted(_)));
        match failed {
            Some(error) if !accepted => Err(error.into()),
            _ => Ok(receipts),
        }
    }

    /// The same, and why one of them failed in a way that to send it again may not help.
    async fn record_each(&self, readings: Vec<Readable>, now: Timestamp) -> (Vec<ElementReceipt>, Option<StoreError>) {
        let events: Vec<Received> = readings.iter().filter_map(|readable| readable.as_ref().ok()).cloned().collect();
        let results = if events.is_empty() { Vec::new() } else { self.recorder.record(events, now).await };
        let mut results = results.into_iter();
        let known = self.recorder.known_environments();
        let (mut receipts, mut failed) = (Vec::new(), None);
        for readable in readings {
            receipts.push(match readable {
                Err(receipt) => receipt,
                Ok(received) => match results.next().unwrap_or_else(|| Err(StoreError::panicked("record"))) {
                    Ok(recorded) => receipt(&received, &recorded, &known),
                    Err(error) if error.busy => ElementReceipt::Refused(busy(&error)),
                    Err(error) => {
                        tracing::error!(%error, "an event was not recorded");
                        failed = Some(error);
                        ElementReceipt::Refused(Problem::new(500, "the event was not recorded; send it again"))
                    }
                },
            });
        }
        (receipts, failed)
    }
}

/// The answer with the receipt of one event.
pub(super) fn answer(receipt: &Receipt) -> Response {
    Response::json(if receipt.outcome == Outcome::Recorded { 201 } else { 200 }, receipt)
}

fn receipt(received: &Received, recorded: &Recorded, known: &BTreeSet<Environment>) -> ElementReceipt {
    let accepted = |receipt: &recorder::Receipt, outcome| {
        let sequence = receipt.sequence;
        let event = &received.event;
        let id = event.event_id.as_ref().map_or(received.key.as_str(), |id| id.as_str());
        tracing::info!(deployment_id = event.deployment_id.as_str(), sequence, ?outcome, "accepted");
        ElementReceipt::Accepted(Receipt {
            deployment_id: Some(event.deployment_id.to_string()),
            event_id: Some(id.to_owned()),
            sequence: Some(sequence),
            outcome,
            status: Some(receipt.status),
            flags: receipt.flags.iter().copied().collect(),
            looks_like: event.named.environment.as_ref().map(|own| alike(own, known, received)).unwrap_or_default(),
            bad: Vec::new(),
            reason: None,
        })
    };
    match recorded {
        Recorded::New(receipt) => accepted(receipt, Outcome::Recorded),
        Recorded::Duplicate(receipt) => accepted(receipt, Outcome::Duplicate),
        Recorded::Refused(why) => ElementReceipt::Refused(refusal(why)),
    }
}

/// The environments among these that look like another one.
fn alike(own: &Environment, known: &BTreeSet<Environment>, received: &Received) -> Vec<String> {
    let same = received.same.get(&Name::Environment);
    let other = |name: &&Environment| !same.is_some_and(|same| same.contains(name.as_str()));
    let alike = known.iter().filter(other).filter(|name| look_alike(own.as_str(), name.as_str()));
    alike.map(ToString::to_string).collect()
}

fn refusal(why: &Refused) -> Problem {
    let error = why.error();
    match why.reason() {
        RejectionReason::Conflict => Problem { errors: vec![error.clone()], ..Problem::new(409, error.detail) },
        RejectionReason::Forbidden => Problem::new(403, error.detail),
        RejectionReason::Invalid | RejectionReason::Unknown(_) => Problem::wrong_fields(vec![error]),
    }
}
