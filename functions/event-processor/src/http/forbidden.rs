//! What was refused for lack of a permission, and is kept nowhere: it is counted, so that an alarm can tell.

use domain::follows::metrics::Tally;
use domain::{RejectionReason, Timestamp};
use publisher::Publisher;
use store::WriteItems;

use crate::processor::EventProcessor;

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Counts so many refusals at a door. Whoever was refused is answered that, whether or not it can be counted.
    pub(crate) async fn count_forbidden(&self, door: &str, refusals: usize, now: Timestamp) {
        if refusals == 0 {
            return;
        }
        let mut tally = Tally::default();
        for _ in 0..refusals {
            tally.add_refusal(&RejectionReason::Forbidden, door, now);
        }
        if let Err(error) = self.publisher.metrics(tally.data()).await {
            tracing::error!(%error, door, refusals, "refusals are not counted");
        }
    }
}
