//! What an event is about.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::slot::{Essentials, Slot};
use crate::Timestamp;
use crate::fields::Fields;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole deployment.
    Deployment,
    /// One stage only; a stage's success never means the deployment's.
    Stage,
    /// A removal: when it is completed, no version of the service is live in the environment.
    Removal,
    /// That what the deployment brought is gone: it leaves nothing running where that is still live, and
    /// changes neither the status of the deployment nor when it ended.
    Teardown,
    /// A note on the deployment: it adds its text, and changes neither the status nor when anything was.
    Note,
    /// That an environment is given up, with all that ran there. It is of no deployment.
    Retirement,
    /// That a version of a service is bad, or no longer. It is of no deployment.
    Verdict,
    /// What was measured of a deployment, or of what runs in a place. It is of no deployment's history.
    Observation,
    /// An incident: in progress while it is open, completed when it is resolved.
    Incident,
}

impl Kind {
    /// All of them; the first is the default.
    pub const ALL: [Self; 9] = [
        Self::Deployment,
        Self::Stage,
        Self::Removal,
        Self::Teardown,
        Self::Note,
        Self::Retirement,
        Self::Verdict,
        Self::Observation,
        Self::Incident,
    ];

    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Stage => "stage",
            Self::Removal => "removal",
            Self::Teardown => "teardown",
            Self::Note => "note",
            Self::Retirement => "retirement",
            Self::Verdict => "verdict",
            Self::Observation => "observation",
            Self::Incident => "incident",
        }
    }

    /// Whether the history of such an event is that of what it names. So another name gives it another history.
    #[must_use]
    pub fn is_of_what_it_names(self) -> bool {
        matches!(self, Self::Retirement | Self::Verdict | Self::Observation)
    }
}

impl Slot for Kind {
    const BOUNDS: &'static str =
        "`deployment`, `stage`, `removal`, `teardown`, `note`, `retirement`, `verdict`, `observation`, `incident`";

    fn schema() -> Value {
        json!({"enum": Self::ALL, "default": Self::ALL[0]})
    }

    fn initial(essentials: &Essentials) -> Self {
        essentials.kind
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let Some((name, text)) = from.text(names) else { return Some(Self::Deployment) };
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        if kind.is_none() {
            from.wrong(
                name,
                "must be deployment, stage, removal, teardown, note, retirement, verdict, observation or incident",
            );
        }
        // With a kind that is wrong, what else is wrong is found too.
        Some(kind.unwrap_or(Self::Deployment))
    }
}
