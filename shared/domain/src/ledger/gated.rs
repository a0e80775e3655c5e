//! A deployment of which nothing is known but what its gate decided: it has not begun.
//!
//! Whatever else is reported of it, in whatever order, makes it a deployment like any other.

use crate::Status;
use crate::event::Failure;
use crate::ledger::stages::report::Report;
use crate::ledger::summary::Summary;

/// The stage in which the decision of a gate is reported.
pub const STAGE: &str = "gate";
/// The code of the error of a deployment that its gate denied.
pub const DENIED: &str = "GATE_DENIED";

impl Summary {
    /// What the gate reported last, where nothing else is known of the deployment.
    #[must_use]
    pub(super) fn gate_alone(&self) -> Option<&Report> {
        let is_more = self.outcome.is_some() || !self.teardowns.is_empty() || !self.retired.is_empty();
        let is_gate = self.stages.iter().all(|(_, name, stage)| name.as_str() == STAGE && stage.report.is_some());
        // The stages stand in the order of their attempts.
        let last = self.stages.reports().last().map(|(_, _, report)| report);
        last.filter(|_| !is_more && is_gate)
    }

    /// How a deployment stands by this report of its gate alone: it was not let in, or it waits.
    pub(super) fn status_at_gate(report: &Report) -> Status {
        if report.latest.status() == Status::Failed { Status::Cancelled } else { Status::Pending }
    }

    /// Why its gate denied it, where nothing else is known of it.
    pub(super) fn denied(&self) -> Option<Failure> {
        let report = self.gate_alone().filter(|report| report.latest.status() == Status::Failed)?;
        let message = report.error.as_ref().and_then(|error| error.message.clone());
        Some(Failure { message, code: Some(DENIED.to_owned()) })
    }
}
