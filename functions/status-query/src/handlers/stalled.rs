//! Which deployments that have not ended have stalled.

use std::collections::{BTreeMap, BTreeSet};

use domain::live::Place;
use domain::questions::expected::Expected;
use domain::questions::pace::{Progress, can_have_stalled};
use domain::{DeploymentId, Environment, State, Timestamp};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use store::{ReadItems, StoreError};

use crate::StatusQuery;
use crate::answer::Unanswered;

/// Of how many is asked side by side what is usual there.
const AT_ONCE: usize = 32;

fn place_of(state: &State) -> Place {
    Place { environment: state.summary.environment(), service: state.summary.service() }
}

impl<S: ReadItems> StatusQuery<S> {
    /// Those of these deployments that have stalled. What is usual is asked only where something has been silent for
    /// minutes: a query of each place, and one or two of each environment in which a place has too few landings.
    pub(crate) async fn stalled(&self, states: &[State], now: Timestamp) -> Result<BTreeSet<DeploymentId>, Unanswered> {
        let silent = states.iter().filter(|state| can_have_stalled(&state.summary, self.stuck_after, now));
        let silent: Vec<&State> = silent.collect();
        let places: BTreeSet<Place> = silent.iter().map(|state| place_of(state)).filter(Place::is_known).collect();
        let asking = places.into_iter().map(|place| async move {
            let landed = self.reader.newest_landings(&place, now, None).await?;
            Ok::<_, StoreError>((place, landed))
        });
        let landed: BTreeMap<_, _> = stream::iter(asking).buffer_unordered(AT_ONCE).try_collect().await?;
        let of_place = |state: &State| {
            landed
                .get(&place_of(state))
                .and_then(|landed| Expected::of_place(landed, Some(&state.summary.deployment_id)))
        };
        let expected: Vec<(&State, Option<Expected>)> =
            silent.into_iter().map(|state| (state, of_place(state))).collect();
        let lacking = expected.iter().filter(|(_, expected)| expected.is_none()).map(|(state, _)| place_of(state));
        let lacking: BTreeSet<Environment> = lacking.filter(Place::is_known).map(|place| place.environment).collect();
        let asking = lacking.into_iter().map(|environment| async move {
            let finished = self.reader.newest_finished(&environment, now).await?;
            Ok::<_, StoreError>((environment, finished))
        });
        let finished: BTreeMap<_, _> = stream::iter(asking).buffer_unordered(AT_ONCE).try_collect().await?;
        let stalled = expected.into_iter().filter_map(|(state, expected)| {
            let id = &state.summary.deployment_id;
            let of_environment = || {
                let place = Some(place_of(state)).filter(Place::is_known)?;
                Expected::of_environment(finished.get(&place.environment)?, Some(id))
            };
            let expected = expected.or_else(of_environment);
            let progress = Progress::of(&state.summary, expected.as_ref(), self.stuck_after, now)?;
            progress.is_stalled().then(|| id.clone())
        });
        Ok(stalled.collect())
    }
}
