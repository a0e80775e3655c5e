//! Deployments that have not ended.

use std::cmp::Reverse;

use api::{Deployment, Page};
use futures_util::future::try_join_all;
use store::ReadItems;
use store::position::position_of;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

/// Sorts after every position.
const NEWEST: &str = "~";

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_active(&self, mut parameters: Parameters) -> Answer {
        let environment = parameters.identifier("environment");
        let (limit, position) = (parameters.limit(), parameters.position(is_start));
        parameters.finish()?;
        let environments = match environment {
            Some(environment) => vec![environment],
            None => self.reader.environments().await?,
        };
        let before = position.as_deref().unwrap_or(NEWEST);
        let pages = try_join_all(environments.iter().map(|e| self.reader.active(e, before, limit))).await?;
        // Where an environment has more to come nothing is known beyond its last one, so only what
        // is newer than the newest of these can be merged.
        let horizon = pages.iter().filter_map(|(_, next)| next.clone()).max();
        let mut states: Vec<_> =
            pages.into_iter().flat_map(|(states, _)| states).map(|state| (position_of(&state), state)).collect();
        states.retain(|(position, _)| horizon.as_ref().is_none_or(|horizon| position >= horizon));
        states.sort_by_key(|(position, _)| Reverse(position.clone()));
        let next = if states.len() > limit { Some(states[limit - 1].0.clone()) } else { horizon };
        let items = states.iter().take(limit).map(|(_, state)| Deployment::from(state)).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
