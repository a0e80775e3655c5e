//! Which stage of an attempt failed.

use serde::{Deserialize, Serialize};

use crate::Status;
use crate::event::Failure;
use crate::identifiers::StageName;
use crate::ledger::summary::Summary;

/// A stage that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedStage {
    /// What it is called.
    pub stage: StageName,
    /// What its own events say went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

impl Summary {
    /// The stage of an attempt that failed. Of several the one that says why, and then the first: what fails
    /// after it fails because of it, or contains it. Of those that ended at one time one that was reported counts
    /// before one that is inferred, and then the name.
    #[must_use]
    pub fn failed_stage(&self, attempt: u32) -> Option<FailedStage> {
        let failed = self.stage_rows().into_iter().filter(|row| row.attempt == attempt && row.status == Status::Failed);
        let first = failed.min_by_key(|row| (row.error.is_none(), row.finished_at, row.inferred, row.stage.clone()));
        first.map(|row| FailedStage { stage: row.stage, error: row.error })
    }
}
