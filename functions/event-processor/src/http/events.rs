//! `POST /v1/events`: one event, or an array of events with one result for each.

use api::{ElementReceipt, Problem, Request, Response};
use domain::Timestamp;
use formats::{Arrival, Contents, Settings, read};
use publisher::Publisher;
use store::WriteItems;

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
        let arrival = Arrival { at: now, producer: &request.caller };
        match no_parameters(request).and_then(|()| posted()) {
            Ok(Contents::One(element)) => self.record_one(Self::readable(element, settings, arrival), now).await,
            Ok(Contents::Array(elements)) => {
                let readings = elements.into_iter().map(|element| Self::readable(element, settings, arrival));
                let mut receipts = self.record_all(readings.collect(), now).await?;
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
