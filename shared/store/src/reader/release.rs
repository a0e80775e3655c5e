//! How a release stands in an environment.
//!
//! What it reads is bounded: of a release that is declared the items of its services, at most 500; of one that its
//! deployments imply these, at most a thousand, and the items of their services. For a time in the past, what ran then
//! can take pages of logs, and ten histories of each service that is not in place; what was known then, up to 200.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::past::state_at;
use domain::live::last_attempt::LastAttempt;
use domain::live::thing::Thing;
use domain::live::{Cell, Place, Shown};
use domain::questions::compare::running;
use domain::questions::release::{self, Expected, Here, InPart, ReleaseState, is_complete};
use domain::settings::{Names, Path};
use domain::{Environment, Label, Moment, State, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::Reader;
use super::declarations::Declared;
use super::landed::{Asked, Landed};
use crate::StoreError;
use crate::port::ReadItems;

mod active;

/// What is asked of a release.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseQuestion<'q> {
    /// The release.
    pub release: &'q Label,
    /// The environment, by the name that settings have.
    pub environment: &'q Environment,
    /// The time that it is asked for; none for now.
    pub as_of: Option<Timestamp>,
    /// As it was known at this time; none for all that is known.
    pub known_at: Option<Timestamp>,
    /// What names mean.
    pub names: &'q Names,
    /// The order of environments.
    pub path: &'q Path,
}

/// How a release stands in an environment.
#[derive(Debug, Clone)]
pub struct ReleaseStanding {
    /// What it was declared to be; none where its deployments imply it.
    pub declared: Option<Declared>,
    /// Its services.
    pub services: Vec<ServiceStanding>,
    /// Whether it has more deployments than were read, or may have.
    pub more: bool,
}

/// How a service of a release stands.
#[derive(Debug, Clone)]
pub struct ServiceStanding {
    /// What is expected.
    pub expected: Expected,
    /// What runs; none where nothing does.
    pub live: Option<Shown>,
    /// How it stands.
    pub state: ReleaseState,
}

impl ReleaseStanding {
    /// Whether all of it is in place. What was not read to its end is not known to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        is_complete(self.services.iter().map(|service| service.state), self.more)
    }
}

/// A place at the time of a question.
struct PlaceThen {
    now: Cell,
    then: Cell,
}

impl ReleaseQuestion<'_> {
    fn by(&self) -> Timestamp {
        self.as_of.unwrap_or(Timestamp::MAX)
    }

    /// By when declarations count.
    pub(super) fn recorded_by(&self) -> Timestamp {
        self.as_of.into_iter().chain(self.known_at).min().unwrap_or(Timestamp::MAX)
    }

    fn place(&self, expected: &Expected) -> Place {
        Place { environment: self.environment.clone(), service: expected.service.clone() }
    }
}

