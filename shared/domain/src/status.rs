//! The seven states of a deployment or a stage.

use serde::{Deserialize, Serialize};

/// The status of a deployment or a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Requested, not started.
    Pending,
    /// In progress.
    InProgress,
    /// Rolled out, being checked.
    Validating,
    /// Completed.
    Completed,
    /// Cancelled.
    Cancelled,
    /// Failed.
    Failed,
    /// Rolled back to an earlier version.
    RolledBack,
}

impl Status {
    /// All of them, in the order of their rank: of two events at the same millisecond the one with
    /// the higher rank counts. Later in a deployment's life is higher, and of the endings the one
    /// that needs more attention.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::InProgress,
        Self::Validating,
        Self::Completed,
        Self::Cancelled,
        Self::Failed,
        Self::RolledBack,
    ];

    /// Whether nothing follows within the same attempt.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Failed | Self::RolledBack)
    }

    /// As it stands in events, answers and keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Validating => "VALIDATING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::RolledBack => "ROLLED_BACK",
        }
    }

    /// Reads the exact upper-case name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The names, for a message that says what would be right.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
