//! What a gate answers.

use domain::event::Reason;
use domain::ledger::gated;
use domain::questions::gate::{Check, CheckOutcome, Decision, Judgement};
use domain::{Commit, DeploymentId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest message of an error in an event, in bytes.
const MESSAGE_BYTES: usize = 4096;

/// Whether a version may go to an environment, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gate {
    /// The decision: `DENY` if any check failed.
    pub decision: Decision,
    /// All checks, always in this order: `provenIn`, `soakMinutes`, `notBad`, `nothingActive`, `freeze`,
    /// `releaseComplete`.
    pub checks: Vec<Check>,
    /// The number of the version of the settings by which it was judged; 0 where none was ever applied.
    pub settings: u64,
    /// The time for which it was judged; RFC 3339. With it as `asOf` and `knownAt`, the same is decided later.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

impl Gate {
    /// What was judged for a time, by the version of the settings with this number.
    #[must_use]
    pub fn new(Judgement { decision, checks }: Judgement, settings: u64, at: Timestamp) -> Self {
        Self { decision, checks, settings, at }
    }

    /// The event that records it as the stage `gate` of the deployment that asked. Its time is that of the decision.
    #[must_use]
    pub fn recorded(&self, of: &Gated<'_>, overridden: Option<&Overridden<'_>>) -> Value {
        let status = match self.decision {
            Decision::Deny if overridden.is_none() => "FAILED",
            Decision::Allow | Decision::Deny => "COMPLETED",
        };
        let mut event = json!({
            "deploymentId": of.deployment_id, "type": "stage", "stage": gated::STAGE, "status": status,
            "service": of.service, "environment": of.environment, "version": of.version,
            "occurredAt": self.at, "metadata": {"gate": self},
        });
        if let Some(commit) = of.commit {
            event["commit"] = json!(commit);
        }
        if self.decision == Decision::Deny {
            let failed = self.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
            let failed: Vec<&str> = failed.map(|check| check.detail.as_str()).collect();
            event["error"] = json!({"code": gated::DENIED, "message": cut(&failed.join("; "))});
        }
        if let Some(Overridden { reason, actor }) = overridden {
            let gate = &mut event["metadata"]["gate"];
            (gate["override"], gate["reason"], gate["actor"]) = (json!(true), json!(reason), json!(actor));
            // As the stage shows it; the metadata stands with the event.
            event["error"] = json!({"code": gated::OVERRIDDEN, "message": reason});
        }
        event
    }
}

/// What a gate was asked about.
#[derive(Debug, Clone, Copy)]
pub struct Gated<'a> {
    /// The deployment that asked.
    pub deployment_id: &'a DeploymentId,
    /// The service.
    pub service: &'a str,
    /// Where it is to go.
    pub environment: &'a str,
    /// The version.
    pub version: &'a str,
    /// Its commit.
    pub commit: Option<&'a Commit>,
}

/// Why a denial is overridden, and by whom if that is said.
#[derive(Debug, Clone, Copy)]
pub struct Overridden<'a> {
    /// The reason.
    pub reason: &'a Reason,
    /// Who does it.
    pub actor: Option<&'a str>,
}

/// As much of a message as an event can have.
fn cut(message: &str) -> &str {
    &message[..message.floor_char_boundary(MESSAGE_BYTES)]
}