impl<S: ReadItems> Reader<S> {
    /// How a release stands; none where it was neither declared by then nor deployed.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn release_standing(&self, question: ReleaseQuestion<'_>) -> Result<Option<ReleaseStanding>, StoreError> {
        let declared = self.declared(question.release, question.recorded_by(), question.names).await?;
        if let Some(declared) = declared {
            return self.declared_standing(declared, question).await.map(Some);
        }
        let (states, more) = self.deployments_naming(question).await?;
        if states.is_empty() { Ok(None) } else { self.implied_standing(&states, more, question).await.map(Some) }
    }

    /// How a release stands that is declared so.
    pub(super) async fn declared_standing(
        &self,
        declared: Declared,
        question: ReleaseQuestion<'_>,
    ) -> Result<ReleaseStanding, StoreError> {
        let (services, more) = self.service_standings(release::declared(&declared.declaration), question).await?;
        Ok(ReleaseStanding { declared: Some(declared), services, more })
    }

    /// How a release stands that these deployments imply, and maybe more of them.
    pub(super) async fn implied_standing(
        &self,
        states: &[State],
        more: bool,
        question: ReleaseQuestion<'_>,
    ) -> Result<ReleaseStanding, StoreError> {
        let ReleaseQuestion { environment, names, path, .. } = question;
        let summaries = states.iter().map(|state| &state.summary);
        let expected = release::implied(summaries, question.by(), environment, names, path);
        let (services, more_active) = self.service_standings(expected, question).await?;
        Ok(ReleaseStanding { declared: None, services, more: more || more_active })
    }

    /// The deployments that name a release, as they were known at the time that is asked for; and whether there are
    /// more.
    pub(super) async fn deployments_naming(
        &self,
        question: ReleaseQuestion<'_>,
    ) -> Result<(Vec<State>, bool), StoreError> {
        let (states, more) = self.deployments_of_release(question.release, question.by()).await?;
        Ok((self.as_known_at(question.release, states, question.known_at).await?, more))
    }

    /// These deployments as they were known at a time.
    async fn as_known_at(
        &self,
        release: &Label,
        states: Vec<State>,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<State>, StoreError> {
        let Some(known) = known_at else { return Ok(states) };
        let then = states.into_iter().map(|state| async move {
            if state.recorded_at <= known {
                return Ok::<_, StoreError>(Some(state));
            }
            let records = self.trail(&state.summary.deployment_id).await?.whole()?;
            Ok(state_at(&records, Timestamp::MAX, Some(known)))
        });
        let named = |state: &State| state.summary.named().release.as_ref() == Some(release);
        Ok(try_join_all(then).await?.into_iter().flatten().filter(named).collect())
    }

    /// How each service stands, and whether there may be more active deployments of them than were read.
    async fn service_standings(
        &self,
        expected: Vec<Expected>,
        question: ReleaseQuestion<'_>,
    ) -> Result<(Vec<ServiceStanding>, bool), StoreError> {
        let places: BTreeSet<Place> = expected.iter().map(|expected| question.place(expected)).collect();
        let environment = [question.environment.clone()];
        let (cells, retirements) = try_join(self.cells_of(&places), self.retirements_of(&environment)).await?;
        let retirements = retirements.get(question.environment).map(Vec::as_slice).unwrap_or_default();
        let then = cells.into_iter().map(|(place, now)| async {
            let then = Box::pin(self.place_then(&place, now.clone(), retirements, question)).await?;
            Ok::<_, StoreError>((place, PlaceThen { now, then }))
        });
        let cells: BTreeMap<Place, PlaceThen> = try_join_all(then).await?.into_iter().collect();
        let heres = self.first_landings(&expected, &cells, question).await?;
        // Only what is not in place can be on its way.
        let mut waiting: BTreeSet<Place> = BTreeSet::new();
        for (expected, here) in expected.iter().zip(&heres) {
            if !matches!(expected.state(here), ReleaseState::Skipped | ReleaseState::InPlace) {
                waiting.insert(question.place(expected));
            }
        }
        let waiting: Vec<Place> = waiting.into_iter().collect();
        let (active, more) = Box::pin(self.active_at(&waiting, question)).await?;
        let services = expected.into_iter().zip(heres).map(|(expected, mut here)| {
            let place = question.place(&expected);
            here.active = active.get(&place).cloned().unwrap_or_default();
            let live = cells.get(&place).and_then(|cell| running(&cell.then));
            ServiceStanding { state: expected.state(&here), live, expected }
        });
        Ok((services.collect(), more))
    }

    async fn place_then(
        &self,
        place: &Place,
        now: Cell,
        retirements: &[Moment],
        ReleaseQuestion { as_of, known_at, .. }: ReleaseQuestion<'_>,
    ) -> Result<Cell, StoreError> {
        if as_of.is_none() && known_at.is_none() {
            return self.cell_now(place, now, retirements).await;
        }
        self.cell_at(place, (&now, retirements), as_of.unwrap_or(Timestamp::MAX), known_at).await
    }

    /// What is known of each service but for what is on its way there.
    async fn first_landings(
        &self,
        expected: &[Expected],
        cells: &BTreeMap<Place, PlaceThen>,
        question: ReleaseQuestion<'_>,
    ) -> Result<Vec<Here>, StoreError> {
        let places: Vec<Place> = expected.iter().map(|expected| question.place(expected)).collect();
        let empty = PlaceThen { now: Cell::empty(), then: Cell::empty() };
        let cells: Vec<&PlaceThen> = places.iter().map(|place| cells.get(place).unwrap_or(&empty)).collect();
        let lives =
            |cell: &PlaceThen| -> Vec<Thing> { parts(&cell.then).iter().map(|(_, live)| Thing::from(live)).collect() };
        let asked: Vec<Asked<'_>> = expected
            .iter()
            .zip(&places)
            .zip(&cells)
            .map(|((expected, place), cell)| {
                let lives = lives(cell);
                let differ = lives.iter().any(|live| !live.is_same(&expected.thing));
                let things =
                    if differ { lives.into_iter().chain([expected.thing.clone()]).collect() } else { Vec::new() };
                Asked { place, cell: &cell.now, things, up_to: question.by() }
            })
            .collect();
        let landed = match question.known_at {
            None => self.landed(&asked).await?,
            Some(known) => {
                let of_log = asked.iter().map(|asked| self.landed_as_known(asked.place, asked.up_to, known));
                try_join_all(of_log).await?
            }
        };
        let heres = landed.into_iter().zip(expected).zip(places.iter().zip(cells)).map(
            |((landed, expected), (place, cell))| async move {
                let parts = parts(&cell.then).into_iter().map(|(region, live)| InPart {
                    first: landed.first(&Thing::from(&live), region.as_ref()),
                    expected_first: landed.first(&expected.thing, region.as_ref()),
                    live,
                });
                let here = Here {
                    parts: parts.collect(),
                    landed: self.ever_landed(place, &landed).await?,
                    active: Vec::new(),
                    last: cell.then.newest_attempt().map(LastAttempt::from),
                };
                Ok::<_, StoreError>(here)
            },
        );
        try_join_all(heres).await
    }

    /// Whether anything landed in a place.
    async fn ever_landed(&self, place: &Place, landed: &Landed) -> Result<bool, StoreError> {
        let (newest, whole) = landed.newest_first(None);
        if whole || newest.iter().any(domain::live::Entry::lands) {
            return Ok(newest.iter().any(domain::live::Entry::lands));
        }
        let (newest, _) = self.landed_further(place, landed.clone()).await?.newest_first(None);
        Ok(newest.iter().any(domain::live::Entry::lands))
    }
}

/// The parts of a place in which anything runs: all of it, or each region where regions disagree.
fn parts(cell: &Cell) -> Vec<(Option<domain::Region>, domain::live::Live)> {
    let Some(shown) = running(cell) else { return Vec::new() };
    if !shown.mixed {
        return vec![(None, shown.live)];
    }
    let running = shown.regions.into_iter().filter(|region| region.live.is_running());
    running.map(|region| (Some(region.region), region.live)).collect()
}
