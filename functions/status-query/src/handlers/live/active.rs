//! What is under way in the cells of a page.

use api::UnderWay;
use domain::follows::stuck::silent_since;
use domain::live::Place;
use domain::{Environment, Timestamp};
use store::ReadItems;

use super::places::AllUnderWay;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    /// The deployments of these environments that have not ended, by their places, the newest of each first.
    pub(super) async fn under_way(
        &self,
        environments: &[Environment],
        now: Timestamp,
    ) -> Result<AllUnderWay, Unanswered> {
        let silent = silent_since(now, self.stuck_after);
        let mut under_way = AllUnderWay::new();
        for state in self.reader.all_active(environments).await? {
            let place = Place { environment: state.summary.environment(), service: state.summary.service() };
            under_way.entry(place).or_default().push(UnderWay::new(&state, silent));
        }
        Ok(under_way)
    }
}
