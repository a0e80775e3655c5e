//! Records a decision as the stage `gate` of a deployment.

use api::{CheckOutcome, Decision, Gate, Receipt};
use domain::event::Reason;
use domain::ledger::gated;
use domain::{Commit, DeploymentId};
use serde_json::json;

use crate::api::Api;
use crate::commands::named::NamedVersion;
use crate::failure::{Exit, Failure};
use crate::output::shown;

/// The longest message of an error in an event, in bytes.
const MESSAGE_BYTES: usize = 4096;

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) what: &'a NamedVersion,
    pub(super) environment: &'a str,
    pub(super) commit: Option<&'a Commit>,
}

/// Why a decision is overridden, and by whom if that is said.
pub(super) struct Overridden<'a> {
    pub(super) reason: &'a Reason,
    pub(super) actor: Option<&'a str>,
}

/// Records a decision. The time of the event is that of the decision.
///
/// # Errors
/// When it is not recorded (exit code 1).
pub(super) fn record(
    api: &Api,
    id: &DeploymentId,
    asked: &Asked<'_>,
    gate: &Gate,
    overridden: Option<&Overridden<'_>>,
) -> Result<(), Failure> {
    let status = match gate.decision {
        Decision::Deny if overridden.is_none() => "FAILED",
        Decision::Allow | Decision::Deny => "COMPLETED",
    };
    let mut event = json!({
        "deploymentId": id, "type": "stage", "stage": gated::STAGE, "status": status,
        "service": asked.what.service, "environment": asked.environment, "version": asked.what.version,
        "occurredAt": gate.at, "metadata": {"gate": gate},
    });
    if let Some(commit) = asked.commit {
        event["commit"] = json!(commit);
    }
    if gate.decision == Decision::Deny {
        let failed = gate.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
        let failed: Vec<&str> = failed.map(|check| check.detail.as_str()).collect();
        event["error"] = json!({"code": gated::DENIED, "message": cut(&failed.join("; "))});
    }
    if let Some(Overridden { reason, actor }) = overridden {
        let gate = &mut event["metadata"]["gate"];
        (gate["override"], gate["reason"], gate["actor"]) = (json!(true), json!(reason), json!(actor));
        // As the stage shows it; the metadata stands with the event.
        event["error"] = json!({"code": gated::OVERRIDDEN, "message": reason});
    }
    let not_recorded = |failure: Failure| {
        let exit = Failure::new(Exit::Failed, format!("the decision is not recorded: {}", failure.message()));
        exit.advise(format!("It was {}.", gate.decision.as_str()))
    };
    match api.post::<Receipt>("/v1/events", &event.to_string()) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(problem)) => {
            let failure = not_recorded(Failure::new(Exit::Failed, shown(&problem.detail)));
            let errors = problem.errors.iter();
            Err(errors.fold(failure, |failure, error| {
                failure.advise(format!("{}: {}", shown(&error.field), shown(&error.detail)))
            }))
        }
        Err(failure) => Err(not_recorded(failure)),
    }
}

/// As much of a message as an event can have.
fn cut(message: &str) -> &str {
    &message[..message.floor_char_boundary(MESSAGE_BYTES)]
}
