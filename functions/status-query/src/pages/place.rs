//! What pages of one thing ask besides the API: what ran in a place over a time, and who did it.

use std::collections::{BTreeMap, BTreeSet};

use domain::identifiers::Identifier as _;
use domain::live::{Cell, Place};
use domain::{DeploymentId, Environment, State, Timestamp};
use futures_util::future::try_join_all;
use store::ReadItems;
use store::reader::retirements::Retirements;
use store::reader::timeline::{Looked, OfPart, Span};

use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::When;

impl<S: ReadItems> StatusQuery<S> {
    /// What ran in each of these places over a time, where anything ever ended.
    pub(super) async fn timelines(
        &self,
        places: &[Place],
        span: Span,
    ) -> Result<Vec<(Place, Vec<OfPart>)>, Unanswered> {
        let (cells, retirements) = self.looked_at(places).await?;
        let told = cells.iter().map(|(place, cell)| async {
            let looked = looked(place, cell, &retirements);
            Ok::<_, Unanswered>((place.clone(), self.reader.timelines(looked, span).await?))
        });
        let mut told: BTreeMap<Place, Vec<OfPart>> = try_join_all(told).await?.into_iter().collect();
        Ok(places.iter().filter_map(|place| told.remove_entry(place)).collect())
    }

    /// What ran in a place just before an ending and after it, and whether all of that was read.
    pub(super) async fn timelines_around(
        &self,
        place: &Place,
        ending: Timestamp,
        when: When,
    ) -> Result<(Vec<OfPart>, bool), Unanswered> {
        let (cells, retirements) = self.looked_at(std::slice::from_ref(place)).await?;
        let Some(cell) = cells.get(place) else { return Ok((Vec::new(), true)) };
        let until = when.as_of.unwrap_or(Timestamp::MAX);
        let span = Span { since: ending.plus_millis(-1), until, known_at: when.known_at };
        Ok(self.reader.timelines_around(looked(place, cell, &retirements), ending, span).await?)
    }

    async fn looked_at(&self, places: &[Place]) -> Result<(BTreeMap<Place, Cell>, Retirements), Unanswered> {
        let cells = self.reader.cells_of(&places.iter().cloned().collect()).await?;
        let environments: BTreeSet<&Environment> = cells.keys().map(|place| &place.environment).collect();
        let environments: Vec<Environment> = environments.into_iter().cloned().collect();
        Ok((cells, self.reader.retirements_of(&environments).await?))
    }

    /// The states of deployments with these ids, in one round trip. What is known of them now may not have been known
    /// at a time, so none are told of one.
    pub(super) async fn done_by<'i>(
        &self,
        ids: impl Iterator<Item = &'i str>,
        when: When,
    ) -> Result<BTreeMap<DeploymentId, State>, Unanswered> {
        if when.known_at.is_some() {
            return Ok(BTreeMap::new());
        }
        let ids: BTreeSet<DeploymentId> = ids.filter_map(|id| DeploymentId::parse(id).ok()).collect();
        Ok(self.reader.states(&ids).await?)
    }
}

fn looked<'p>(place: &'p Place, cell: &'p Cell, retirements: &'p Retirements) -> Looked<'p> {
    let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
    Looked { place, cell, retirements }
}

/// Who or what triggered a deployment.
pub(super) fn actor(state: &State) -> Option<String> {
    state.summary.named().triggered_by.and_then(|trigger| trigger.actor)
}
