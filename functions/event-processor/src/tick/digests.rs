//! Sending what was held: of each minute that is over, one digest of each kind.

use domain::follows::digest::{Held, digests};
use domain::{Settings, Timestamp};
use publisher::Publisher;
use store::WriteItems;

use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Sends the digests that are due. What was held is forgotten after it was sent: a crash in between sends a digest
    /// twice, with the same `dedupeId`, rather than never.
    pub(super) async fn send_digests(
        &self,
        held: Vec<Held>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let due: Vec<Held> = held.into_iter().filter(|held| held.is_due(now)).collect();
        for digest in digests(due, |environment| settings.is_production(environment)) {
            self.publisher.notify_digests(vec![digest.clone()]).await?;
            self.recorder.forget_held(&digest.entries).await?;
        }
        Ok(())
    }
}
