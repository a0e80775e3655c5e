//! What is under way in the cells of a page.

use api::UnderWay;
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
        let states = self.reader.all_active(environments).await?;
        let stalled = self.stalled(&states, now).await?;
        let mut under_way = AllUnderWay::new();
        for state in states {
            let is_stalled = stalled.contains(&state.summary.deployment_id);
            let place = Place { environment: state.summary.environment(), service: state.summary.service() };
            under_way.entry(place).or_default().push(UnderWay::new(&state, is_stalled));
        }
        Ok(under_way)
    }
}
