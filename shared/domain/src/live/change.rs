//! What a landing is beside what ran before: a step forward, a way back, or the same again.

use serde::{Deserialize, Serialize};

use crate::live::log_key::LogKey;
use crate::live::thing::Thing;

/// What a landing is, whatever its event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Something else runs than before, and not what landed here before it.
    Forward,
    /// What landed here earlier than what ran just before runs again.
    Rollback,
    /// The same thing runs as just before.
    Redeploy,
}

impl Change {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Rollback => "rollback",
            Self::Redeploy => "redeploy",
        }
    }

    /// What a landing is, given what ran just before it, if anything did. Each thing comes with when it landed
    /// here first. None where what is known does not say.
    #[must_use]
    pub fn of(
        landing: &LogKey,
        (thing, first): (&Thing, Option<&LogKey>),
        replaced: Option<(&Thing, Option<&LogKey>)>,
    ) -> Option<Self> {
        let first = first.filter(|_| thing.is_known())?;
        let Some((replaced, replaced_first)) = replaced else { return Some(Self::Forward) };
        if thing.is_same(replaced) {
            return Some(Self::Redeploy);
        }
        if !replaced.is_known() {
            // It may have been the same thing, unless that is new here.
            return (first == landing).then_some(Self::Forward);
        }
        Some(if first < replaced_first? { Self::Rollback } else { Self::Forward })
    }
}
