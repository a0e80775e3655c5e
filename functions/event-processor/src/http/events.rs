//! `POST /v1/events`: one event, or an array of events with one result for each.

use api::{ElementReceipt, Problem, Request, Response};
use domain::Timestamp;
use formats::{Arrival, Contents, Door, Settings, read};
use publisher::Publisher;
use store::WriteItems;

use super::known_bad::Coming;
use super::receipts::{Readable, answer};
use super::{no_parameters, payload};
use crate::problem::problem;
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn post_events(
        &self,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let posted = || read::posted(&payload(request), now).map_err(problem);
        let door = Door::Events;
        let signed = Arrival::signed(now, door.name());
        let arrival = Arrival { producer: &request.caller, groups: &request.groups, ..signed };
        match no_parameters(request).and_then(|()| posted()) {
            Ok(Contents::One(element)) => {
                let readable = Self::readable(element, settings, arrival);
                let coming = Coming::of(&readable);
                let mut answer = self.record_one(readable, now).await?;
                let forbidden = answer.as_ref().is_err_and(|problem| problem.status == 403);
                Box::pin(self.count_forbidden(door.name(), usize::from(forbidden), now)).await;
                if let Ok(receipt) = &mut answer {
                    Box::pin(self.warn([(receipt, coming)], settings)).await;
                }
                Ok(answer.map(|receipt| self::answer(&receipt)))
            }
            Ok(Contents::Array(elements)) => {
                let readings = elements.into_iter().map(|element| Self::readable(element, settings, arrival));
                let readings: Vec<Readable> = readings.collect();
                let coming: Vec<Option<Coming>> = readings.iter().map(Coming::of).collect();
                let mut receipts = self.record_all(readings, now).await?;
                let accepted = receipts.iter_mut().zip(coming).filter_map(|(receipt, coming)| match receipt {
                    ElementReceipt::Accepted(receipt) => Some((receipt, coming)),
                    ElementReceipt::Refused(_) => None,
                });
                Box::pin(self.warn(accepted, settings)).await;
                let forbidden =
                    |one: &&ElementReceipt| matches!(one, ElementReceipt::Refused(why) if why.status == 403);
                let forbidden = receipts.iter().filter(forbidden).count();
                Box::pin(self.count_forbidden(door.name(), forbidden, now)).await;
                for receipt in &mut receipts {
                    if let ElementReceipt::Refused(problem) = receipt
                        && problem.status >= 500
                    {
                        problem.instance = Some(request.id.clone());
                    }
                }
                Ok(Ok(Response::json(200, &receipts)))
            }
            Err(problem) => Ok(Err(problem)),
        }
    }
}
