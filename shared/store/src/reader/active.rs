//! Deployments that have not ended: how many there are, and which.

use domain::{Environment, State};
use futures_util::future::try_join_all;

use super::Reader;
use super::merge::merge;
use crate::StoreError;
use crate::keys::text;
use crate::port::ReadItems;
use crate::position::{END, Position, active_partition, position_of};
use crate::query::{Query, Select};
use crate::tables::{ACTIVE, Table};

impl<S: ReadItems> Reader<S> {
    /// How many deployments of an environment have not ended.
    ///
    /// # Errors
    /// When they can't be counted.
    pub async fn count_active(&self, environment: &Environment) -> Result<u64, StoreError> {
        let mut pages = self.pages(active_before(environment, END).select(Select::Count));
        let mut count = 0;
        while let Some(page) = pages.next().await? {
            count += page.count as u64;
        }
        Ok(count)
    }

    /// Where the deployments of an environment stand in its list that have not ended, the earliest first. An index
    /// that is a moment behind can have one that ended just now.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn active_positions(&self, environment: &Environment) -> Result<Vec<Position>, StoreError> {
        let [_, started] = ACTIVE.keys;
        let mut pages = self.pages(active_before(environment, END));
        let mut positions = Vec::new();
        while let Some(page) = pages.next().await? {
            positions.extend(page.items.iter().filter_map(|item| text(item, started.name)).map(str::to_owned));
        }
        Ok(positions)
    }

    /// Deployments of an environment that have not ended, newest first, before `position`, and the
    /// position to go on from. Each is read itself: an index that is a moment behind must not show an
    /// ended one as active.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn active(
        &self,
        environment: &Environment,
        position: &str,
        limit: usize,
    ) -> Result<(Vec<State>, Option<Position>), StoreError> {
        // The range includes its end: one more is read, and the end itself left out.
        let query = active_before(environment, position).descending().limit(limit + 1);
        let page = self.store().query(&query).await?;
        let [_, started] = ACTIVE.keys;
        let keys = page.items.iter().filter_map(|item| text(item, started.name)).filter(|key| *key != position);
        let keys: Vec<&str> = keys.collect();
        let next = keys.last().filter(|_| page.next.is_some()).map(|key| (*key).to_owned());
        let states = self.listed_states(keys).await?;
        Ok((states.into_iter().filter(|state| state.summary.is_active()).collect(), next))
    }

    /// Deployments of several environments that have not ended, newest first, before `position`, and the
    /// position to go on from.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn active_in(
        &self,
        environments: &[Environment],
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<State>, Option<Position>), StoreError> {
        let before = position.unwrap_or(END);
        let pages = try_join_all(environments.iter().map(|environment| self.active(environment, before, limit)));
        let placed = |state: State| (position_of(&state), state);
        let pages = pages.await?.into_iter().map(|(states, more)| (states.into_iter().map(placed).collect(), more));
        let (states, horizon) = merge(pages.collect(), |(position, _): &(Position, State)| position);
        let next = if states.len() > limit { Some(states[limit - 1].0.clone()) } else { horizon };
        Ok((states.into_iter().take(limit).map(|(_, state)| state).collect(), next))
    }

    /// All deployments of these environments that have not ended, those of each newest first. They are found side by
    /// side, and read in one round trip.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn all_active(
        &self,
        environments: impl IntoIterator<Item = &Environment>,
    ) -> Result<Vec<State>, StoreError> {
        let of_each = environments.into_iter().map(|environment| async {
            let mut pages = self.pages(active_before(environment, END).descending());
            let [_, started] = ACTIVE.keys;
            let mut positions = Vec::new();
            while let Some(page) = pages.next().await? {
                positions.extend(page.items.iter().filter_map(|item| text(item, started.name).map(str::to_owned)));
            }
            Ok::<_, StoreError>(positions)
        });
        let positions: Vec<Position> = try_join_all(of_each).await?.into_iter().flatten().collect();
        let states = self.listed_states(positions.iter().map(Position::as_str)).await?;
        Ok(states.into_iter().filter(|state| state.summary.is_active()).collect())
    }
}

/// Those up to a position.
fn active_before(environment: &Environment, position: &str) -> Query {
    Query::of_index(Table::State, ACTIVE, active_partition(environment)).between("0", position)
}
