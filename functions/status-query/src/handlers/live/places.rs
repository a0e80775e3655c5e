//! The places of a page: those in which anything ended, and where what is under way is asked for, those too in which
//! something has begun and nothing ended yet.

use std::collections::BTreeMap;

use api::UnderWay;
use domain::identifiers::key_part;
use domain::live::{Cell, Place};
use domain::{Environment, Service, Timestamp};
use futures_util::future::{try_join, try_join_all};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

/// The deployments that have not ended, by their places, the newest of each first.
pub(super) type AllUnderWay = BTreeMap<Place, Vec<UnderWay>>;

/// The places of a page.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Each with what is stored of it; an empty cell where nothing has ended.
    pub(super) cells: Vec<(Place, Cell)>,
    /// What is under way in their environments, where that is asked for.
    pub(super) under_way: AllUnderWay,
    /// The position to go on from.
    pub(super) next: Option<String>,
}

/// So many services an environment usually has at most.
const USUAL: usize = 250;

/// Where a place stands among those of its environment.
fn order(place: &Place) -> String {
    key_part::escape(place.service.as_str()).into_owned()
}

impl<S: ReadItems> StatusQuery<S> {
    /// Environment by environment, each in the order of its services, behind the last one shown. A position is
    /// `<environment>#<service>`, as in keys.
    pub(super) async fn of_environments(
        &self,
        environments: &[Environment],
        after: Option<(Environment, &str)>,
        limit: usize,
        with_active: bool,
        now: Timestamp,
    ) -> Result<Places, Unanswered> {
        let mut places = Places::default();
        // As many side by side as a usual page takes, so that hardly anything is read that the page has no room for.
        'page: for some in environments.chunks((limit / USUAL).max(1)) {
            let room = limit - places.cells.len();
            let start = |of: &Environment| after.as_ref().filter(|(last, _)| last == of).map(|(_, service)| *service);
            let stored = try_join_all(some.iter().map(|of| self.reader.cells(of, start(of), room)));
            let asked = if with_active { some } else { &[] };
            let (stored, mut begun) = try_join(async { Ok(stored.await?) }, self.under_way(asked, now)).await?;
            for (environment, (stored, more)) in some.iter().zip(stored) {
                let room = limit - places.cells.len();
                let here = begun.extract_if(.., |place, _| place.environment == *environment);
                let mut under_way: AllUnderWay = here.collect();
                let (cells, more) = with_begun((stored, more.is_some()), under_way.keys(), start(environment), room);
                places.cells.extend(cells);
                places.under_way.append(&mut under_way);
                if places.cells.len() == limit || more {
                    let key = |place: &Place| key_part::join(&[place.environment.as_str(), place.service.as_str()]);
                    places.next = places.cells.last().map(|(place, _)| key(place));
                    break 'page;
                }
            }
        }
        Ok(places)
    }

    /// Environment by environment. A position is an environment, as in keys: the last one shown.
    pub(super) async fn of_services(
        &self,
        environments: &[Environment],
        services: &[Service],
        limit: usize,
        with_active: bool,
        now: Timestamp,
    ) -> Result<Places, Unanswered> {
        let mut rest = environments.iter();
        let of_page: Vec<Environment> = rest.by_ref().take(limit.div_ceil(services.len())).cloned().collect();
        let next = rest.next().and(of_page.last());
        let next = next.map(|environment| key_part::escape(environment.as_str()).into_owned());
        let places = of_page.iter().flat_map(|environment| {
            services.iter().map(|service| Place { environment: environment.clone(), service: service.clone() })
        });
        let page: Vec<Place> = places.collect();
        let of_all = page.iter().cloned().collect();
        let cells = async { Ok(self.reader.cells_of(&of_all).await?) };
        let asked = if with_active { of_page.as_slice() } else { &[] };
        let (mut cells, under_way) = try_join(cells, self.under_way(asked, now)).await?;
        let begun = |place: &Place| under_way.contains_key(place).then(Cell::empty);
        let cells = page.into_iter().filter_map(|place| {
            let cell = cells.remove(&place).or_else(|| begun(&place))?;
            Some((place, cell))
        });
        Ok(Places { cells: cells.collect(), under_way, next })
    }
}

/// A page of an environment's places behind `start`, and whether there are more behind it: what is stored, with the
/// places among them in which something has begun.
fn with_begun<'p>(
    (stored, more): (Vec<(Place, Cell)>, bool),
    begun: impl Iterator<Item = &'p Place>,
    start: Option<&str>,
    room: usize,
) -> (Vec<(Place, Cell)>, bool) {
    let last = stored.last().filter(|_| more).map(|(place, _)| order(place));
    let mut places: BTreeMap<String, (Place, Cell)> =
        stored.into_iter().map(|(place, cell)| (order(&place), (place, cell))).collect();
    for place in begun {
        let at = order(place);
        // What comes behind the last one that was read is on a later page.
        let is_here = start.is_none_or(|start| *at > *start) && last.as_ref().is_none_or(|last| at < *last);
        if is_here {
            places.entry(at).or_insert_with(|| (place.clone(), Cell::empty()));
        }
    }
    let more = more || places.len() > room;
    (places.into_values().take(room).collect(), more)
}
