//! What runs where, now or at a point in time.

use std::collections::{BTreeMap, BTreeSet};

use api::{LiveCell, Page};
use domain::identifiers::Identifier;
use domain::live::Cell;
use domain::questions::asked::Asked;
use domain::settings::Path;
use domain::{Environment, Region, Service, Timestamp};
use futures_util::future::try_join;
use store::ReadItems;

use super::at::{Standing, When};

use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;

mod active;
mod difference;
mod places;

use places::Places;

fn is<T: Identifier>(part: &str) -> bool {
    T::from_key_part(part).is_ok()
}

/// A question for what is live.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the question")]
pub(crate) struct LiveQuestion {
    pub(crate) environment: Asked<Environment>,
    pub(crate) service: Asked<Service>,
    pub(crate) region: Option<Region>,
    pub(crate) when: When,
    pub(crate) with_retired: bool,
    pub(crate) with_difference: bool,
    pub(crate) with_active: bool,
    pub(crate) with_verdict: bool,
    pub(crate) limit: usize,
}

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_live(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let question = LiveQuestion {
            environment: parameters.environment(),
            service: parameters.service(),
            region: parameters.identifier("region"),
            when: When { as_of: parameters.time_up_to("asOf"), known_at: parameters.time_up_to("knownAt") },
            with_retired: parameters.flag("retired"),
            with_difference: parameters.flag("difference"),
            with_active: parameters.flag("active"),
            with_verdict: parameters.flag("verdict"),
            limit: parameters.limit(),
        };
        let with_service = question.service.name().is_some();
        let position = parameters.position(|position| match position.split_once('#') {
            Some((environment, of)) => !with_service && is::<Environment>(environment) && is::<Service>(of),
            None => with_service && is::<Environment>(position),
        });
        parameters.finish()?;
        let (items, next) = self.live(&question, position.as_deref(), &parameters.settings().path, now).await?;
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }

    /// The cells of a page, and the position to go on from.
    pub(crate) async fn live(
        &self,
        question: &LiveQuestion,
        position: Option<&str>,
        path: &Path,
        now: Timestamp,
    ) -> Result<(Vec<LiveCell>, Option<String>), Unanswered> {
        let LiveQuestion { environment, service, region, when, limit, .. } = question;
        let mut environments = self.reader.environments_for(environment, service).await?;
        path.sort(&mut environments, |name| name);
        let after = position.map(|position| position.split_once('#').unwrap_or((position, "")));
        let after = after.and_then(|(environment, of)| Some((Environment::from_key_part(environment).ok()?, of)));
        let order = |name: &Environment| path.order(name);
        if let Some((last, _)) = &after {
            let last = order(last);
            environments.retain(|name| order(name) >= last);
        }
        let with_active = question.with_active && when.as_of.is_none() && when.known_at.is_none();
        let Places { cells, under_way, next } = match service.names() {
            [] => self.of_environments(&environments, after, *limit, with_active, now).await?,
            services => {
                environments.retain(|name| after.as_ref().is_none_or(|(last, _)| name != last));
                self.of_services(&environments, services, *limit, with_active, now).await?
            }
        };
        let on_page: BTreeSet<&Environment> = cells.iter().map(|(place, _)| &place.environment).collect();
        let on_page: Vec<Environment> = on_page.into_iter().cloned().collect();
        // What was told by a time in the past is not kept.
        let noted = async {
            if question.with_verdict && when.is_now() {
                self.reader.noted_verdicts().await
            } else {
                Ok(BTreeMap::new())
            }
        };
        let (retirements, noted) = try_join(self.reader.retirements_of(&on_page), noted).await?;
        let standings = self.standings(cells, &retirements, *when).await?;
        let differences = if question.with_difference {
            let page = standings.iter().map(|(place, standing)| (place.clone(), standing.clone())).collect();
            self.differences(&page, path, (*when, region.as_ref()), now).await?
        } else {
            BTreeMap::new()
        };
        let retired = if question.with_retired { self.reader.retired(&on_page).await? } else { BTreeSet::new() };
        // A place that nothing has ended in yet, or that was emptied, shows nothing, unless something is under way
        // there. What has no place yet is in no matrix, unless it is asked for by its name.
        let asked = environment.name() == Some(&Environment::unknown()) || service.name() == Some(&Service::unknown());
        let known = standings.into_iter().filter(|(place, _)| asked || place.is_known());
        let shown = known.filter_map(|(place, Standing { then: cell, .. })| {
            let active = under_way.get(&place).map_or(&[][..], Vec::as_slice);
            let shown = match region {
                Some(region) => {
                    let begun = active.iter().any(|one| one.region.as_deref() == Some(region.as_str()));
                    cell.shown_in(region).or_else(|| begun.then(|| Cell::empty().shown_emptied()))?
                }
                None if retired.contains(&place.environment) || !active.is_empty() => cell.shown_emptied(),
                None => cell.shown()?,
            };
            let active = with_active.then(|| active.to_vec());
            let running = shown.regions.iter().map(|region| &region.live).chain([&shown.live]);
            let running = running.filter_map(|live| live.deployment_id.as_ref());
            let verdict = running.filter_map(|id| noted.get(id)).max().copied();
            Some(LiveCell {
                verdict,
                difference: differences.get(&place).cloned(),
                active,
                ..LiveCell::new(&place, shown)
            })
        });
        Ok((shown.collect(), next))
    }
}
