//! Pages: what the API answers, as HTML.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::routes::{Function, find};
use api::{
    Comparison, Deployment, ListedDeployment, LiveCell, Metrics, Problem, RecordedEvent, Request, Response,
    Verification, entity_tag,
};
use domain::identifiers::Identifier as _;
use domain::{Environment, Timestamp};
use futures_util::future::{try_join, try_join3, try_join4};
use pages::overview::Overview;
use pages::{Asked, Page, Route, headers, problem, route};
use serde::de::DeserializeOwned;
use store::ReadItems;

use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;
use crate::{Failed, SettingsInUse, StatusQuery};

/// How many cells are read at once.
const CELLS: usize = 4000;

impl<S: ReadItems> StatusQuery<S> {
    /// The page at a path.
    pub(crate) async fn page(&self, request: &Request, route: Route, now: Timestamp) -> Result<Response, Failed> {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            let detail = format!("{} is not allowed for this page; use GET", request.method);
            return Ok(Response::problem(&Problem::new(405, detail), &request.id).with("allow", "GET"));
        }
        if let Route::Asset(asset) = route {
            let response = Response { status: 200, headers: Vec::new(), body: asset.content.to_owned() };
            let kept = "public, max-age=31536000, immutable";
            return Ok(response
                .with("content-type", asset.media_type)
                .with("cache-control", kept)
                .with("x-content-type-options", "nosniff"));
        }
        let asked = Asked::new(&request.path, &request.query, now);
        let shown = match self.page_of(&asked, route, now).await {
            Ok(page) => Ok(page),
            Err(Unanswered::Problem(wrong)) => Err(wrong),
            Err(Unanswered::Store(error)) => {
                tracing::warn!(%error, "a page is not answered");
                Err(Problem::new(503, "this can't be read at the moment; try again"))
            }
            Err(Unanswered::Unwritable(error)) => return Err(error.into()),
        };
        let (status, page) = match shown {
            Ok(page) => (200, page),
            Err(wrong) => (wrong.status, problem::page(&wrong)),
        };
        let tag = entity_tag(&page.facts());
        let known = status == 200 && request.has(&tag);
        let (status, body) = if known { (304, String::new()) } else { (status, page.document(&asked)) };
        let response = Response { status, headers: Vec::new(), body };
        let response = response
            .with("content-type", "text/html; charset=utf-8")
            .with("etag", tag)
            .with("cache-control", "no-cache");
        Ok(headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value)))
    }

    async fn page_of(&self, asked: &Asked, route: Route, now: Timestamp) -> Result<Page, Unanswered> {
        let request = Request { query: asked.query.clone(), ..Request::default() };
        let given = request.parameters(route.parameters())?;
        let time = |name: &str| -> Result<Option<Timestamp>, Unanswered> {
            let parsed = given.get(name).map(|text| Timestamp::parse_up_to(text)).transpose();
            parsed.map_err(|invalid| Problem::wrong_field(name, invalid.to_string()).into())
        };
        let when = When { as_of: time("asOf")?, known_at: time("knownAt")? };
        match route {
            Route::Overview => self.overview_page(asked, now).await,
            Route::Live => self.live_page(asked, when, now).await,
            Route::Compare => self.compare_page(asked, now).await,
            Route::Deployments => self.deployments_page(asked, now).await,
            Route::Deployment => self.deployment_page(asked, now).await,
            Route::Asset(_) => Err(Problem::new(404, "no such page").into()),
        }
    }

    async fn live_page(&self, asked: &Asked, when: When, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let cells =
            self.all_live(LiveQuestion { when, with_active: true, ..LiveQuestion::default() }, &settings, now).await?;
        let is_ephemeral = |name: &str| Environment::parse(name).is_ok_and(|name| settings.path.is_ephemeral(&name));
        let environments = cells.iter().map(|cell| &cell.environment).filter(|name| is_ephemeral(name));
        let ephemeral: BTreeSet<String> = environments.cloned().collect();
        let production = settings.settings.environments.iter().find(|environment| environment.production);
        let on_path = |cell: &&LiveCell| {
            Environment::parse(&cell.environment).is_ok_and(|name| settings.path.leads_through(&name))
        };
        let last = cells.iter().rfind(on_path).map(|cell| cell.environment.as_str());
        let main = production.map(|environment| environment.name.as_str()).or(last);
        pages::live::page(asked, &cells, &ephemeral, main).map_err(|wrong| Problem::wrong_fields(vec![wrong]).into())
    }

    async fn overview_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let parameter = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let figures = try_join(
            self.ask::<Metrics>("/v1/metrics", parameter("hours", "24"), now),
            self.ask::<Metrics>("/v1/metrics", parameter("hours", "168"), now),
        );
        let (active, latest, (day, week), cells) = try_join4(
            self.all_active(),
            self.ask::<api::Page<ListedDeployment>>("/v1/deployments", parameter("limit", "10"), now),
            figures,
            self.all_live(LiveQuestion::default(), &settings, now),
        )
        .await?;
        let overview = Overview {
            cells: &cells,
            active: &active,
            latest: &latest.items,
            figures: [&day, &week],
            freezes: &settings.settings.freezes,
        };
        Ok(pages::overview::page(asked, &overview))
    }

    /// The cells of all environments, each with how it stands to the environment before it.
    async fn all_live(
        &self,
        question: LiveQuestion,
        settings: &SettingsInUse,
        now: Timestamp,
    ) -> Result<Vec<LiveCell>, Unanswered> {
        let question = LiveQuestion { with_difference: true, limit: CELLS, ..question };
        let (mut cells, mut position) = (Vec::new(), None);
        loop {
            let (some, next) = self.live(&question, position.as_deref(), &settings.path, now).await?;
            cells.extend(some);
            if next.is_none() {
                return Ok(cells);
            }
            position = next;
        }
    }

    /// All deployments that have not ended, the newest first.
    async fn all_active(&self) -> Result<Vec<Deployment>, Unanswered> {
        let environments = self.reader.environments().await?;
        let mut active: Vec<Deployment> =
            self.reader.all_active(&environments).await?.iter().map(Deployment::from).collect();
        active.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.deployment_id.cmp(&b.deployment_id)));
        Ok(active)
    }

    async fn compare_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let mut environments = self.reader.environments().await?;
        settings.path.sort(&mut environments, |name| name);
        let known = environments.into_iter().filter(|name| *name != Environment::unknown());
        let environments: Vec<String> = known.map(|name| name.to_string()).collect();
        let (Some(from), Some(to)) = (asked.parameter("from"), asked.parameter("to")) else {
            return Ok(pages::compare::form_page(asked, &environments));
        };
        for (field, name) in [("from", from), ("to", to)] {
            let known = Environment::parse(name).is_ok_and(|name| {
                let name = settings.names.environments.resolve(&name);
                settings.settings.environment(name).is_some() || environments.iter().any(|one| one == name.as_str())
            });
            if !known {
                return Err(Problem::wrong_field(field, format!("must be one of {}", environments.join(", "))).into());
            }
        }
        let mut comparison: Option<Comparison> = None;
        loop {
            let mut query = asked.query.clone();
            query.push(("limit".to_owned(), "100".to_owned()));
            let cursor = comparison.as_ref().and_then(|all| all.next_cursor.clone());
            query.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
            let page: Comparison = self.ask("/v1/compare", query, now).await?;
            let more = page.next_cursor.is_some();
            let all = match comparison.take() {
                None => page,
                Some(mut all) => {
                    all.items.extend(page.items);
                    Comparison { next_cursor: page.next_cursor, ..all }
                }
            };
            if !more {
                return Ok(pages::compare::page(asked, &environments, &all));
            }
            comparison = Some(all);
        }
    }

    async fn deployments_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let list: api::Page<ListedDeployment> = self.ask("/v1/deployments", asked.query.clone(), now).await?;
        Ok(pages::deployments::page(asked, &list.items, list.next_cursor.as_deref()))
    }

    async fn deployment_page(&self, asked: &Asked, now: Timestamp) -> Result<Page, Unanswered> {
        let id = asked.path.strip_prefix(route::DEPLOYMENT).unwrap_or_default();
        let path = format!("/v1/deployments/{id}");
        let most = vec![("limit".to_owned(), "100".to_owned())];
        let (deployment, events, verified) = try_join3(
            self.ask::<Deployment>(&path, Vec::new(), now),
            self.ask::<api::Page<RecordedEvent>>(&format!("{path}/events"), most, now),
            self.ask::<Verification>(&format!("{path}/verify"), Vec::new(), now),
        )
        .await?;
        Ok(pages::deployment::page(asked, &deployment, &events.items, &verified))
    }

    /// What the API answers.
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Vec<(String, String)>,
        now: Timestamp,
    ) -> Result<T, Unanswered> {
        let request = Request { method: "GET".to_owned(), path: path.to_owned(), query, ..Request::default() };
        let found = find(Function::StatusQuery, &request.method, &request.path);
        let found = found.map_err(|_| Problem::new(404, "no such page"))?;
        let answer = Box::pin(self.answer(&request, found, now)).await?;
        serde_json::from_str(&answer).map_err(Unanswered::Unwritable)
    }

    async fn settings_in_use(&self, now: Timestamp) -> Result<Arc<SettingsInUse>, Unanswered> {
        let held = self.in_force.get(&self.reader, now).await.map_err(|error| {
            tracing::error!(%error, "the settings can't be read");
            Problem::new(503, "the settings can't be read at the moment; try again")
        })?;
        Ok(held.0)
    }
}
