//! What is under way in the cells of a page.

use api::UnderWay;
use domain::Environment;
use domain::live::Place;
use store::ReadItems;

use super::places::AllUnderWay;
use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    /// The deployments of these environments that have not ended, by their places, the newest of each first.
    pub(super) async fn under_way(&self, environments: &[Environment]) -> Result<AllUnderWay, Unanswered> {
        let mut under_way = AllUnderWay::new();
        for state in self.reader.all_active(environments).await? {
            let place = Place { environment: state.summary.environment(), service: state.summary.service() };
            under_way.entry(place).or_default().push(UnderWay::from(&state));
        }
        Ok(under_way)
    }
}
