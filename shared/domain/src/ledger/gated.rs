//! A deployment of which nothing is known but what its gate decided: it has not begun.
//!
//! Whatever else is reported of it, in whatever order, makes it a deployment like any other. A decision that was
//! overridden is reported by a later stage `gate` that completed, so that the deployment waits again.

use crate::Status;
use crate::event::{Event, Failure, Kind};
use crate::ledger::stages::report::Report;
use crate::ledger::summary::Summary;
use crate::one_line;

/// The stage in which the decision of a gate is reported.
pub const STAGE: &str = "gate";
/// The code of the error of a deployment that its gate denied.
pub const DENIED: &str = "GATE_DENIED";

/// The code of the error of a stage `gate` that completed although its gate denied it.
pub const OVERRIDDEN: &str = "GATE_OVERRIDDEN";

/// As much of a reason as is passed on, in characters.
const REASON: usize = 1000;

/// That someone overrode a gate: the deployment goes on although its gate denied it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Why, where it is said.
    pub reason: Option<String>,
    /// Who, where it is said.
    pub actor: Option<String>,
    /// The checks that failed.
    pub failed: Vec<String>,
}

impl Override {
    /// The override that an event reports: its stage `gate` completed, and its `metadata.gate` says that it was
    /// overridden, or that the decision was to deny.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let is_gate = event.kind == Kind::Stage && event.stage.as_ref().is_some_and(|stage| stage.as_str() == STAGE);
        if !is_gate || event.status != Status::Completed {
            return None;
        }
        let gate = event.metadata.as_ref()?.get("gate")?;
        let is_override = gate["override"] == true || gate["decision"] == "DENY";
        let text = |name: &str| gate[name].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let failed = gate["checks"].as_array().into_iter().flatten().filter(|check| check["outcome"] == "FAILED");
        let failed = failed.filter_map(|check| check["check"].as_str()).map(str::to_owned).collect();
        is_override.then(|| Self { reason: text("reason"), actor: text("actor"), failed })
    }

    /// What people are told of it: who overrode which checks, and why. `producer` sent it.
    #[must_use]
    pub fn in_words(&self, producer: &str) -> String {
        let who = self.actor.as_deref().unwrap_or(producer);
        let reason = self.reason.as_deref().unwrap_or("no reason given");
        let failed = if self.failed.is_empty() { String::new() } else { format!(" ({})", self.failed.join(", ")) };
        format!("overridden by {}{failed}: {}", one_line(who, 100), one_line(reason, REASON))
    }
}

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
