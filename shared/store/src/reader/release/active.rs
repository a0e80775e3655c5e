//! What is on its way to the places of a release.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::Place;
use domain::live::thing::Thing;
use domain::{DeploymentId, Environment, State};
use futures_util::future::try_join_all;

use super::{Reader, ReleaseQuestion};
use crate::StoreError;
use crate::port::ReadItems;
use crate::reader::created::CreatedLast;

impl<S: ReadItems> Reader<S> {
    /// The active deployments of places, each with what it brings; and whether there may be more.
    pub(super) async fn active_at(
        &self,
        places: &[Place],
        question: ReleaseQuestion<'_>,
    ) -> Result<(BTreeMap<Place, Vec<(DeploymentId, Thing)>>, bool), StoreError> {
        if places.is_empty() {
            return Ok((BTreeMap::new(), false));
        }
        let CreatedLast { states, more } = match (question.as_of, question.known_at) {
            (None, None) => {
                let environments: BTreeSet<&Environment> = places.iter().map(|place| &place.environment).collect();
                CreatedLast { states: Box::pin(self.all_active(environments)).await?, more: false }
            }
            (_, known_at) => {
                let by = question.by();
                let of_each = places.iter().map(|place| async move {
                    let mut then = self.created_last(std::slice::from_ref(place), by, known_at).await?;
                    then.states.retain(|state| stands_in(state, place));
                    Ok::<_, StoreError>(then)
                });
                Box::pin(try_join_all(of_each)).await?.into_iter().collect()
            }
        };
        let mut active: BTreeMap<Place, Vec<(DeploymentId, Thing)>> = BTreeMap::new();
        for State { summary, .. } in states.into_iter().filter(|state| state.summary.is_active()) {
            let place = Place {
                environment: question.names.environments.resolve(&summary.environment()).clone(),
                service: question.names.services.resolve(&summary.service()).clone(),
            };
            let thing = Thing::of(&summary);
            active.entry(place).or_default().push((summary.deployment_id, thing));
        }
        Ok((active, more))
    }
}

/// Whether a deployment is one of a place.
fn stands_in(state: &State, place: &Place) -> bool {
    state.summary.environment() == place.environment && state.summary.service() == place.service
}
