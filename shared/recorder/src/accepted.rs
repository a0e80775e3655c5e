//! What is recorded of a history that was accepted as it stands although it is broken.

use domain::ledger::acceptance::acceptance;
use domain::{DeploymentId, Timestamp};
use store::{StoreError, WriteItems};

use crate::recorded::Recorded;
use crate::recorder::Recorder;

impl<S: WriteItems> Recorder<S> {
    /// Records that the history of a deployment was accepted, and why, with what was wrong with it.
    ///
    /// # Errors
    /// When it is not recorded: what is wrong, or what the store says.
    pub async fn note_accepted(
        &self,
        id: &DeploymentId,
        reason: &str,
        problems: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let state = self.reader.state(id).await?;
        let received = acceptance(id, state.as_ref().map(|state| &state.summary), (reason, problems), now)
            .map_err(|errors| StoreError::unreadable("accept", domain::fields::one_line(&errors)))?;
        match self.record(vec![received], now).await.pop() {
            Some(Ok(Recorded::Refused(refused))) => Err(StoreError::unreadable("accept", format!("{refused:?}"))),
            Some(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }
}
