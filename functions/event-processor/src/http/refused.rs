//! What was refused behind a proof: it is kept as what the queue refused is, so that whoever runs the system
//! finds out, and not only who may see the deliveries of a webhook.

use api::{Problem, Request};
use domain::{RejectionReason, Timestamp};
use publisher::Publisher;
use store::WriteItems;
use store::items::rejected::Refusal;

use super::busy;
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Keeps a request that was proven to come from where it says, and was answered with this problem. Answers
    /// the problem to answer with.
    pub(super) async fn refused(
        &self,
        door: &str,
        request: &Request,
        problem: Problem,
        now: Timestamp,
    ) -> Result<Problem, Failed> {
        // Beyond these it is not the sender's fault, and comes again.
        if !(400..500).contains(&problem.status) {
            return Ok(problem);
        }
        let refusal = Refusal {
            raw: String::from_utf8_lossy(&request.body).into_owned(),
            sent_at: now,
            once_a_day: true,
            door: door.to_owned(),
            reason: match problem.status {
                409 => RejectionReason::Conflict,
                403 => RejectionReason::Forbidden,
                _ => RejectionReason::Invalid,
            },
            detail: problem.detail.clone(),
            errors: problem.errors.clone(),
        };
        tracing::warn!(door, reason = %refusal.reason, detail = refusal.detail, "quarantined");
        match self.recorder.quarantine(refusal, now).await {
            Ok(()) => Ok(problem),
            Err(error) if error.busy => Ok(busy(&error)),
            Err(error) => Err(error.into()),
        }
    }
}
