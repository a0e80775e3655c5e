//! What is expected of deployments, as it was asked for last: what is usual in a place does not change within an hour,
//! so an instance asks once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::PoisonError;

use domain::live::{Cell, Place};
use domain::questions::expected::{Expected, Of};
use domain::questions::pace::Progress;
use domain::{Environment, State, Timestamp};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use publisher::Publisher;
use store::{StoreError, WriteItems};

use crate::processor::EventProcessor;

/// For how long it is remembered.
const MILLIS: i64 = 60 * 60 * 1000;
/// How much of each kind is remembered: past that, all is asked for again.
const MOST: usize = 10_000;
/// How many are asked for side by side.
const AT_ONCE: usize = 32;

/// What was expected when it was asked for last; none where too little was known.
#[derive(Debug, Default)]
pub(crate) struct Expectations {
    places: Remembered<Place>,
    environments: Remembered<Environment>,
}

#[derive(Debug)]
struct Remembered<K>(HashMap<K, Answered>);

/// What was answered then; none where too little was known.
#[derive(Debug, PartialEq)]
struct Answered {
    at: Timestamp,
    expected: Option<Expected>,
}

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> Remembered<K> {
    /// What is remembered of this; none where that is nothing, or too old.
    fn get(&self, of: &K, now: Timestamp) -> Option<&Answered> {
        self.0.get(of).filter(|answered| answered.at <= now && now < answered.at.plus_millis(MILLIS))
    }

    /// Forgets everything when it is too much: what is asked for now is not lost while it is looked at.
    fn make_room(&mut self) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
    }

    fn keep(&mut self, asked: impl IntoIterator<Item = (K, Option<Expected>)>, now: Timestamp) {
        self.0.extend(asked.into_iter().map(|(of, expected)| (of, Answered { at: now, expected })));
    }
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// How these deployments go, beside what is expected of them. Asks for what an instance does not remember.
    pub(crate) async fn progress_of<'s>(
        &self,
        states: Vec<&'s State>,
        cells: &BTreeMap<Place, Cell>,
        now: Timestamp,
    ) -> Result<Vec<(&'s State, Progress)>, StoreError> {
        self.ask_for(&states, cells, now).await?;
        let reader = self.recorder.reader();
        let mut found = Vec::new();
        for state in states {
            let expected = if state.summary.endings.is_empty() {
                self.remembered(&place_of(state), now)
            } else {
                // It has landed before, in another attempt, and is not measured by itself.
                reader.outlook(&state.summary, now, None).await?.expected
            };
            let progress = Progress::of(&state.summary, expected.as_ref(), self.processing.stuck_after, now);
            found.extend(progress.map(|progress| (state, progress)));
        }
        Ok(found)
    }

    /// Asks for what is not remembered of the places of these deployments.
    async fn ask_for(
        &self,
        states: &[&State],
        cells: &BTreeMap<Place, Cell>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reader = self.recorder.reader();
        {
            let mut known = self.expectations();
            known.places.make_room();
            known.environments.make_room();
        }
        let places: BTreeSet<Place> = states.iter().map(|state| place_of(state)).filter(Place::is_known).collect();
        let is_new = |place: &Place| self.expectations().places.get(place, now).is_none();
        let new: Vec<Place> = places.iter().filter(|place| is_new(place)).cloned().collect();
        // Where the cell says that too little landed, the log need not be asked.
        let enough =
            |place: &Place| cells.get(place).is_some_and(|cell| cell.tail.may_have_completed(Of::Place.least()));
        let (ask, few): (Vec<Place>, Vec<Place>) = new.into_iter().partition(enough);
        let asking = ask.into_iter().map(|place| async move {
            let landed = reader.newest_landings(&place, now, None).await?;
            Ok::<_, StoreError>((place, Expected::of_place(&landed, None)))
        });
        let of_places: Vec<_> = stream::iter(asking).buffer_unordered(AT_ONCE).try_collect().await?;
        self.expectations().places.keep(of_places.into_iter().chain(few.into_iter().map(|place| (place, None))), now);
        let lacking =
            |place: &&Place| self.expectations().places.get(place, now).is_some_and(|known| known.expected.is_none());
        let lacking: BTreeSet<Environment> =
            places.iter().filter(lacking).map(|place| place.environment.clone()).collect();
        let is_new = |name: &Environment| self.expectations().environments.get(name, now).is_none();
        let new: Vec<Environment> = lacking.into_iter().filter(is_new).collect();
        let asking = new.into_iter().map(|environment| async move {
            let finished = reader.newest_finished(&environment, now).await?;
            Ok::<_, StoreError>((environment, Expected::of_environment(&finished, None)))
        });
        let of_environments: Vec<_> = stream::iter(asking).buffer_unordered(AT_ONCE).try_collect().await?;
        self.expectations().environments.keep(of_environments, now);
        Ok(())
    }

    /// What is remembered of a place, or else of its environment.
    fn remembered(&self, place: &Place, now: Timestamp) -> Option<Expected> {
        let known = self.expectations();
        let of_place = &known.places.get(place, now)?.expected;
        let of_environment = || known.environments.get(&place.environment, now)?.expected.as_ref();
        of_place.as_ref().or_else(of_environment).cloned()
    }

    fn expectations(&self) -> std::sync::MutexGuard<'_, Expectations> {
        self.expectations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn place_of(state: &State) -> Place {
    Place { environment: state.summary.environment(), service: state.summary.service() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_forgotten_after_an_hour_and_when_it_is_too_much() {
        let at = |millis| Timestamp::from_millis(1_000_000 + millis);
        let mut remembered = Remembered::default();
        remembered.keep([(0, None)], at(0));
        assert!(remembered.get(&0, at(MILLIS - 1)).is_some());
        assert!(remembered.get(&0, at(MILLIS)).is_none());
        assert!(remembered.get(&0, at(-1)).is_none(), "a clock that was set back makes nothing young again");
        remembered.keep((1..MOST).map(|n| (n, None)), at(1));
        assert!(remembered.get(&0, at(1)).is_some() && remembered.get(&1, at(1)).is_some());
        remembered.make_room();
        assert!(remembered.0.is_empty());
    }
}
