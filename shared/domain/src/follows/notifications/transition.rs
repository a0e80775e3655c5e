//! What people can be notified of.

use serde::{Deserialize, Serialize};

use crate::Status;

/// Something that people can be notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Transition {
    /// It began.
    Started,
    /// It ended well.
    Completed,
    /// It ended badly.
    Failed,
    /// It was undone.
    RolledBack,
    /// It was given up.
    Cancelled,
    /// Nothing was reported of it for too long.
    Stuck,
    /// It was stuck, and something was reported of it again.
    Resumed,
    /// It goes on although its gate denied it.
    GateOverridden,
    /// What runs is not what it should be, or is again. It is of a place, and of no deployment.
    Drift,
    /// Something speaks against it: its verdict.
    Bad,
    /// Something went wrong where it runs, and it may be why.
    Suspect,
    /// It was bad, and nothing speaks against it any more.
    GoodAgain,
}

impl Transition {
    /// Those that rules select. That a gate was overridden is always notified; that something goes on, where it is that
    /// it is stuck; that it is good again, where it is that it is bad.
    pub(super) const SELECTED: [Self; 9] = [
        Self::Started,
        Self::Completed,
        Self::Failed,
        Self::RolledBack,
        Self::Cancelled,
        Self::Stuck,
        Self::Drift,
        Self::Bad,
        Self::Suspect,
    ];

    /// As it stands in settings and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "STARTED",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::RolledBack => "ROLLED_BACK",
            Self::Cancelled => "CANCELLED",
            Self::Stuck => "STUCK",
            Self::Resumed => "RESUMED",
            Self::GateOverridden => "GATE_OVERRIDDEN",
            Self::Drift => "DRIFT",
            Self::Bad => "BAD",
            Self::Suspect => "SUSPECT",
            Self::GoodAgain => "GOOD_AGAIN",
        }
    }

    pub(in crate::follows) fn of(status: Status) -> Option<Self> {
        match status {
            Status::InProgress => Some(Self::Started),
            Status::Completed => Some(Self::Completed),
            Status::Failed => Some(Self::Failed),
            Status::RolledBack => Some(Self::RolledBack),
            Status::Cancelled => Some(Self::Cancelled),
            Status::Pending | Status::Validating => None,
        }
    }

    pub(crate) fn severity(self) -> &'static str {
        match self {
            Self::Failed | Self::Bad => "error",
            Self::RolledBack | Self::Stuck | Self::GateOverridden | Self::Drift | Self::Suspect => "warning",
            Self::Started | Self::Completed | Self::Cancelled | Self::Resumed | Self::GoodAgain => "info",
        }
    }

    /// As it stands in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Failed => "FAILED",
            Self::RolledBack => "ROLLED BACK",
            Self::Cancelled => "cancelled",
            Self::Stuck => "STUCK",
            Self::Resumed => "GOES ON",
            Self::GateOverridden => "GATE OVERRIDDEN",
            Self::Drift => "DRIFT",
            Self::Bad => "BAD",
            Self::Suspect => "SUSPECT",
            Self::GoodAgain => "GOOD AGAIN",
        }
    }
}
