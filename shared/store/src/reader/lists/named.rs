//! Lists of the deployments of a release, or of an artifact: lines of their own say which there are, in order, and
//! each deployment's own item how it stands.

use domain::State;

use super::{ListQuery, Reader};
use crate::StoreError;
use crate::keys::Key;
use crate::keys::listings::{artifact_partition, release_partition};
use crate::port::ReadItems;
use crate::position::{END, Position, position_of};
use crate::query::Query;
use crate::tables::Table;
use domain::Timestamp;

/// How many lines are read at once.
const LINES: usize = 100;
/// How many lines one page may read when a filter leaves most of them out: then it is short.
const READ_BUDGET: usize = 500;

/// The partition that has all that a query asks for; none where it names neither release nor artifact.
pub(super) fn partition(query: &ListQuery) -> Option<String> {
    let of_release = query.release.as_ref().map(release_partition);
    of_release.or_else(|| query.artifact.as_ref().map(artifact_partition))
}

impl<S: ReadItems> Reader<S> {
    pub(super) async fn list_named(
        &self,
        partition: &str,
        query: &ListQuery,
        position: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<State>, Option<Position>), StoreError> {
        let floor = query.from.unwrap_or(Timestamp::MIN).sort_key();
        let end = query.to.map_or_else(|| END.to_owned(), Timestamp::sort_key);
        let mut before = position.map_or(end.clone(), |position| end.min(position.to_owned()));
        let (mut found, mut read) = (Vec::new(), 0);
        while before > floor {
            // The range includes its end: one more is read, and the end itself left out.
            let lines = Query::of(Table::State, partition).between(floor.as_str(), before.as_str()).descending();
            let page = self.store().query(&lines.consistent().limit(LINES + 1)).await?;
            let lines = page.items.iter().filter_map(Key::of).map(|key| key.sort);
            let lines: Vec<Position> = lines.filter(|line| *line != before).collect();
            let Some(last) = lines.last() else { break };
            read += lines.len();
            before.clone_from(last);
            for state in self.states_at(&lines).await?.into_iter().filter(|state| holds(query, state)) {
                if found.len() == limit {
                    let last = found.last().map(position_of);
                    return Ok((found, last));
                }
                found.push(state);
            }
            if page.next.is_none() {
                return Ok((found, None));
            }
            if read >= READ_BUDGET {
                return Ok((found, Some(before)));
            }
        }
        Ok((found, None))
    }
}

fn holds(query: &ListQuery, state: &State) -> bool {
    let summary = &state.summary;
    let named = summary.named();
    query.environment.includes(&summary.environment())
        && query.service.includes(&summary.service())
        && (query.statuses.is_empty() || query.statuses.contains(&summary.status()))
        && query.version.as_ref().is_none_or(|version| summary.version().as_ref() == Some(version))
        && query.release.as_ref().is_none_or(|release| named.release.as_ref() == Some(release))
        && query.artifact.as_ref().is_none_or(|artifact| named.artifact.as_ref() == Some(artifact))
}
