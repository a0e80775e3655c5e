//! What one environment runs beside another.

use std::collections::{BTreeMap, BTreeSet};

use api::{ComparedService, Comparison, LiveCell};
use domain::identifiers::{Identifier as _, key_part};
use domain::live::{Cell, Place, Shown};
use domain::questions::asked::Asked;
use domain::{DeploymentId, Environment, Service, State, Timestamp};
use futures_util::future::{try_join, try_join_all};
use store::ReadItems;

use super::at::{Standing, When};
use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;

pub(super) mod pair;

use pair::Pair;

/// One of the two environments, at a time.
#[derive(Clone)]
pub(super) struct Environs {
    pub(super) environment: Environment,
    pub(super) as_of: Option<Timestamp>,
}

/// A service in both.
struct Both {
    service: Service,
    from: Standing,
    to: Standing,
}

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn compare(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let (from, to) = (parameters.required_environment("from"), parameters.required_environment("to"));
        let service: Asked<Service> = parameters.service();
        let as_of = parameters.time_up_to("asOf");
        let known_at = parameters.time_up_to("knownAt");
        let (from_as_of, to_as_of) = (parameters.time_up_to("fromAsOf"), parameters.time_up_to("toAsOf"));
        let limit = parameters.limit();
        let position = parameters.position(|position| Service::from_key_part(position).is_ok());
        parameters.finish()?;
        // Without them it was finished.
        let (Some(from), Some(to)) = (from, to) else { return Err(Vec::new().into()) };
        let leads = parameters.settings().path.leads(&from, &to);
        let from = Environs { environment: from, as_of: from_as_of.or(as_of) };
        let to = Environs { environment: to, as_of: to_as_of.or(as_of) };
        let (standings, next) = self.both((&from, &to), known_at, (&service, position.as_deref(), limit)).await?;
        let pairs: Vec<Pair<'_>> = standings
            .iter()
            .map(|Both { service, from: in_from, to: in_to }| Pair::new(service, (&from, in_from), (&to, in_to), leads))
            .collect();
        let compared = self.compared(&pairs, known_at).await?;
        // What is said of a deployment now may not have been known then.
        let states =
            if service.name().is_some() && known_at.is_none() { Some(self.states(&compared).await?) } else { None };
        let answered_at = from.as_of.unwrap_or(now).max(to.as_of.unwrap_or(now));
        let items = compared.into_iter().filter_map(|compared| compared.shown(answered_at, states.as_ref()));
        let time = |time: Option<Timestamp>| time.map(String::from);
        json(&Comparison {
            as_of: time(as_of),
            known_at: time(known_at),
            from_as_of: time(from.as_of),
            to_as_of: time(to.as_of),
            items: items.collect::<Vec<ComparedService>>(),
            next_cursor: parameters.cursor(next),
            from: from.environment.to_string(),
            to: to.environment.to_string(),
        })
    }

    /// The services of both environments in the order of their keys, behind a position, each with its cells.
    async fn both(
        &self,
        (from, to): (&Environs, &Environs),
        known_at: Option<Timestamp>,
        (service, after, limit): (&Asked<Service>, Option<&str>, usize),
    ) -> Result<(Vec<Both>, Option<String>), Unanswered> {
        let (in_from, in_to) = try_join(
            self.cells_of(&from.environment, service, after, limit),
            self.cells_of(&to.environment, service, after, limit),
        )
        .await?;
        // Behind the page of an environment that has more nothing is known of it.
        let ends = [&in_from, &in_to].into_iter().filter(|(_, more)| *more);
        let horizon = ends.filter_map(|(cells, _)| cells.last().map(|(place, _)| part(place))).min();
        let mut keys: BTreeSet<String> =
            [&in_from, &in_to].iter().flat_map(|(cells, _)| cells.iter().map(|(place, _)| part(place))).collect();
        keys.retain(|key| horizon.as_ref().is_none_or(|horizon| key <= horizon));
        let cut = keys.len() > limit;
        let keys: BTreeSet<String> = keys.into_iter().take(limit).collect();
        let next = keys.last().filter(|_| cut || horizon.is_some()).cloned();
        let on_page = |cells: Vec<(Place, Cell)>| -> Vec<(Place, Cell)> {
            cells.into_iter().filter(|(place, _)| place.is_known() && keys.contains(&part(place))).collect()
        };
        let environments = [&from.environment, &to.environment].map(Clone::clone);
        let retirements = self.reader.retirements_of(&environments).await?;
        let (in_from, in_to) = try_join(
            self.standings(on_page(in_from.0), &retirements, When { as_of: from.as_of, known_at }),
            self.standings(on_page(in_to.0), &retirements, When { as_of: to.as_of, known_at }),
        )
        .await?;
        let mut both: BTreeMap<String, Both> = BTreeMap::new();
        for (place, from) in in_from {
            both.insert(part(&place), Both { service: place.service, from, to: Standing::default() });
        }
        for (place, to) in in_to {
            let none = |service| Both { service, from: Standing::default(), to: Standing::default() };
            both.entry(part(&place)).or_insert_with(|| none(place.service)).to = to;
        }
        Ok((both.into_values().collect(), next))
    }

    /// Cells of an environment behind a position, of one service if it is named, and whether there are more.
    async fn cells_of(
        &self,
        environment: &Environment,
        service: &Asked<Service>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(Place, Cell)>, bool), Unanswered> {
        let Some(service) = service.name() else {
            let (cells, next) = self.reader.cells(environment, after, limit).await?;
            return Ok((cells, next.is_some()));
        };
        let place = Place { environment: environment.clone(), service: service.clone() };
        let cell = self.reader.cell(&place).await?;
        Ok((cell.into_iter().map(|cell| (place.clone(), cell)).collect(), false))
    }

    /// The deployments that stand between.
    async fn states(&self, compared: &[pair::ComparedPair<'_>]) -> Result<BTreeMap<DeploymentId, State>, Unanswered> {
        let ids: BTreeSet<&DeploymentId> = compared.iter().flat_map(pair::ComparedPair::deployments).collect();
        let states = try_join_all(ids.into_iter().map(|id| self.reader.state(id))).await?;
        Ok(states.into_iter().flatten().map(|state| (state.summary.deployment_id.clone(), state)).collect())
    }
}

/// A place's service as it stands in a key: by it both environments are in one order.
fn part(place: &Place) -> String {
    key_part::escape(place.service.as_str()).into_owned()
}

/// What is shown of a place.
fn live_cell(environs: &Environs, service: &Service, shown: Shown) -> LiveCell {
    let place = Place { environment: environs.environment.clone(), service: service.clone() };
    LiveCell::new(&place, shown)
}
