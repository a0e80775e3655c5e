//! What landings of the past were, each beside what ran before it.

use std::collections::BTreeSet;

use domain::live::log::removals;
use domain::live::log_key::LogKey;
use domain::live::{Cell, Change, Entry, Live, Place};
use domain::{Environment, Moment, Region, State};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::as_of::{InPart, Part};
use crate::StoreError;
use crate::port::ReadItems;

impl<S: ReadItems> Reader<S> {
    /// What the landing of each of these deployments is; none where none landed, and where what is known does
    /// not say. Reads the cells of all places in one round trip; and for each landing that is not the latest in its place, a
    /// page of the log and what is kept of two things.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn changes(&self, states: &[State]) -> Result<Vec<Option<Change>>, StoreError> {
        let landings: Vec<Option<(Place, Entry)>> =
            states.iter().map(|state| domain::live::log::landing(&state.summary)).collect();
        let places: BTreeSet<Place> = landings.iter().flatten().map(|(place, _)| place.clone()).collect();
        let environments: BTreeSet<&Environment> = places.iter().map(|place| &place.environment).collect();
        let environments: Vec<Environment> = environments.into_iter().cloned().collect();
        let (cells, retirements) = try_join(self.cells_of(&places), self.retirements_of(&environments)).await?;
        let found = landings.iter().map(|landing| async {
            let Some((place, entry)) = landing else { return Ok(Landed::Latest(None)) };
            match cells.get(place) {
                Some(cell) => {
                    let retirements = retirements.get(&place.environment).map(Vec::as_slice).unwrap_or_default();
                    self.found(place, (cell, retirements), entry).await
                }
                None => Ok(Landed::Latest(None)),
            }
        });
        let (mut landed, mut earlier) = (Vec::new(), Vec::new());
        for found in try_join_all(found).await? {
            landed.push(match found {
                Landed::Latest(change) => Landed::Latest(change),
                Landed::Earlier(parts) => {
                    let count = parts.len();
                    earlier.extend(parts);
                    Landed::Earlier(count)
                }
            });
        }
        let mut earlier = self.judged(earlier).await?.into_iter().map(|live| live.change);
        let change = |landed| match landed {
            Landed::Latest(change) => change,
            Landed::Earlier(count) => common(earlier.by_ref().take(count)),
        };
        Ok(landed.into_iter().map(change).collect())
    }

    /// What a landing put live. One that is about the whole environment did so in each of the regions that were
    /// named by then.
    async fn found<'p>(
        &self,
        place: &'p Place,
        (cell, retirements): (&'p Cell, &[Moment]),
        landing: &Entry,
    ) -> Result<Landed<Vec<InPart<'p>>>, StoreError> {
        let until = LogKey::of(landing);
        let named = cell.regions.iter().filter(|(_, region)| region.named <= until);
        let parts: Vec<Part> = match &landing.region {
            Some(region) => vec![Some(region.clone())],
            None => named.map(|(region, _)| Some(region.clone())).collect(),
        };
        let parts = if parts.is_empty() { vec![None] } else { parts };
        let latest = parts.iter().map(|part| latest(cell, part.as_ref(), landing)).collect::<Option<Vec<_>>>();
        if let Some(lives) = latest.filter(|_| cell.retirements == retirements.len()) {
            return Ok(Landed::Latest(common(lives.into_iter().map(|live| live.change))));
        }
        let removals: Vec<Entry> =
            removals(&place.environment, retirements).filter(|removal| removal <= landing).collect();
        let resolved = self.resolved(place, &parts, landing.at, (&removals, |entry| entry <= landing)).await?;
        let parts = parts.into_iter().zip(resolved);
        Ok(Landed::Earlier(parts.map(|(part, resolved)| InPart { place, cell, part, resolved }).collect()))
    }
}

/// A landing.
enum Landed<Parts> {
    /// The cell says what it is.
    Latest(Option<Change>),
    /// What it put live in these parts is to be judged.
    Earlier(Parts),
}

/// What a landing is, if it is the same in all parts.
fn common(changes: impl IntoIterator<Item = Option<Change>>) -> Option<Change> {
    let mut changes = changes.into_iter();
    let first = changes.next()?;
    changes.all(|change| change == first).then_some(first)?
}

/// What runs in a region by this landing; none where anything was attempted there since.
fn latest<'c>(cell: &'c Cell, region: Option<&Region>, landing: &Entry) -> Option<&'c Live> {
    let (live, last) = match region {
        Some(region) => cell.regions.get(region).map(|region| (&region.live, region.last.clone()))?,
        None => (&cell.live, cell.last()),
    };
    let is_latest = live.since == Some(landing.at) && last.is_some_and(|last| last.ending == LogKey::of(landing));
    is_latest.then_some(live)
}
