//! How the deployments of a place that were created last before a time stood then.

use domain::ledger::past::state_at;
use domain::live::Place;
use domain::{State, Timestamp};
use futures_util::future::try_join_all;

use super::Reader;
use super::lists::ListQuery;
use crate::StoreError;
use crate::port::ReadItems;

/// How many of them are looked at.
const CREATED_LAST: usize = 10;
/// Among how many they are looked for: those that were recorded later, and happened before, stand before them.
const CANDIDATES: usize = 200;

/// Deployments as they stood at a time.
#[derive(Debug, Clone, Default)]
pub(super) struct CreatedLast {
    /// These, the newest of each place first.
    pub(super) states: Vec<State>,
    /// Whether there may be others that belong here: so much was recorded later that they were not found.
    pub(super) more: bool,
}

impl FromIterator<Self> for CreatedLast {
    fn from_iter<I: IntoIterator<Item = Self>>(of_each: I) -> Self {
        let mut all = Self::default();
        for created in of_each {
            all.states.extend(created.states);
            all.more |= created.more;
        }
        all
    }
}

impl<S: ReadItems> Reader<S> {
    /// The ten deployments of each place that were created last before a time, of those that were known at a time, as
    /// they stood then.
    pub(super) async fn created_last(
        &self,
        places: &[Place],
        as_of: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<CreatedLast, StoreError> {
        let of_each = places.iter().map(|place| self.created_last_in(place, as_of, known_at));
        Ok(try_join_all(of_each).await?.into_iter().collect())
    }

    async fn created_last_in(
        &self,
        place: &Place,
        as_of: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<CreatedLast, StoreError> {
        let query = ListQuery {
            environment: place.environment.clone().into(),
            service: place.service.clone().into(),
            to: (as_of < Timestamp::MAX).then(|| as_of.plus_millis(1)),
            ..ListQuery::default()
        };
        let mut created = CreatedLast::default();
        let (mut position, mut read, mut found) = (None, 0, 0);
        loop {
            let (page, next) = self.list(&query, position.as_deref(), CREATED_LAST).await?;
            read += page.len();
            let then = page.into_iter().map(|state| async move {
                let records = self.trail(&state.summary.deployment_id).await?.whole()?;
                let then = state_at(&records, as_of, known_at);
                // Of one whose history has expired nothing says that it was not known then.
                Ok::<_, StoreError>((then.is_some() || records.is_empty()).then_some(then))
            });
            let known: Vec<Option<State>> = try_join_all(then).await?.into_iter().flatten().collect();
            let room = CREATED_LAST - found;
            found += known.len();
            created.states.extend(known.into_iter().take(room).flatten());
            position = next;
            if found >= CREATED_LAST || position.is_none() {
                return Ok(created);
            }
            if read >= CANDIDATES {
                return Ok(CreatedLast { more: true, ..created });
            }
        }
    }
}
