use serde::{Deserialize, Serialize};

use crate::{BadVersion, Problem};
use domain::Status;
use domain::ledger::flag::Flag;

/// The result of a sent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Recorded.
    Recorded,
    /// Duplicate: it was recorded before; nothing changed.
    Duplicate,
    /// Ignored: it is known, and nothing of it is recorded; the reason says why.
    Ignored,
}

/// The answer to an event that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The deployment; null when the event was ignored.
    pub deployment_id: Option<String>,
    /// The `eventId`, else a hash of the event.
    pub event_id: Option<String>,
    /// Its sequence number in the deployment's history, from 1.
    pub sequence: Option<u64>,
    /// The result.
    pub outcome: Outcome,
    /// The deployment's status after the event.
    pub status: Option<Status>,
    /// Contradictions in the deployment's events, and what is not known of it; absent when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Environments that are known here and look like the one of this event: if they are one, settings should say
    /// so by an alias. Absent when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks_like: Vec<String>,
    /// What is known to be bad of what is on its way, of all environments, by what was undone and what people said; of an
    /// event with which a deployment begins or goes on, and that names its version or commit. Absent when nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad: Vec<BadVersion>,
    /// The reason why it was ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Receipt {
    /// The receipt of an event that is known, and of which nothing is recorded.
    #[must_use]
    pub fn ignored(reason: &str) -> Self {
        Self {
            deployment_id: None,
            event_id: None,
            sequence: None,
            outcome: Outcome::Ignored,
            status: None,
            flags: Vec::new(),
            looks_like: Vec::new(),
            bad: Vec::new(),
            reason: Some(reason.to_owned()),
        }
    }
}

/// The result of one element of an array: a receipt, or the problem that the event would have got
/// alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum ElementReceipt {
    /// Accepted.
    Accepted(Receipt),
    /// Rejected.
    Refused(Problem),
}
