//! One environment.

use std::collections::BTreeMap;

use api::{ComparedService, Comparison, Gate, Problem};
use domain::identifiers::Identifier as _;
use domain::questions::asked::Asked as AskedName;
use domain::settings::Freeze;
use domain::{Environment, Timestamp};
use futures_util::future::try_join_all;
use pages::environment::{Asking, Candidate, Next, may_come};
use pages::{Asked, Page, route};
use store::ReadItems;

use super::parameters;
use super::place::actor;
use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;

/// How many pages of a comparison are read, each of 100 services.
const PAGES: usize = 5;
/// About how many services the gate is asked.
const GATES: usize = 10;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn environment_page(&self, asked: &Asked, when: When, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let name = asked.name(route::ENVIRONMENT).ok_or_else(|| Problem::new(404, "name one behind /environments/"))?;
        let environment =
            Environment::parse(name).map_err(|invalid| Problem::wrong_field("environment", invalid.to_string()))?;
        let question = AskedName::of(environment, &settings.names.environments);
        let environment = question.name().cloned().unwrap_or_else(Environment::unknown);
        let mut known = self.reader.environments().await?;
        let is_known = known.iter().any(|one| question.includes(one));
        if !is_known && settings.settings.environment(&environment).is_none() {
            settings.path.sort(&mut known, |name| name);
            let known: Vec<&str> = known.iter().map(Environment::as_str).collect();
            let detail = format!("no environment {name}: no deployment named it; there are {}", known.join(", "));
            return Err(Problem::new(404, detail).into());
        }
        let live = LiveQuestion {
            environment: question,
            when,
            with_difference: true,
            with_active: true,
            with_verdict: true,
            ..LiveQuestion::default()
        };
        let cells = self.all_live(live, &settings, now).await?;
        let states = self.done_by(cells.iter().filter_map(|cell| cell.deployment_id.as_deref()), when).await?;
        let by: BTreeMap<String, String> =
            states.into_iter().filter_map(|(id, state)| Some((id.to_string(), actor(&state)?))).collect();
        let before = settings.path.before(&environment, &known).map(ToString::to_string);
        let (items, more) = match &before {
            Some(before) => self.candidates(asked, before, environment.as_str(), now).await?,
            None => (Vec::new(), false),
        };
        let then = self.settings_of(when.as_of, &settings).await?;
        let freezes: Vec<&Freeze> = then
            .settings
            .freezes
            .iter()
            .filter(|freeze| freeze.is_about(&environment, &then.names) && asked.at() < freeze.to)
            .collect();
        let of = pages::environment::Environment {
            name: environment.as_str(),
            cells: &cells,
            by: &by,
            next: before.as_ref().map(|before| Next { before, items: &items, more }),
            freezes: &freezes,
        };
        Ok(pages::environment::page(asked, &of))
    }

    /// What may come from the environment before, the first of it with what the gate says; and whether there are more
    /// services than were compared.
    async fn candidates(
        &self,
        asked: &Asked,
        before: &str,
        environment: &str,
        now: Timestamp,
    ) -> Result<(Vec<Candidate>, bool), Unanswered> {
        let (mut compared, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
        let more = loop {
            let mut query = Self::times(asked);
            query.extend(parameters([("from", before), ("to", environment), ("limit", "100")]));
            query.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
            let page: Comparison = self.ask("/v1/compare", query, now).await?;
            compared.extend(page.items.into_iter().filter(may_come));
            (cursor, pages) = (page.next_cursor, pages + 1);
            if cursor.is_none() || pages == PAGES {
                break cursor.is_some();
            }
        };
        let candidates = compared.into_iter().enumerate().map(|(nth, compared)| async move {
            let gate =
                if nth < GATES { self.asking(asked, &compared, environment, now).await? } else { Asking::NotAsked };
            Ok::<_, Unanswered>(Candidate { compared, gate })
        });
        Ok((try_join_all(candidates).await?, more))
    }

    /// What the gate says of what runs in the environment before.
    async fn asking(
        &self,
        asked: &Asked,
        compared: &ComparedService,
        environment: &str,
        now: Timestamp,
    ) -> Result<Asking, Unanswered> {
        let from = compared.from.as_ref();
        let Some(version) = from.and_then(|from| from.version.as_ref()) else { return Ok(Asking::NoVersion) };
        let mut query = Self::times(asked);
        let of = [("service", &*compared.service), ("environment", environment), ("version", version)];
        query.extend(parameters(of));
        let commit = from.and_then(|from| from.commit.clone());
        query.extend(commit.map(|commit| ("commit".to_owned(), commit)));
        Ok(Asking::Answered(Box::new(self.ask::<Gate>("/v1/gate", query, now).await?)))
    }
}
