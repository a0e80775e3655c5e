//! What happened in an environment on a day, read of what is kept of deployments, places and observations: what is
//! packed once that day is over.

use std::collections::BTreeMap;

use domain::identifiers::Identifier as _;
use domain::live::{Cell, Place};
use domain::questions::delivery::of_day::Replaced;
use domain::questions::delivery::{OfDay, Window};
use domain::{Day, Environment, Moment};
use futures_util::future::{try_join, try_join3};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Reader;
use super::health::InUse;
use super::kept::MOST;
use super::timeline::Looked;
use crate::StoreError;
use crate::keys::{INCIDENT_MONTHS, MONTHS};
use crate::port::ReadItems;

/// How many places are read at once.
const AT_ONCE: usize = 16;

/// What all days of an environment have in common.
#[derive(Debug)]
pub struct Making {
    environment: Environment,
    cells: BTreeMap<Place, Cell>,
    retirements: Vec<Moment>,
}

impl<S: ReadItems> Reader<S> {
    /// The first day on which anything can have ended, of each environment in which anything ever began.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn first_days(&self) -> Result<BTreeMap<Environment, Day>, StoreError> {
        let (deployments, incidents) = try_join(self.catalog(MONTHS), self.catalog(INCIDENT_MONTHS)).await?;
        let mut first: BTreeMap<Environment, Day> = BTreeMap::new();
        for of_month in deployments.iter().chain(&incidents) {
            let Some((environment, month)) = of_month.rsplit_once('#') else { continue };
            let environment = Environment::from_key_part(environment);
            let day = Day::parse(&format!("{month}-01"));
            if let (Ok(environment), Ok(day)) = (environment, day) {
                let noted = first.entry(environment).or_insert(day);
                *noted = day.min(*noted);
            }
        }
        Ok(first)
    }

    /// What is read once for all days of an environment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn making(&self, environment: &Environment) -> Result<Making, StoreError> {
        let cells = self.cell_items(environment).await?.into_iter().map(|(place, item)| (place, item.cell)).collect();
        let retirements = self.retirements(environment).await?;
        Ok(Making { environment: environment.clone(), cells, retirements })
    }

    /// What happened in an environment on a day that is over; none where more ended than is counted for one answer.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn of_day(&self, making: &Making, day: Day, in_use: InUse<'_>) -> Result<Option<OfDay>, StoreError> {
        let window = Window::of_day(day);
        let environments = [making.environment.clone()];
        let Some(mut ended) = self.finished(&environments, &window, MOST).await? else { return Ok(None) };
        ended.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        // By then nothing that landed on it is watched any more.
        let at = day.end().plus_millis(Day::LONGEST_WATCH_MILLIS - 1);
        let (mut replaced, mut incidents, mut measured) = try_join3(
            self.replaced_on(making, day),
            Box::pin(self.blaming(&making.environment.clone().into(), &<_>::default(), &window, in_use.0)),
            Box::pin(self.measured_against(&ended, &window, at, in_use)),
        )
        .await?;
        // Each in an order of its own, so that the same is kept whoever answers first.
        replaced.sort_unstable_by(|one, other| (one.at, &one.of, &one.by).cmp(&(other.at, &other.of, &other.by)));
        incidents.sort_unstable_by(|one, other| one.incident.cmp(&other.incident));
        measured.sort_unstable_by(|one, other| one.of.cmp(&other.of));
        Ok(Some(OfDay { ended, replaced, incidents, measured }))
    }

    /// What was deployed anew on a day in the place of something else.
    async fn replaced_on(&self, making: &Making, day: Day) -> Result<Vec<Replaced>, StoreError> {
        let on_it = day.start()..day.end();
        let span = (day.start(), day.end().plus_millis(-1));
        let may_have = |cell: &Cell| {
            let tail = &cell.tail;
            let reaches = !tail.cut || tail.landings.last().is_some_and(|oldest| oldest.at < on_it.start);
            !reaches || tail.landings.iter().any(|entry| on_it.contains(&entry.at))
        };
        let looked = making.cells.iter().filter(|(_, cell)| may_have(cell)).map(|(place, cell)| {
            let looked = Looked { place, cell, retirements: &making.retirements };
            Box::pin(self.replaced_in(looked, span))
        });
        let replaced: Vec<Vec<Replaced>> =
            stream::iter(looked.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(replaced.into_iter().flatten().collect())
    }
}
