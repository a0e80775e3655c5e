//! One service.

use std::collections::{BTreeMap, BTreeSet};

use api::Problem;
use domain::identifiers::Identifier as _;
use domain::live::Place;
use domain::questions::asked::Asked as AskedName;
use domain::{Environment, Service, Timestamp};
use pages::service::{DONE, Done, Lane, days};
use pages::{Asked, Page, route};
use store::ReadItems;
use store::reader::timeline::Span;

use super::place::actor;
use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;

/// Of how many environments the timeline is shown.
const LANES: usize = 12;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn service_page(&self, asked: &Asked, when: When, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let name = asked.name(route::SERVICE).ok_or_else(|| Problem::new(404, "name a service behind /services/"))?;
        let service = Service::parse(name).map_err(|invalid| Problem::wrong_field("service", invalid.to_string()))?;
        let days = days(asked).map_err(|wrong| Problem::wrong_fields(vec![wrong]))?;
        let service = AskedName::of(service, &settings.names.services);
        let mut environments = self.reader.environments_for(&AskedName::default(), &service).await?;
        if environments.is_empty() {
            let detail = format!("no service {name}: no deployment named it; names are told apart by their case");
            return Err(Problem::new(404, detail).into());
        }
        settings.path.sort(&mut environments, |name| name);
        let question = LiveQuestion {
            service: service.clone(),
            when,
            with_difference: true,
            with_active: true,
            with_verdict: true,
            ..LiveQuestion::default()
        };
        let cells = self.all_live(question, &settings, now).await?;
        let (ephemeral, lasting): (Vec<Environment>, Vec<Environment>) =
            environments.into_iter().partition(|name| settings.path.is_ephemeral(name));
        let ephemeral: BTreeSet<String> = ephemeral.iter().map(ToString::to_string).collect();
        let shown = lasting.iter().take(LANES);
        let places: Vec<Place> = shown
            .flat_map(|environment| service.names().iter().map(|service| (environment.clone(), service.clone())))
            .map(|(environment, service)| Place { environment, service })
            .collect();
        let until = asked.at();
        let since = until.plus_millis(-i64::from(days) * 86_400_000);
        let timelines = self.timelines(&places, Span { since, until, known_at: when.known_at }).await?;
        let canonical = service.name().map(ToString::to_string).unwrap_or_default();
        let lanes = timelines.into_iter().flat_map(|(place, parts)| {
            let (environment, recorded) = (place.environment.to_string(), place.service.to_string());
            let recorded_as = (recorded != canonical).then_some(recorded);
            parts.into_iter().map(move |(region, timeline)| Lane {
                environment: environment.clone(),
                region: region.map(String::from),
                recorded_as: recorded_as.clone(),
                timeline,
            })
        });
        // What never ran in all these days, under a name that is another's alias, needs no row of its own.
        let told = |lane: &Lane| lane.recorded_as.is_none() || !lane.timeline.bands.is_empty();
        let lanes: Vec<Lane> = lanes.filter(told).collect();
        let main = settings.settings.environments.iter().find(|environment| environment.production);
        let on_path = lasting.iter().rfind(|name| settings.path.leads_through(name));
        let main = main.map(|environment| &environment.name).or(on_path).map(ToString::to_string);
        let of = pages::service::Service {
            name: &canonical,
            done: &self.done(&cells, &lanes, when).await?,
            cells: &cells,
            ephemeral: &ephemeral,
            main: main.as_deref(),
            lanes: &lanes,
            without_lane: lasting.len().saturating_sub(LANES),
            days,
        };
        Ok(pages::service::page(asked, &of))
    }

    /// By whom what runs came, and what ended last, and how long that took.
    async fn done(
        &self,
        cells: &[api::LiveCell],
        lanes: &[Lane],
        when: When,
    ) -> Result<BTreeMap<String, Done>, Unanswered> {
        let endings = lanes.iter().flat_map(|lane| lane.timeline.endings.iter());
        let mut endings: Vec<_> = endings.filter(|ending| !ending.is_retirement()).collect();
        endings.sort_unstable_by(|a, b| b.cmp(a));
        let ended = endings.iter().take(DONE).map(|ending| ending.deployment_id.as_str());
        let live = cells.iter().filter_map(|cell| cell.deployment_id.as_deref());
        let states = self.done_by(live.chain(ended), when).await?;
        let done = states.into_iter().map(|(id, state)| {
            let took = state.summary.finished_at().zip(state.summary.duration_seconds());
            let took = took.map(|(at, seconds)| (at.to_string(), seconds));
            (id.to_string(), Done { by: actor(&state), took })
        });
        Ok(done.collect())
    }
}
