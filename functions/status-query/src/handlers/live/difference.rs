//! How the cells of a page stand to the environment before theirs on the promotion path.

use std::collections::{BTreeMap, BTreeSet};

use api::Difference;
use domain::live::Place;
use domain::settings::Path;
use domain::{Environment, Region, Timestamp};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::{Standing, When};
use crate::handlers::compare::Environs;
use crate::handlers::compare::pair::Pair;

/// A place, and the same service in the environment before it.
struct Step<'s> {
    from: Environs,
    to: Environs,
    place: &'s Place,
    in_from: &'s Standing,
    in_to: &'s Standing,
}

impl<S: ReadItems> StatusQuery<S> {
    /// How each of these places stands, where something runs there and in the environment before it. The cells of
    /// that which are not on the page are read in one round trip.
    pub(super) async fn differences(
        &self,
        page: &BTreeMap<Place, Standing>,
        path: &Path,
        (when, region): (When, Option<&Region>),
        now: Timestamp,
    ) -> Result<BTreeMap<Place, Difference>, Unanswered> {
        let known = if path.is_listed() { Vec::new() } else { self.reader.environments().await? };
        let before = |place: &Place| -> Option<Place> {
            let environment = path.before(&place.environment, &known)?.clone();
            Some(Place { environment, service: place.service.clone() })
        };
        let pairs: Vec<(&Place, Place)> =
            page.keys().filter_map(|place| before(place).map(|before| (place, before))).collect();
        let others = pairs.iter().map(|(_, before)| before).filter(|before| !page.contains_key(before));
        let others = self.others(&others.cloned().collect(), when).await?;
        let steps = pairs.into_iter().filter_map(|(place, before)| {
            let in_from = page.get(&before).or_else(|| others.get(&before))?;
            let in_to = page.get(place)?;
            let [from, to] = [before.environment, place.environment.clone()];
            let [from, to] = [from, to].map(|environment| Environs { environment, as_of: when.as_of });
            Some(Step { from, to, place, in_from, in_to })
        });
        let steps: Vec<Step<'_>> = steps.collect();
        let pairs = steps
            .iter()
            .map(|step| Pair::new(&step.place.service, (&step.from, step.in_from), (&step.to, step.in_to), true));
        let pairs: Vec<Pair<'_>> = pairs.collect();
        let compared = self.compared(&pairs, when.known_at).await?;
        let told = steps.iter().zip(compared).filter_map(|(step, compared)| {
            let compared = compared.compared(region, when.as_of.unwrap_or(now))?;
            Some((step.place.clone(), Difference::new(step.from.environment.to_string(), compared)))
        });
        Ok(told.collect())
    }

    /// Places that are not on the page.
    async fn others(&self, places: &BTreeSet<Place>, when: When) -> Result<BTreeMap<Place, Standing>, Unanswered> {
        let cells = self.reader.cells_of(places).await?;
        let environments: BTreeSet<Environment> = cells.keys().map(|place| place.environment.clone()).collect();
        let environments: Vec<Environment> = environments.into_iter().collect();
        let retirements = self.reader.retirements_of(&environments).await?;
        Ok(self.standings(cells.into_iter().collect(), &retirements, when).await?.into_iter().collect())
    }
}
