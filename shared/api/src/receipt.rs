use serde::{Deserialize, Serialize};

use crate::Problem;
use domain::Status;

/// What became of an event that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is recorded now.
    Recorded,
    /// It was recorded before; nothing changed.
    Duplicate,
    /// It is known and not about a deployment; nothing is recorded.
    Ignored,
}

/// The answer to an event that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The deployment; null when the event was ignored.
    pub deployment_id: Option<String>,
    /// The event's id as its producer gave it, else its content-derived key.
    pub event_id: Option<String>,
    /// Its number in the deployment's history, from 1.
    pub sequence: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// The deployment's status after the event.
    pub status: Option<Status>,
    /// Why it was ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Receipt {
    /// The receipt of an event that is known and not about a deployment.
    #[must_use]
    pub fn ignored(reason: &str) -> Self {
        Self {
            deployment_id: None,
            event_id: None,
            sequence: None,
            outcome: Outcome::Ignored,
            status: None,
            reason: Some(reason.to_owned()),
        }
    }
}

/// What became of one element of an array: a receipt, or the problem that a single event would
/// have been answered with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum ElementReceipt {
    /// Accepted.
    Accepted(Receipt),
    /// Not accepted.
    Refused(Problem),
}
